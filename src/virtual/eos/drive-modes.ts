/** What a body does with one press of the button, by DriveMode (D106). */

export interface Drive {
  /** Seconds from the press to the exposure. */
  readonly timer?: number;
  /** As long as the button is held. */
  readonly framesPerSecond?: number;
  /** Of self-timers that take more than one picture. */
  readonly frames?: number;
}

const SINGLE: Drive = {};

/**
 * Rates are those of the manuals: 1 and 5 of an EOS 1300D and others (3), 4 of a 40D (6.5), 0x12 of
 * an R6 (12). The continuous self-timer takes two pictures unless the menu says another number.
 */
const DRIVES: ReadonlyMap<number, Drive> = new Map([
  [0x01, { framesPerSecond: 3 }],
  [0x04, { framesPerSecond: 6.5 }],
  [0x05, { framesPerSecond: 3 }],
  [0x07, { timer: 10, frames: 2, framesPerSecond: 3 }],
  [0x10, { timer: 10 }],
  [0x11, { timer: 2 }],
  [0x12, { framesPerSecond: 12 }],
  [0x14, { framesPerSecond: 3 }],
  [0x15, { framesPerSecond: 8 }],
  [0x16, { framesPerSecond: 3 }],
]);

export function driveOf(mode: number): Drive {
  return DRIVES.get(mode) ?? SINGLE;
}
