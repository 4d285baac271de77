/** Faults that only a USB link can have. */
import type { FaultKind } from '../fault-kind.ts';

export const usbFaultKinds = {
  babble: { what: 'USB: the next packet is longer than was asked for', times: 1 },
  'stall-command': { what: 'USB: the next command is not taken, its pipe halts', times: 1 },
  'stall-data': { what: 'USB: the pipe halts within the next data', times: 1 },
  'wrong-container-type': { what: 'USB: the next response says that it is data', times: 1 },
  'response-before-data': { what: 'USB: the next data come behind their response', times: 1 },
  'late-data': { what: 'USB: data of the transaction before come first', times: 1 },
  'interrupt-garbage': { what: 'USB: bytes that are no event come before the next one', times: 1 },
  'answered-cancel': { what: 'USB: a cancelled transaction is answered all the same' },
  'split-header': { what: 'USB: the head of data is a transfer of its own' },
  'missing-zlp': { what: 'USB: no empty packet ends what fills its last packet' },
  'surplus-byte': { what: 'USB: a byte stands where an empty packet should' },
} as const satisfies Record<string, FaultKind>;
