import { randomFillSync } from 'node:crypto';
import { mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PieceReader } from './piece-reader.ts';

const SIZE = (5 << 20) + 12_345;
const content = randomFillSync(Buffer.alloc(SIZE));
let folder: string;
let file: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'hotshoe-'));
  file = path.join(folder, 'file');
  writeFileSync(file, content);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Looks at each piece before it asks for the next, as whoever sends it does. */
async function collect(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const copies: Uint8Array[] = [];
  for await (const piece of pieces) copies.push(piece.slice());
  return Buffer.concat(copies);
}

const open = () =>
  readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === file;
    } catch {
      // The descriptor of the listing itself is gone by now.
      return false;
    }
  }).length;

test.each([
  [0, SIZE],
  [0, 1],
  [1, 1 << 20],
  [(3 << 20) - 1, (1 << 20) + 2],
  [SIZE - 10, 10],
  [SIZE - 10, 99_999_999],
  [SIZE, 10],
  [0, 0],
])('%i, %i bytes', async (offset, size) => {
  const got = await collect(new PieceReader().read(file, offset, size));
  expect(got.equals(content.subarray(offset, offset + size))).toBe(true);
});

test('two files at once, and one after the other, do not share memory', async () => {
  const reader = new PieceReader();
  const both = () =>
    Promise.all([collect(reader.read(file, 0, SIZE)), collect(reader.read(file, 1000, SIZE))]);
  for (const [a, b] of [await both(), await both()]) {
    expect(a.equals(content)).toBe(true);
    expect(b.equals(content.subarray(1000))).toBe(true);
  }
});

test('a piece stays as it is while the next one is read', async () => {
  const pieces = new PieceReader().read(file, 0, SIZE);
  const { value: first } = await pieces.next();
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
  expect(content.subarray(0, 1 << 20).equals(first as Uint8Array)).toBe(true);
  await pieces.return(undefined);
});

const onLinux = process.platform === 'linux';
test.runIf(onLinux)(`a reading that is given up closes the file (Linux)`, async () => {
  for await (const piece of new PieceReader().read(file, 0, SIZE)) {
    expect(piece.length).toBe(1 << 20);
    expect(open()).toBe(1);
    break;
  }
  expect(open()).toBe(0);
});

test('a file that is not there is an error', async () => {
  await expect(collect(new PieceReader().read(`${file}.no`, 0, 10))).rejects.toThrow(/ENOENT/);
});
