/** Errors of hotshoe as HTTP tells them. */
import { HotshoeError, messageOf } from '../base/errors.ts';
import { Response as PtpResponse, ResponseError } from '../ptp/index.ts';
import type { Problem } from './schemas.ts';

/** An error that is HTTP's own: its status says more than any code of a camera's could. */
export class HttpError extends Error {
  readonly status: number;
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, problem: Problem, headers: Readonly<Record<string, string>> = {}) {
    super(problem.message);
    this.name = 'HttpError';
    this.status = status;
    this.problem = problem;
    this.headers = headers;
  }
}

export function problemOf(error: unknown): Problem {
  if (error instanceof HttpError) return error.problem;
  const message = messageOf(error);
  if (error instanceof ResponseError && error.response === PtpResponse.Device_Busy) {
    return { code: 'BUSY', message, hint: error.hint ?? 'Try again when it has finished.' };
  }
  if (!(error instanceof HotshoeError)) {
    const hint = 'hotshoe did not foresee this: please report it.';
    return { code: 'INTERNAL', message, hint };
  }
  return { code: error.code, message, ...(error.hint && { hint: error.hint }) };
}

const statuses: Readonly<Record<string, number>> = {
  USAGE: 400,
  NOT_FOUND: 404,
  BUSY: 409,
  CAPTURE_FAILED: 409,
  FOCUS_FAILED: 409,
  CARD_FULL: 409,
  NO_CARD: 409,
  CARD_LOCKED: 409,
  MIRROR_UP: 409,
  LENS_ERROR: 409,
  RESPONSE: 409,
  UNSUPPORTED: 422,
  INTERNAL: 500,
  FILE: 500,
  TIMEOUT: 504,
};

/** Whatever has to do with the link to the camera is 502. */
function statusOf(error: unknown): number {
  if (error instanceof HttpError) return error.status;
  return statuses[problemOf(error).code] ?? 502;
}

export function failure(error: unknown): Response {
  return Response.json(
    { error: problemOf(error) },
    {
      status: statusOf(error),
      headers: error instanceof HttpError ? { ...error.headers } : {},
    },
  );
}
