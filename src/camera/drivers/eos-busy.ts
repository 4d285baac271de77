/** Trying again while a body is busy. */
import { sleep } from '../../base/time.ts';
import { Response, ResponseError } from '../../ptp/index.ts';
import type { EosState } from './eos-events.ts';

/** Fetches what the body has to tell. */
type Drains = Pick<EosState, 'drain'>;

export const BUSY_TIMEOUT_MS = 5000;
const PAUSE_MS = 100;

/** A body that still writes the last picture answers busy; its events say when it is done. */
export async function untilNotBusy<T>(
  state: Drains,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
  timeoutMs = BUSY_TIMEOUT_MS,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const busy = error instanceof ResponseError && error.response === Response.Device_Busy;
      if (!busy || performance.now() > deadline) throw error;
    }
    await sleep(PAUSE_MS, signal);
    await state.drain({ signal });
  }
}
