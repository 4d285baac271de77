import { afterEach, describe, expect, it, vi } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { settle, watch } from '../../test/support/settle.ts';
import { TimeoutError } from './errors.ts';
import { formatDuration, sleep, systemClock, Watchdog, within } from './time.ts';

const forever = () => new Promise<never>(() => {});

afterEach(() => {
  vi.useRealTimers();
});

describe('sleep', () => {
  it('lasts exactly as long as it was told', async () => {
    const clock = new FakeClock();
    const slept = watch(sleep(500, undefined, clock));
    await clock.advance(499);
    expect(slept.state).toBe('pending');
    await clock.advance(1);
    expect(slept.state).toBe('fulfilled');
  });

  it('ends with the reason of the signal and leaves no timer behind', async () => {
    const clock = new FakeClock();
    const abort = new AbortController();
    const slept = watch(sleep(500, abort.signal, clock));
    await clock.advance(100);
    const reason = new Error('enough');
    abort.abort(reason);
    await settle();
    expect(slept.error).toBe(reason);
    expect(clock.pending).toBe(0);
  });

  it('does not begin under a signal that is aborted already', async () => {
    const clock = new FakeClock();
    const reason = new Error('enough');
    await expect(sleep(500, AbortSignal.abort(reason), clock)).rejects.toBe(reason);
    expect(clock.pending).toBe(0);
  });
});

describe('within', () => {
  it('passes on the value and calls its timer off', async () => {
    const clock = new FakeClock();
    await expect(within(Promise.resolve(7), { ms: 10, what: 'no', clock })).resolves.toBe(7);
    expect(clock.pending).toBe(0);
  });

  it('passes on the failure and calls its timer off', async () => {
    const clock = new FakeClock();
    const error = new Error('failed');
    await expect(within(Promise.reject(error), { ms: 10, what: 'no', clock })).rejects.toBe(error);
    expect(clock.pending).toBe(0);
  });

  it('fails after the time with an error that names what was awaited, and the hint', async () => {
    const clock = new FakeClock();
    const options = { ms: 1500, what: 'no answer came', hint: 'Ask louder.', clock };
    const result = watch(within(forever(), options));
    await clock.advance(1499);
    expect(result.state).toBe('pending');
    await clock.advance(1);
    expect(result.error).toBeInstanceOf(TimeoutError);
    expect(result.error).toMatchObject({
      code: 'TIMEOUT',
      message: 'no answer came within 1.5 s',
      hint: 'Ask louder.',
    });
  });

  it('ends with the reason of the signal and leaves no timer behind', async () => {
    const clock = new FakeClock();
    const abort = new AbortController();
    const options = { ms: 1500, what: 'no', signal: abort.signal, clock };
    const result = watch(within(forever(), options));
    const reason = new Error('enough');
    abort.abort(reason);
    await settle();
    expect(result.error).toBe(reason);
    expect(clock.pending).toBe(0);
  });

  it('ends at once under an aborted signal, even where the promise is settled', async () => {
    const reason = new Error('enough');
    const signal = AbortSignal.abort(reason);
    const options = { ms: 10, what: 'no', signal, clock: new FakeClock() };
    await expect(within(Promise.resolve(1), options)).rejects.toBe(reason);
  });

  it('swallows what the promise does after the time is up', async () => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    const clock = new FakeClock();
    let fail: (error: Error) => void = () => {};
    const promise = new Promise<never>((_, reject) => {
      fail = reject;
    });
    const result = watch(within(promise, { ms: 10, what: 'no', clock }));
    await clock.advance(10);
    fail(new Error('late'));
    await settle();
    await settle();
    process.off('unhandledRejection', unhandled);
    expect(result.error).toBeInstanceOf(TimeoutError);
    expect(unhandled).not.toHaveBeenCalled();
  });
});

