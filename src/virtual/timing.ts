/** How long a virtual camera takes, in milliseconds. */
export interface Timing {
  /** Exposures last as long as they are set to; the self-timer runs. */
  realExposures: boolean;
  /** First answer to GetDeviceInfo on a link (EOS R: 692 ms). */
  firstAnswer: number;
  /** Other answers (EOS R: 2 to 12 ms). */
  answer: number;
  /** SetEventMode (EOS R: 32 ms). */
  eventMode: number;
  focus: number;
  /** From the end of the exposure to the file on the card. */
  write: number;
  /** From switching live view on to its first frame. */
  liveViewStart: number;
}

export type TimingName = 'instant' | 'realistic';

export const timings: Readonly<Record<TimingName, Timing>> = {
  instant: {
    realExposures: false,
    firstAnswer: 0,
    answer: 0,
    eventMode: 0,
    focus: 0,
    write: 0,
    liveViewStart: 0,
  },
  realistic: {
    realExposures: true,
    firstAnswer: 692,
    answer: 3,
    eventMode: 32,
    focus: 180,
    write: 350,
    liveViewStart: 500,
  },
};
