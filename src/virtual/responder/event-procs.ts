/** Event procedures: closed until the third knock, then a few that answer and change nothing. */
import {
  EventProcCall,
  encodeText,
  findEventProc,
  PowerShotOperation as Shot,
} from '../../canon/ptp/index.ts';
import { Response } from '../../ptp/index.ts';
import { type Operation, Refusal, receive } from './transaction.ts';

const KNOCKS = 3;
const CALL_LIMIT = 65_536;
/** Of FA_GetProperty. */
const BUILD_VERSION = 0x2000005;
/** What DeviceInfo lists once they are open. */
const OPENED: readonly number[] = [
  Shot.ExecuteEventProc,
  Shot.GetEventProcReturnData,
  Shot.IsEventProcRunning,
  Shot.QuerySizeOfTransparentMemory,
  Shot.LoadTransparentMemory,
  Shot.SaveTransparentMemory,
  Shot.QuickLoadTransparentMemory,
  Shot.InitiateEventProc1,
  Shot.TerminateEventProc1,
  0x905e,
  Shot.GetEventProcReturnData2,
];
const FINISHED = 2;

export class EventProcs {
  #firmware: string;
  #knocks = 0;
  #result = 0;
  #data: Uint8Array | undefined;

  constructor(firmware: string) {
    this.#firmware = firmware;
  }

  /** Operations that are there beside those that are listed at all times. */
  get opened(): readonly number[] {
    return this.#knocks >= KNOCKS ? OPENED : [];
  }

  close(): void {
    this.#knocks = 0;
    this.#data = undefined;
  }

  get operations(): [number, Operation][] {
    const knock: Operation = {
      params: 0,
      run: async () => {
        this.#knocks++;
        return undefined;
      },
    };
    const close: Operation = {
      params: 0,
      run: async () => {
        this.close();
        return undefined;
      },
    };
    return [
      [Shot.InitiateEventProc0, knock],
      [Shot.InitiateEventProc1, knock],
      [Shot.TerminateEventProc0, close],
      [Shot.TerminateEventProc1, close],
      [
        Shot.ExecuteEventProc,
        {
          takesData: true,
          params: 2,
          run: async (transaction) => {
            this.#call(EventProcCall.decode(await receive(transaction, CALL_LIMIT)));
            return [this.#result];
          },
        },
      ],
      [
        Shot.GetEventProcReturnData,
        {
          run: async (transaction) => {
            await transaction.send(this.#data ?? new Uint8Array(0));
            return undefined;
          },
        },
      ],
      [
        Shot.IsEventProcRunning,
        { params: 0, run: async () => [FINISHED, this.#result, this.#data ? 1 : 0] },
      ],
    ];
  }

  /** Known ones give 0, and of data a build version; nobody has told what the others give. */
  #call({ name, args }: EventProcCall): void {
    const found = findEventProc(name);
    if (found?.name !== name) throw new Refusal(Response.General_Error);
    const [property] = args;
    this.#result = 0;
    this.#data =
      property?.kind === 'integer' && property.value === BUILD_VERSION
        ? encodeText(this.#firmware)
        : undefined;
  }
}
