import { HotshoeError } from '../base/errors.ts';
import { Response, ResponseError } from '../ptp/index.ts';

export const Exit = {
  Done: 0,
  Failed: 1,
  Usage: 2,
  NoCamera: 3,
  Busy: 4,
  Unsupported: 5,
  LinkLost: 6,
  Partly: 7,
  Interrupted: 130,
} as const;

export function exitCodeOf(error: unknown): number {
  if (error instanceof Interrupted) return Exit.Interrupted;
  if (error instanceof OutputClosed) return Exit.Done;
  if (error instanceof ResponseError) {
    if (error.response === Response.Device_Busy) return Exit.Busy;
    if (error.response === Response.Operation_Not_Supported) return Exit.Unsupported;
    return Exit.Failed;
  }
  if (!(error instanceof HotshoeError)) return Exit.Failed;
  switch (error.code) {
    case 'USAGE':
      return Exit.Usage;
    case 'NO_CAMERA':
      return Exit.NoCamera;
    case 'BUSY':
      return Exit.Busy;
    case 'UNSUPPORTED':
    case 'NOT_RECORDED':
      return Exit.Unsupported;
    case 'LINK_LOST':
    case 'CONNECTION_REFUSED':
    case 'UNREACHABLE':
    case 'REJECTED':
    case 'TIMEOUT':
      return Exit.LinkLost;
    default:
      return Exit.Failed;
  }
}

/** The reason of the signal after Ctrl-C. */
export class Interrupted extends Error {
  constructor() {
    super('interrupted');
    this.name = 'Interrupted';
  }
}

/** The reason of the signal when whoever read the output went away: `hotshoe ls | head -1`. */
export class OutputClosed extends Error {
  constructor() {
    super('nobody reads the output any more');
    this.name = 'OutputClosed';
  }
}
