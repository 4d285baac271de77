import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { settle } from '../../test/support/settle.ts';
import { Turns } from './turns.ts';

function taking(turns: Turns, client: object, takes: boolean) {
  const over = new AbortController();
  const begun: boolean[] = [];
  const begin = (tethered: boolean) => {
    begun.push(tethered);
    return Promise.resolve();
  };
  const done = turns.take({ client, takes }, begin, over.signal).catch(() => 'given up');
  return { begun, end: () => over.abort(), done };
}

describe('turns', () => {
  it('come one after the other, and who gives up waiting has none', async () => {
    const turns = new Turns();
    const [a, b, c] = [{}, {}, {}];
    const [first, second, third] = [a, b, c].map((client) => taking(turns, client, true));
    await settle();
    expect([first?.begun.length, second?.begun.length, third?.begun.length]).toEqual([1, 0, 0]);
    expect([turns.isOf(a), turns.isOfAnother(b), turns.isOfAnother(a)]).toEqual([
      true,
      true,
      false,
    ]);
    second?.end();
    first?.end();
    await first?.done;
    await settle();
    expect([second?.begun.length, third?.begun.length]).toEqual([0, 1]);
    expect(await second?.done).toBe('given up');
    third?.end();
    await third?.done;
    expect(turns.isOfAnother(a)).toBe(false);
  });

  it('say whose a picture is', async () => {
    const turns = new Turns();
    const [shoots, tethered, watches] = [{}, {}, {}];
    const told = () => [shoots, tethered, watches].map((client) => turns.isToldOfPicture(client));
    expect(told()).toEqual([true, true, true]);
    const release = turns.tether(tethered);
    expect(told()).toEqual([false, true, false]);
    const taken = taking(turns, shoots, true);
    await settle();
    expect([taken.begun, told()]).toEqual([[true], [true, false, false]]);
    taken.end();
    await taken.done;
    const left = taking(turns, shoots, false);
    await settle();
    expect(told()).toEqual([true, true, false]);
    left.end();
    await left.done;
    release();
    expect(told()).toEqual([true, true, true]);
  });

  it('last until who is tethered has dealt with the picture, or is gone, or takes too long', async () => {
    const clock = new FakeClock();
    const turns = new Turns(clock);
    const [shoots, tethered] = [{}, {}];
    let release = turns.tether(tethered);
    const exposed = async () => {
      const turn = taking(turns, shoots, false);
      await settle();
      turns.announced(tethered);
      turns.announced(shoots);
      turn.end();
      await settle();
      expect(turns.isOf(shoots)).toBe(true);
      return turn;
    };
    const first = await exposed();
    turns.took(tethered);
    await first.done;
    const second = await exposed();
    release();
    await second.done;
    release = turns.tether(tethered);
    const third = await exposed();
    await clock.advance(15_000);
    await third.done;
    expect(turns.isOfAnother(tethered)).toBe(false);
    release();
  });
});
