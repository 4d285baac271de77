import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileSink } from './file-sink.ts';

let folder: string;
let path: string;
let file: FileHandle;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hotshoe-sink-'));
  path = join(folder, 'file');
  writeFileSync(path, 'begin');
  file = await open(path, 'r+');
});

afterEach(async () => {
  await file.close();
  rmSync(folder, { recursive: true });
});

const bytes = (text: string) => new TextEncoder().encode(text);
const NEVER_SLOW = Number.POSITIVE_INFINITY;
const ALWAYS_SLOW = -1;

describe.each([
  ['here', NEVER_SLOW],
  ['in another thread', ALWAYS_SLOW],
])('a file written %s', (_, slowMs) => {
  it('gets chunks in order, and memory is given back when it is free', async () => {
    const progress: number[] = [];
    const sink = new FileSink(file, path, 5, (size) => progress.push(size), slowMs);
    let expected = 'begin';
    const kept: Promise<unknown>[] = [];
    for (let i = 0; i < 200; i++) {
      const text = String(i).repeat(i % 7);
      const chunk = bytes(text);
      expected += text;
      const ready = sink.write(chunk, (until) => {
        // As a ring of buffers does: what has been given back is written over.
        kept.push(until.then(() => chunk.fill(0)));
      });
      if (ready) await ready;
    }
    await sink.end();
    await Promise.all(kept);
    expect(kept).toHaveLength(200);
    expect(readFileSync(path, 'utf8')).toBe(expected);
    expect(progress.at(-1)).toBe(expected.length);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
  });

  it('is complete for each chunk where nothing can be kept', async () => {
    const sink = new FileSink(file, path, 5, undefined, slowMs);
    for (const text of ['one', 'two', 'three']) {
      const chunk = bytes(text);
      await sink.write(chunk);
      chunk.fill(0);
    }
    expect(readFileSync(path, 'utf8')).toBe('beginonetwothree');
    await sink.end();
  });

  it('tells of a failure at the next chunk and at the end, and gives all memory back', async () => {
    const readOnly = await open(path, 'r');
    try {
      const sink = new FileSink(readOnly, path, 5, undefined, slowMs);
      let free = 0;
      for (const text of ['one', 'two']) {
        void sink.write(bytes(text), (until) => void until.then(() => free++));
      }
      await sink.settled();
      expect(free).toBe(2);
      expect(() => sink.write(bytes('three'))).toThrow(/cannot write|EBADF/);
      await expect(sink.end()).rejects.toMatchObject({ code: 'FILE' });
    } finally {
      await readOnly.close();
    }
    expect(readFileSync(path, 'utf8')).toBe('begin');
  });
});