it('neither sleep nor within leaves a listener on a signal that lives on', async () => {
  const clock = new FakeClock();
  const { signal } = new AbortController();
  const added = vi.spyOn(signal, 'addEventListener');
  const removed = vi.spyOn(signal, 'removeEventListener');
  const options = { ms: 10, what: 'no', signal, clock };
  const results = [
    watch(sleep(10, signal, clock)),
    watch(within(forever(), options)),
    watch(within(Promise.resolve(), options)),
    watch(within(Promise.reject(new Error('failed')), options)),
  ];
  await clock.advance(10);
  expect(results.map(({ state }) => state)).not.toContain('pending');
  expect(added).toHaveBeenCalledTimes(4);
  expect(removed).toHaveBeenCalledTimes(4);
});

describe('Watchdog', () => {
  it('fires once, when it has not been touched for the time', async () => {
    const clock = new FakeClock();
    const fire = vi.fn();
    new Watchdog(1000, fire, clock);
    await clock.advance(999);
    expect(fire).not.toHaveBeenCalled();
    await clock.advance(1);
    expect(fire).toHaveBeenCalledOnce();
    await clock.advance(5000);
    expect(fire).toHaveBeenCalledOnce();
  });

  it('counts the time from the last touch', async () => {
    const clock = new FakeClock();
    const fire = vi.fn();
    const watchdog = new Watchdog(1000, fire, clock);
    for (let i = 0; i < 5; i++) {
      await clock.advance(700);
      watchdog.touch();
    }
    await clock.advance(999);
    expect(fire).not.toHaveBeenCalled();
    await clock.advance(1);
    expect(fire).toHaveBeenCalledOnce();
  });

  it('sets no timer when it is touched', () => {
    const clock = new FakeClock();
    const watchdog = new Watchdog(1000, () => {}, clock);
    for (let i = 0; i < 100; i++) watchdog.touch();
    expect(clock.pending).toBe(1);
  });

  it('does not fire after it was stopped', async () => {
    const clock = new FakeClock();
    const fire = vi.fn();
    const watchdog = new Watchdog(1000, fire, clock);
    watchdog.stop();
    watchdog.touch();
    expect(clock.pending).toBe(0);
    await clock.advance(5000);
    expect(fire).not.toHaveBeenCalled();
  });

  it('does not fire while it is held, and counts anew from the release', async () => {
    const clock = new FakeClock();
    const fire = vi.fn();
    const watchdog = new Watchdog(1000, fire, clock);
    await clock.advance(900);
    watchdog.hold();
    await clock.advance(60_000);
    expect(fire).not.toHaveBeenCalled();
    watchdog.release();
    await clock.advance(999);
    expect(fire).not.toHaveBeenCalled();
    await clock.advance(1);
    expect(fire).toHaveBeenCalledOnce();
  });
});

describe('systemClock', () => {
  it('runs a timer after its time, and not after it was called off', () => {
    vi.useFakeTimers();
    const kept = vi.fn();
    const calledOff = vi.fn();
    systemClock.after(100, kept);
    systemClock.after(100, calledOff)();
    vi.advanceTimersByTime(99);
    expect(kept).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(kept).toHaveBeenCalledOnce();
    expect(calledOff).not.toHaveBeenCalled();
  });

  // setTimeout counts in 32 bits: a longer delay would end after one millisecond.
  it.each([2 ** 31, Number.MAX_SAFE_INTEGER, Number.POSITIVE_INFINITY])(
    'takes %d milliseconds for a very long time, not for none',
    (ms) => {
      vi.useFakeTimers();
      const run = vi.fn();
      const stop = systemClock.after(ms, run);
      vi.advanceTimersByTime(24 * 3600 * 1000);
      expect(run).not.toHaveBeenCalled();
      stop();
    },
  );

  it('never goes backwards', () => {
    const from = systemClock.now();
    expect(systemClock.now()).toBeGreaterThanOrEqual(from);
  });
});

it.each([
  [0, '0 ms'],
  [300, '300 ms'],
  [999, '999 ms'],
  [1000, '1 s'],
  [1500, '1.5 s'],
  [10_000, '10 s'],
  [180_000, '180 s'],
])('formatDuration writes %d as "%s"', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});
