/** Refusals of the camera, in words. */
import { type ErrorCode, HotshoeError } from '../../base/errors.ts';
import { hex32 } from '../../bytes/index.ts';
import { Status, statusText } from './codes.ts';

const CODES: Readonly<Record<number, ErrorCode>> = {
  [Status.NotFound]: 'NOT_FOUND',
  [Status.CardFull]: 'CARD_FULL',
  [Status.NoCard]: 'NO_CARD',
  [Status.NoRemoteControl]: 'LENS_ERROR',
};

const HINTS: Readonly<Record<number, string>> = {
  [Status.Protected]: 'Free it first: `hotshoe protect --off`.',
  [Status.CardFull]: 'Delete pictures, or send them to the computer with --to host.',
  [Status.NoRemoteControl]:
    'Take the lens cap off and give the lens room; then switch the camera off and on.',
  [Status.InvalidParameter]: '`hotshoe ls` lists what is on the card.',
  [Status.NoCard]: 'Put a card in.',
};

/** The camera answered with a status that is not 0. */
export class NormalStatusError extends HotshoeError {
  /** "SetOwner". */
  readonly command: string;
  readonly status: number;

  constructor(command: string, status: number) {
    const text = statusText(status);
    const what = text ? `${text} (${hex32(status)})` : `status ${hex32(status)}`;
    super(CODES[status] ?? 'RESPONSE', `${command} was answered: ${what}`, { hint: HINTS[status] });
    this.command = command;
    this.status = status;
  }
}
