/** Requests on endpoint 0: those of every device (USB 2.0, section 9.4), those of cameras. */
import { Reader, Writer } from '../../bytes/index.ts';

/** A setup packet. */
export interface Setup {
  /** bmRequestType: direction, type and recipient. */
  requestType: number;
  request: number;
  value: number;
  index: number;
  /** wLength: what is sent, or at most asked for. */
  length: number;
}

/** USB Still Image class 1.0, section 5.2. */
const ClassRequest = {
  Cancel: 0x64,
  GetExtendedEventData: 0x65,
  DeviceReset: 0x66,
  GetDeviceStatus: 0x67,
} as const;

export interface ControlTarget {
  /** 0 while none is chosen. */
  configuration: number;
  readonly selfPowered: boolean;
  descriptor(type: number, index: number): Uint8Array | undefined;
  /** False for a value that no configuration has. */
  selectConfiguration(value: number): boolean;
  /** False for an interface, or a setting of it, that is not there. */
  selectAlternate(interfaceNumber: number, alternate: number): boolean;
  hasInterface(interfaceNumber: number): boolean;
  /** Whether the pipe is halted; undefined where no pipe has this address. */
  halted(address: number): boolean | undefined;
  setHalt(address: number, halted: boolean): void;
  cancel(transactionId: number): boolean;
  resetDevice(): void;
  deviceStatus(): { code: number; halted: readonly number[] };
}

const Request = {
  GetStatus: 0,
  ClearFeature: 1,
  SetFeature: 3,
  SetAddress: 5,
  GetDescriptor: 6,
  GetConfiguration: 8,
  SetConfiguration: 9,
  GetInterface: 10,
  SetInterface: 11,
} as const;

const IN = 0x80;
const ENDPOINT_HALT = 0;
const CANCELLATION_CODE = 0x4001;
const NOTHING = new Uint8Array(0);

/** What to answer, at most `length` bytes of it; undefined: the pipe stalls, to refuse. */
export function answerControl(
  target: ControlTarget,
  setup: Setup,
  data: Uint8Array,
): Uint8Array | undefined {
  const { requestType } = setup;
  const type = (requestType >> 5) & 3;
  const answer =
    type === 0 ? standard(target, setup) : type === 1 ? ofClass(target, setup, data) : undefined;
  return answer?.subarray(0, setup.length);
}

function standard(target: ControlTarget, setup: Setup): Uint8Array | undefined {
  const { requestType, request, value, index } = setup;
  const done = (possible: boolean) => (possible ? NOTHING : undefined);
  // Direction and recipient of each request are fixed.
  switch ((requestType << 8) | request) {
    case 0x8000 | Request.GetStatus:
      return Uint8Array.of(target.selfPowered ? 1 : 0, 0);
    case 0x8100 | Request.GetStatus:
      return target.hasInterface(index) ? Uint8Array.of(0, 0) : undefined;
    case 0x8200 | Request.GetStatus: {
      // Endpoint 0 is never halted for long.
      const halted = (index & 0x7f) === 0 ? false : target.halted(index);
      return halted === undefined ? undefined : Uint8Array.of(halted ? 1 : 0, 0);
    }
    case 0x0200 | Request.ClearFeature:
    case 0x0200 | Request.SetFeature:
      if (value !== ENDPOINT_HALT || target.halted(index) === undefined) return undefined;
      target.setHalt(index, request === Request.SetFeature);
      return NOTHING;
    case Request.SetAddress:
      return NOTHING;
    case 0x8000 | Request.GetDescriptor:
      return target.descriptor(value >> 8, value & 0xff);
    case 0x8000 | Request.GetConfiguration:
      return Uint8Array.of(target.configuration);
    case Request.SetConfiguration:
      return done(target.selectConfiguration(value & 0xff));
    case 0x8100 | Request.GetInterface:
      return target.hasInterface(index) ? Uint8Array.of(0) : undefined;
    case 0x0100 | Request.SetInterface:
      return done(target.selectAlternate(index, value));
    default:
      return undefined;
  }
}

function ofClass(target: ControlTarget, setup: Setup, data: Uint8Array): Uint8Array | undefined {
  const { requestType, request, index } = setup;
  if ((requestType & 0x1f) !== 1 || !target.hasInterface(index)) return undefined;
  const isIn = (requestType & IN) !== 0;
  if (isIn && request === ClassRequest.GetDeviceStatus && setup.length >= 4) {
    return encodeStatus(target.deviceStatus());
  }
  if (!isIn && request === ClassRequest.DeviceReset) {
    target.resetDevice();
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
function encodeStatus({ code, halted }: { code: number; halted: readonly number[] }): Uint8Array {
  const writer = new Writer(16).u16(4 + 4 * halted.length).u16(code);
  for (const address of halted) writer.u32(address);
  return writer.finish();
}
