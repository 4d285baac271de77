import { describe, expect, it } from 'vitest';
import { canonNames } from '../../canon/ptp/index.ts';
import { requireReleased } from './eos-release.ts';

const released = (result: number) => () => requireReleased(result, canonNames);

describe('the result of RemoteRelease', () => {
  it('is no error when it is 0', () => {
    expect(released(0)).not.toThrow();
  });

  it.each([
    [1, 'FOCUS_FAILED', 'the camera could not focus'],
    [3, 'MIRROR_UP', 'the mirror is up'],
    [7, 'NO_CARD', 'there is no card, or it is not ready'],
    [8, 'CARD_LOCKED', 'the card is write-protected'],
  ])('%i is %s and says what to do', (result, code, message) => {
    expect(released(result)).toThrow(
      expect.objectContaining({ code, message, hint: expect.any(String) }),
    );
  });

  it('may be a response code, which a caller can wait for', () => {
    expect(released(0x2019)).toThrow(
      expect.objectContaining({
        code: 'RESPONSE',
        response: 0x2019,
        message: 'RemoteRelease was answered Device_Busy (0x2019)',
      }),
    );
  });

  it('is told by its number when nobody knows it', () => {
    expect(released(0x8d07)).toThrow('the camera did not release (result 0x8d07)');
  });
});
