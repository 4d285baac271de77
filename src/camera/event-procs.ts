/**
 * Calling named functions of the firmware (event procedures): unlocking them, the call, its result and
 * its data. They can damage a camera.
 */
import { HotshoeError, TimeoutError, UnsupportedError } from '../base/errors.ts';
import { formatDuration, ignore, sleep } from '../base/time.ts';
import {
  type EventProcArgument,
  EventProcCall,
  findEventProc,
  PowerShotOperation as Shot,
} from '../canon/ptp/index.ts';
import { LONG_TIMEOUT_MS, type PtpSession, ResponseError } from '../ptp/index.ts';
import type { WaitOptions } from './camera.ts';

export interface EventProcOptions extends WaitOptions {
  /** Fetch the block of data that it gives. Default false. */
  returnsData?: boolean | undefined;
  /** Let it run in the background, and ask for its end. Default false. */
  asynchronous?: boolean | undefined;
  /** How long it may run in the background. Default 30 s. */
  timeoutMs?: number | undefined;
  /** Needed for all but those that are known to tell only. */
  iKnowThisCanBrickTheCamera?: boolean | undefined;
}

export interface EventProcResult {
  /** u32, whatever it means. */
  value: number;
  data: Uint8Array | undefined;
}

/** Bodies take no more. */
const MOST_ARGUMENTS = 10;
/** A body opens them at the third knock. */
const KNOCKS = 3;
const WAYS = [
  [Shot.InitiateEventProc0, Shot.TerminateEventProc0],
  [Shot.InitiateEventProc1, Shot.TerminateEventProc1],
] as const;
/** Parameters of GetEventProcReturnData, as libpict sends them. */
const RETURN_DATA = [0, 0, 1] as const;
const RUNNING = 1;
const POLL_MS = 100;
const RUN_TIMEOUT_MS = 30_000;

/** Calls one. Throws a USAGE error for one that may write, unless that is wanted. */
export async function callEventProc(
  session: PtpSession,
  name: string,
  args: readonly EventProcArgument[] = [],
  options: EventProcOptions = {},
): Promise<EventProcResult> {
  const known = findEventProc(name);
  check(name, args, options);
  const lock = await unlock(session, options.signal);
  try {
    const call = { name: known?.name ?? name, args: [...args] };
    return await run(session, call, options);
  } catch (error) {
    if (!(error instanceof ResponseError)) throw error;
    throw new HotshoeError('RESPONSE', `the camera did not run ${name}: ${error.responseName}`, {
      cause: error,
      hint: 'Not every body has every procedure, and their names mind the case.',
    });
  } finally {
    if (lock !== undefined) await lockAgain(session, lock).catch(ignore);
  }
}

function check(name: string, args: readonly EventProcArgument[], options: EventProcOptions): void {
  if (!/^[\x21-\x7e]+$/.test(name)) {
    throw new HotshoeError('USAGE', `${JSON.stringify(name)} is no name of a procedure`);
  }
  if (args.length > MOST_ARGUMENTS) {
    throw new HotshoeError('USAGE', `a procedure takes ${MOST_ARGUMENTS} arguments at most`);
  }
  if (findEventProc(name)?.known.reads || options.iKnowThisCanBrickTheCamera === true) return;
  throw new HotshoeError('USAGE', `${name} may change the camera for good`, {
    hint: 'If that is what you want, say --i-know-this-can-brick-the-camera.',
  });
}

/** Resolves with the operation that locks them again; undefined where they are open at all times. */
async function unlock(
  session: PtpSession,
  signal: AbortSignal | undefined,
): Promise<number | undefined> {
  if (session.supports(Shot.ExecuteEventProc)) return undefined;
  const way = WAYS.find(([initiate]) => session.supports(initiate));
  if (!way) {
    throw new UnsupportedError(`${session.deviceInfo.model} lists no event procedures`, {
      hint: 'They need ExecuteEventProc (0x9052), or InitiateEventProc (0x9050, 0x905C) before it.',
    });
  }
  const [initiate, terminate] = way;
  for (let i = 0; i < KNOCKS; i++) await knock(session, initiate, signal);
  await session.getDeviceInfo({ signal });
  if (session.supports(Shot.ExecuteEventProc)) return terminate;
  throw new UnsupportedError(`${session.deviceInfo.model} keeps its event procedures to itself`, {
    hint: 'Bodies since about 2018 list them and refuse.',
  });
}

/** As it was found, and what it lists then. */
async function lockAgain(session: PtpSession, operation: number): Promise<void> {
  await session.call(operation);
  await session.getDeviceInfo();
}

async function knock(
  session: PtpSession,
  operation: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    await session.call(operation, [], { signal });
  } catch (error) {
    if (!(error instanceof ResponseError)) throw error;
    const { model } = session.deviceInfo;
    throw new UnsupportedError(`${model} refuses event procedures: ${error.responseName}`, {
      cause: error,
      hint: 'Bodies since about 2018 list them and refuse.',
    });
  }
}

async function run(
  session: PtpSession,
  call: EventProcCall,
  options: EventProcOptions,
): Promise<EventProcResult> {
  const { returnsData = false, asynchronous = false, signal } = options;
  const { params } = await session.call(
    Shot.ExecuteEventProc,
    [asynchronous ? 1 : 0, returnsData ? 1 : 0],
    { data: EventProcCall.encode(call), timeoutMs: LONG_TIMEOUT_MS, signal },
  );
  const [value = 0] = asynchronous ? [await finished(session, call.name, options)] : params;
  if (!returnsData) return { value, data: undefined };
  const { data } = await session.call(Shot.GetEventProcReturnData, RETURN_DATA, { signal });
  return { value, data };
}

async function finished(
  session: PtpSession,
  name: string,
  { signal, timeoutMs = RUN_TIMEOUT_MS }: EventProcOptions,
): Promise<number> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const { params } = await session.call(Shot.IsEventProcRunning, [], { signal });
    const [state, value = 0] = params;
    if (state !== RUNNING) return value;
    if (performance.now() > deadline) {
      throw new TimeoutError(`${name} still runs after ${formatDuration(timeoutMs)}`);
    }
    await sleep(POLL_MS, signal);
  }
}
