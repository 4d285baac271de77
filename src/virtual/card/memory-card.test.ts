import { describe, expect, test } from 'vitest';
import { readBytes } from './card-store.ts';
import { MemoryCard, patternContent } from './memory-card.ts';

const FILE = 'DCIM/100CANON/2U4A0001.JPG';

test('a picture is made when its size is asked for, once', async () => {
  let made = 0;
  const card = new MemoryCard({ capacity: 1 << 20 });
  card.addFile(FILE, {
    render() {
      made++;
      return Uint8Array.of(1, 2, 3);
    },
  });
  expect(made).toBe(0);
  expect(await card.list('DCIM/100CANON')).toEqual([
    { name: '2U4A0001.JPG', kind: 'file', size: 3, time: 0 },
  ]);
  expect(await readBytes(card, FILE, 1, 100)).toEqual(Uint8Array.of(2, 3));
  expect(made).toBe(1);
});

test('what is free follows what is written and removed', async () => {
  const card = new MemoryCard({ capacity: 1 << 20 });
  const before = (await card.space()).free;
  await card.write(FILE, new Uint8Array(40_000), 1);
  expect((await card.space()).free).toBeLessThan(before - 40_000);
  await card.remove(FILE);
  await card.remove('DCIM/100CANON');
  await card.remove('DCIM');
  expect((await card.space()).free).toBe(before);
});

describe('a file that is made while it is read', () => {
  const size = 8 * 2 ** 30 + 7;
  const card = new MemoryCard({ capacity: 2 ** 40 });
  card.addFile(FILE, patternContent(size));

  test('has its size', async () => {
    expect((await card.list('DCIM/100CANON'))[0]?.size).toBe(size);
  });

  test.each([0, 1, 65_520, 65_521, 1 << 20, size - 300])('is read at %i', async (offset) => {
    const bytes = await readBytes(card, FILE, offset, 200);
    const expected = Uint8Array.from({ length: 200 }, (_, i) => (offset + i) % 65_521);
    expect(bytes).toEqual(expected);
  });

  test('comes in views of at most 1 MiB, and ends', async () => {
    const sizes: number[] = [];
    for await (const piece of card.read(FILE, size - 2_500_000, 9_999_999))
      sizes.push(piece.length);
    expect(sizes).toEqual([1 << 20, 1 << 20, 2_500_000 - (2 << 20)]);
  });
});
