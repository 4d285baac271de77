/**
 * The error types of hotshoe. Every error that reaches a user is one of these (or the reason of an
 * aborted signal): `code` is for programs, `message` says what happened, `hint` what to do next.
 */
export type ErrorCode =
  | 'LINK_LOST'
  | 'CONNECTION_REFUSED'
  | 'UNREACHABLE'
  | 'REJECTED'
  | 'BUSY'
  | 'NO_CAMERA'
  | 'TRUNCATED'
  | 'INVALID_DATA'
  | 'RESPONSE'
  | 'UNSUPPORTED'
  | 'TIMEOUT'
  | 'USAGE'
  | 'NOT_FOUND'
  | 'FILE'
  | 'LISTEN'
  | 'CAPTURE_FAILED'
  | 'FOCUS_FAILED'
  | 'CARD_FULL'
  | 'NO_CARD'
  | 'CARD_LOCKED'
  | 'MIRROR_UP'
  | 'LENS_ERROR'
  | 'NOT_RECORDED';

export interface ErrorOptions {
  hint?: string | undefined;
  cause?: unknown;
}

export class HotshoeError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.hint = options.hint;
  }
}

/** The cable or the socket: refused, unreachable, rejected by the camera's user, lost. */
export class LinkError extends HotshoeError {
  constructor(
    message: string,
    options: ErrorOptions & {
      code?: 'LINK_LOST' | 'CONNECTION_REFUSED' | 'UNREACHABLE' | 'REJECTED' | 'BUSY' | 'NO_CAMERA';
    } = {},
  ) {
    super(options.code ?? 'LINK_LOST', message, options);
  }
}

/** Something that was awaited did not come in time; the message names it. */
export class TimeoutError extends HotshoeError {
  constructor(message: string, options: ErrorOptions = {}) {
    super('TIMEOUT', message, options);
  }
}

/** This camera, or this link, cannot do what was asked. */
export class UnsupportedError extends HotshoeError {
  constructor(message: string, options: ErrorOptions = {}) {
    super('UNSUPPORTED', message, options);
  }
}

/** The text of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
