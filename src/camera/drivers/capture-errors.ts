/** Why a camera did not take a picture, in the same words for all of them. */
import { type ErrorCode, HotshoeError } from '../../base/errors.ts';

const CAUSES = {
  FOCUS_FAILED: [
    'the camera could not focus',
    'Give it something with contrast and light, or shoot without autofocus (`--no-af`).',
  ],
  CARD_FULL: [
    'there is no room for another picture',
    'The card is full; free it, or shoot to the computer (`--to host`).',
  ],
  NO_CARD: [
    'there is no card, or it is not ready',
    'Put a card with room into the camera, or shoot to the computer (`--to host`).',
  ],
  CARD_LOCKED: [
    'the card is write-protected',
    'Unlock it, or shoot to the computer (`--to host`).',
  ],
  MIRROR_UP: ['the mirror is up', 'Switch mirror lockup off in the menu of the camera.'],
  LENS_ERROR: [
    'the camera gets no answer from its lens',
    'Switch the camera off, clean the contacts of the lens, and turn it until it locks.',
  ],
} as const satisfies Partial<Record<ErrorCode, readonly [message: string, hint: string]>>;

export type CaptureProblem = keyof typeof CAUSES;

export function captureError(
  problem: CaptureProblem,
  options: { hint?: string; cause?: unknown } = {},
): HotshoeError {
  const [message, hint] = CAUSES[problem];
  return new HotshoeError(problem, message, { hint, ...options });
}
