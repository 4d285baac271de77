import { afterEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { settle, watch } from '../../test/support/settle.ts';
import { smallCamera } from '../../test/support/small-pictures.ts';
import { memoryPipe } from '../base/byte-stream.ts';
import { HotshoeError, LinkError } from '../base/errors.ts';
import type { OpenOptions } from '../camera/address.ts';
import type { Camera } from '../camera/camera.ts';
import { openPtpCamera } from '../camera/open-ptp.ts';
import { connectIp, makeGuid } from '../ptp/index.ts';
import { HeldCamera, type HeldState } from './held-camera.ts';

const ends: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** A virtual camera that can be opened again and again, unless it is away. */
function bench(options: { idleMs?: number; giveUpMs?: number } = {}) {
  const clock = new FakeClock();
  const virtual = smallCamera();
  ends.push(() => virtual.close());
  const opened: { at: number }[] = [];
  let away: Error | undefined;
  let cut: () => Promise<void> = () => Promise.resolve();
  const open = async (wait: OpenOptions): Promise<Camera> => {
    opened.push({ at: clock.now() });
    if (away) throw away;
    const transport = await connectIp({
      connect: async () => {
        const [here, there] = memoryPipe('camera', 'hotshoe');
        void virtual.servePtpIp(there);
        cut = () => there.close();
        return here;
      },
      guid: makeGuid(new Uint8Array(6)),
      name: 'test',
    });
    return openPtpCamera(transport, 'test:', wait);
  };
  const held = new HeldCamera({ address: 'test:', open, idleMs: 60_000, clock, ...options });
  ends.push(() => held.close());
  const seen: HeldState[] = [];
  void (async () => {
    for await (const state of held.states) seen.push(state);
  })();
  return {
    held,
    clock,
    opened,
    names: () => seen.map(({ name }) => name),
    seen,
    lose: async (reason?: Error) => {
      away = reason;
      await cut();
      // The pipe's other end, and who reads it.
      for (let i = 0; i < 50; i++) await settle();
    },
    comesBack: () => {
      away = undefined;
    },
  };
}

async function until(clock: FakeClock, satisfied: () => boolean): Promise<void> {
  for (let i = 0; i < 2000 && !satisfied(); i++) await clock.advance(1);
  expect(satisfied()).toBe(true);
}

describe('a held camera', () => {
  it('is opened once for all who ask', async () => {
    const { held, opened } = bench();
    const [a, b] = await Promise.all([held.link(), held.link()]);
    expect(a).toBe(b);
    expect(opened).toHaveLength(1);
    expect(held.model).toBe('Canon EOS R6');
  });

  it('is opened again when it was lost, with longer and longer pauses', async () => {
    const { held, clock, opened, lose, comesBack, seen } = bench();
    const before = await held.link();
    await lose(new LinkError('nobody there', { code: 'UNREACHABLE' }));
    expect(held.state).toMatchObject({ name: 'lost' });
    const next = watch(held.link());
    await clock.advance(500 + 1000 + 2000 + 4000);
    expect(opened.slice(1).map(({ at }) => at)).toEqual([500, 1500, 3500, 7500]);
    expect(next.state).toBe('pending');
    comesBack();
    await clock.advance(8000);
    await until(clock, () => next.state !== 'pending');
    expect(next.value).not.toBe(before);
    expect(seen.at(-1)).toEqual({ name: 'connected', model: 'Canon EOS R6', back: true });
  });

  it('is given up after the limit, with the reason, and told to who waits', async () => {
    const { held, clock, lose } = bench({ giveUpMs: 20_000 });
    await held.link();
    await lose(new LinkError('nobody there', { code: 'UNREACHABLE' }));
    const waiting = watch(held.link());
    await clock.advance(20_000);
    expect(waiting.error).toMatchObject({
      code: 'LINK_LOST',
      message: 'test: was lost, and did not come back within 20 s: nobody there',
    });
    expect(await held.closed).toBe(waiting.error);
    expect(clock.pending).toBe(0);
  });

  it('is not tried again where that can end in nothing else', async () => {
    const { held, lose, clock, opened } = bench();
    await held.link();
    await lose(new HotshoeError('UNSUPPORTED', 'another camera answers there'));
    await clock.advance(60_000);
    expect(opened).toHaveLength(2);
    expect(await held.closed).toMatchObject({ code: 'UNSUPPORTED' });
  });

  it('is tried again where it refuses, as one that sleeps does', async () => {
    const { held, lose, clock, opened } = bench({ idleMs: 600_000 });
    await held.link();
    await lose(new LinkError('it refuses', { code: 'REJECTED' }));
    await clock.advance(60_000);
    expect(opened.length).toBeGreaterThan(5);
    expect(held.state.name).toBe('lost');
  });

  it('tells at once that it cannot be opened at all', async () => {
    const held = new HeldCamera({
      address: 'test:',
      open: () => Promise.reject(new HotshoeError('BUSY', 'somebody else has it')),
      idleMs: 1000,
      clock: new FakeClock(),
    });
    await expect(held.link()).rejects.toMatchObject({ code: 'BUSY' });
    expect(await held.closed).toMatchObject({ message: 'somebody else has it' });
  });

  it('is let go when nobody has used it for a time, not while somebody does', async () => {
    const { held, clock } = bench({ idleMs: 60_000 });
    await held.link();
    const leave = held.enter();
    await clock.advance(300_000);
    expect(held.state.name).toBe('connected');
    leave();
    leave();
    await clock.advance(59_000);
    expect(held.state.name).toBe('connected');
    const again = held.enter();
    await clock.advance(59_000);
    again();
    await clock.advance(60_000);
    await until(clock, () => held.state.name === 'closed');
    expect(await held.closed).toBeUndefined();
    expect(clock.pending).toBe(0);
  });

  it('ends a wait with the reason of its signal', async () => {
    const { held, lose } = bench();
    await held.link();
    await lose(new LinkError('nobody there'));
    const abort = new AbortController();
    const waiting = watch(held.link(abort.signal));
    await settle();
    abort.abort(new Error('enough'));
    await settle();
    expect(waiting.error).toMatchObject({ message: 'enough' });
  });
});
