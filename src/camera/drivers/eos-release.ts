/** The result of RemoteRelease (0x910F), which stands in its response's parameter. */
import { HotshoeError } from '../../base/errors.ts';
import { EosOperation } from '../../canon/ptp/index.ts';
import { type PtpNames, ResponseError } from '../../ptp/index.ts';
import { type CaptureProblem, captureError } from './capture-errors.ts';

/** The numbers that are confirmed. */
const RESULTS: Readonly<Record<number, CaptureProblem>> = {
  1: 'FOCUS_FAILED',
  3: 'MIRROR_UP',
  7: 'NO_CARD',
  8: 'CARD_LOCKED',
};

/** These bodies always focus, so the advice is another. */
const FOCUS_HINT =
  'Give it something with contrast and light, or set the switch of the lens to MF.';

/** Throws for every result but 0. */
export function requireReleased(result: number, names: PtpNames): void {
  if (result === 0) return;
  // Response codes stand there as well: 0x2019 for a body that is busy.
  if ((result & 0xf000) === 0x2000) {
    throw new ResponseError(EosOperation.RemoteRelease, result, [], names);
  }
  const problem = RESULTS[result];
  if (problem === 'FOCUS_FAILED') throw captureError(problem, { hint: FOCUS_HINT });
  if (problem) throw captureError(problem);
  throw new HotshoeError(
    'CAPTURE_FAILED',
    `the camera did not release (result 0x${result.toString(16)})`,
  );
}
