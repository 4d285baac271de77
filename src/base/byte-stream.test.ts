import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { settle, watch } from '../../test/support/settle.ts';
import { ByteReader, type ByteStream, concat, memoryPipe } from './byte-stream.ts';

const MIB = 1 << 20;
const never = () => new Error('the stream was cut');
const bytes = (...values: number[]) => Uint8Array.from(values);

async function readAll(stream: ByteStream): Promise<number[]> {
  const all: number[] = [];
  for (let chunk = await stream.read(); chunk; chunk = await stream.read()) all.push(...chunk);
  return all;
}

describe('memoryPipe', () => {
  it('gives each end its name and carries bytes both ways', async () => {
    const [a, b] = memoryPipe('camera', 'computer');
    expect([a.name, b.name]).toEqual(['camera', 'computer']);
    await a.write(bytes(1, 2));
    await b.write(bytes(3));
    expect(await b.read()).toEqual(bytes(1, 2));
    expect(await a.read()).toEqual(bytes(3));
  });

  it('sends the parts of one write back to back, as one chunk', async () => {
    const [a, b] = memoryPipe();
    await Promise.all([a.write(bytes(1), bytes(), bytes(2, 3)), a.write(bytes(4))]);
    expect(await b.read()).toEqual(bytes(1, 2, 3));
    expect(await b.read()).toEqual(bytes(4));
  });

  it('lets the writer reuse its memory once the write has resolved', async () => {
    const [a, b] = memoryPipe();
    const memory = bytes(1, 2, 3);
    await a.write(memory);
    memory.fill(9);
    expect(await b.read()).toEqual(bytes(1, 2, 3));
  });

  it('serves a read that came before the write', async () => {
    const [a, b] = memoryPipe();
    const read = watch(b.read());
    await settle();
    expect(read.state).toBe('pending');
    await a.write(bytes(7));
    await settle();
    expect(read.value).toEqual(bytes(7));
  });

  it('makes the writer wait while 1 MiB is unread, and lets it go on when some is read', async () => {
    const [a, b] = memoryPipe();
    const half = new Uint8Array(MIB / 2);
    const first = watch(a.write(half));
    await settle();
    expect(first.state).toBe('fulfilled');
    const second = watch(a.write(half));
    await settle();
    expect(second.state).toBe('pending');
    await b.read();
    await settle();
    expect(second.state).toBe('fulfilled');
  });

  it('keeps the writer waiting as long as 1 MiB is unread', async () => {
    const [a, b] = memoryPipe();
    await a.write(bytes(1));
    const second = watch(a.write(new Uint8Array(MIB)));
    await b.read();
    await settle();
    expect(second.state).toBe('pending');
    await b.read();
    await settle();
    expect(second.state).toBe('fulfilled');
  });

  it('holds back one direction without the other', async () => {
    const [a, b] = memoryPipe();
    const stuck = watch(a.write(new Uint8Array(MIB)));
    await b.write(bytes(1));
    expect(await a.read()).toEqual(bytes(1));
    expect(stuck.state).toBe('pending');
  });

  it('ends the reading of both ends, after what was sent before the close', async () => {
    const [a, b] = memoryPipe();
    await a.write(bytes(1));
    await a.close();
    expect(await readAll(b)).toEqual([1]);
    expect(await b.read()).toBeUndefined();
    expect(await a.read()).toBeUndefined();
  });

  it('ends a read that waits when either end closes', async () => {
    const [a, b] = memoryPipe();
    const reads = [watch(a.read()), watch(b.read())];
    await b.close();
    await settle();
    expect(reads.map(({ state, value }) => [state, value])).toEqual([
      ['fulfilled', undefined],
      ['fulfilled', undefined],
    ]);
  });

  it('releases a writer that waits when either end closes', async () => {
    const [a, b] = memoryPipe();
    const fromA = watch(a.write(new Uint8Array(MIB)));
    const fromB = watch(b.write(new Uint8Array(MIB)));
    await settle();
    expect([fromA.state, fromB.state]).toEqual(['pending', 'pending']);
    await b.close();
    await settle();
    expect([fromA.state, fromB.state]).not.toContain('pending');
  });

  it('settles `closed` without a reason on both ends, once the other has read to the end', async () => {
    const [a, b] = memoryPipe();
    const closed = [watch(a.closed), watch(b.closed)];
    await settle();
    expect(closed.map(({ state }) => state)).toEqual(['pending', 'pending']);
    await a.close();
    await b.read();
    await settle();
    expect(closed).toEqual([
      { state: 'fulfilled', value: undefined, error: undefined },
      { state: 'fulfilled', value: undefined, error: undefined },
    ]);
  });

  it('can be closed twice, by both', async () => {
    const [a, b] = memoryPipe();
    await Promise.all([a.close(), b.close(), a.close()]);
    expect(await a.closed).toBeUndefined();
  });
});

describe('ByteReader', () => {
  it('cuts the stream into the sizes asked for, however it was written', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 12 }), { maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 20 }),
        async (chunks, sizes) => {
          const [a, b] = memoryPipe();
          for (const chunk of chunks) await a.write(chunk);
          await a.close();
          const all = [...concat(chunks)];
          const reader = new ByteReader(b);
          for (const size of sizes) {
            const expected = all.splice(0, size);
            if (expected.length === size) {
              expect([...((await reader.exactly(size, never)) ?? [])]).toEqual(expected);
            } else if (expected.length === 0) {
              expect(await reader.exactly(size, never)).toBeUndefined();
            } else {
              let cut: number[] = [];
              const error = new Error('cut');
              const piece = reader.exactly(size, (got) => {
                cut = [...got];
                return error;
              });
              await expect(piece).rejects.toBe(error);
              expect(cut).toEqual(expected);
              return;
            }
          }
        },
      ),
    );
  });

  it('does not copy a piece that lies in one chunk', async () => {
    const [a, b] = memoryPipe();
    await a.write(bytes(1, 2, 3, 4));
    const reader = new ByteReader(b);
    const first = await reader.exactly(2, never);
    const second = await reader.exactly(2, never);
    expect([first, second]).toEqual([bytes(1, 2), bytes(3, 4)]);
    expect(second?.buffer).toBe(first?.buffer);
  });

  it('tells the end of the stream from an end in the middle of a piece', async () => {
    const [a, b] = memoryPipe();
    await a.write(bytes(1, 2, 3));
    await a.close();
    const reader = new ByteReader(b);
    expect(await reader.exactly(2, never)).toEqual(bytes(1, 2));
    const cut = reader.exactly(2, (got) => new Error(`only ${[...got]}`));
    await expect(cut).rejects.toThrow('only 3');
    expect(await reader.exactly(2, never)).toBeUndefined();
    expect(await reader.some(2)).toBeUndefined();
  });

  it('hands out what is there up to the limit, without waiting for more', async () => {
    const [a, b] = memoryPipe();
    await a.write(bytes(1, 2, 3));
    const reader = new ByteReader(b);
    expect(await reader.some(2)).toEqual(bytes(1, 2));
    expect(await reader.some(2)).toEqual(bytes(3));
    const next = watch(reader.some(2));
    await settle();
    expect(next.state).toBe('pending');
    await a.write(bytes(4));
    await settle();
    expect(next.value).toEqual(bytes(4));
  });
});

it('concat joins any parts', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array()), (parts) => {
      expect([...concat(parts)]).toEqual(parts.flatMap((part) => [...part]));
    }),
  );
});
