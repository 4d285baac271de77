/** Requests on endpoint 0: those of every device (USB 2.0, section 9.4). */

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
  /** A request of the device's class or its vendor; undefined: the pipe stalls. */
  request(setup: Setup, data: Uint8Array): Uint8Array | undefined;
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

const ENDPOINT_HALT = 0;
const NOTHING = new Uint8Array(0);

/** What to answer, at most `length` bytes of it; undefined: the pipe stalls, to refuse. */
export function answerControl(
  target: ControlTarget,
  setup: Setup,
  data: Uint8Array,
): Uint8Array | undefined {
  const { requestType } = setup;
  const type = (requestType >> 5) & 3;
  const answer = type === 0 ? standard(target, setup) : target.request(setup, data);
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
