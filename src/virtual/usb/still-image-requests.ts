/** Requests on endpoint 0 that still image cameras know (USB Still Image class 1.0, section 5.2). */
import { Reader, Writer } from '../../bytes/index.ts';
import type { Setup } from './control.ts';
import { INTERFACE_NUMBER } from './descriptors.ts';

const ClassRequest = {
  Cancel: 0x64,
  GetExtendedEventData: 0x65,
  DeviceReset: 0x66,
  GetDeviceStatus: 0x67,
} as const;

export interface StillImageTarget {
  /** False where this transaction is not the one that runs. */
  cancel(transactionId: number): boolean;
  reset(): void;
  readonly status: { code: number; halted: readonly number[] };
}

const IN = 0x80;
const CLASS_OF_INTERFACE = 0x21;
const CANCELLATION_CODE = 0x4001;
const NOTHING = new Uint8Array(0);

/** Undefined: the pipe stalls, to refuse. */
export function answerStillImage(
  target: StillImageTarget,
  setup: Setup,
  data: Uint8Array,
): Uint8Array | undefined {
  const { requestType, request, index } = setup;
  if ((requestType & ~IN) !== CLASS_OF_INTERFACE || index !== INTERFACE_NUMBER) return undefined;
  const isIn = (requestType & IN) !== 0;
  if (isIn && request === ClassRequest.GetDeviceStatus && setup.length >= 4) {
    return encodeStatus(target.status);
  }
  if (!isIn && request === ClassRequest.DeviceReset) {
    target.reset();
    return NOTHING;
  }
  if (!isIn && request === ClassRequest.Cancel && data.length === 6) {
    const reader = new Reader(data, 'Cancel');
    if (reader.u16() !== CANCELLATION_CODE) return undefined;
    return target.cancel(reader.u32()) ? NOTHING : undefined;
  }
  // GetExtendedEventData is optional; no camera seen has events that need it.
  return undefined;
}

/** `u16` length of all of it, `u16` code, `u32` address of each halted pipe. */
function encodeStatus({ code, halted }: StillImageTarget['status']): Uint8Array {
  const writer = new Writer(16).u16(4 + 4 * halted.length).u16(code);
  for (const address of halted) writer.u32(address);
  return writer.finish();
}
