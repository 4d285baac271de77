/** The result of RemoteRelease (0x910F), which stands in its response's parameter. */
import { HotshoeError } from '../../base/errors.ts';
import { EosOperation } from '../../canon/ptp/index.ts';
import { type PtpNames, ResponseError } from '../../ptp/index.ts';

/** The numbers that are confirmed: what happened, and what to do. */
const RESULTS: Readonly<Record<number, readonly [message: string, hint: string]>> = {
  1: [
    'the camera could not focus',
    'Give it something with contrast and light, or set the switch of the lens to MF.',
  ],
  3: ['the mirror is up', 'Switch mirror lockup off in the menu of the camera.'],
  7: [
    'there is no card, or it is not ready',
    'Put a card with room into the camera, or shoot to the computer (`--to host`).',
  ],
  8: ['the card is write-protected', 'Unlock it, or shoot to the computer (`--to host`).'],
};

/** Throws for every result but 0. */
export function requireReleased(result: number, names: PtpNames): void {
  if (result === 0) return;
  // Response codes stand there as well: 0x2019 for a body that is busy.
  if ((result & 0xf000) === 0x2000) {
    throw new ResponseError(EosOperation.RemoteRelease, result, [], names);
  }
  const [message, hint] = RESULTS[result] ?? [
    `the camera did not release (result 0x${result.toString(16)})`,
  ];
  throw new HotshoeError('CAPTURE_FAILED', message, { hint });
}
