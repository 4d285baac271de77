/** By the rules of bulk transfers: USB 2.0, sections 5.8.3 and 8.5.2. */
import { describe, expect, test } from 'vitest';
import { settle, watch } from '../../../test/support/settle.ts';
import { bufferSink, InPipe } from './in-pipe.ts';

const bytes = (size: number) => Uint8Array.from({ length: size }, (_, i) => i);

async function transfer(pipe: InPipe, size: number, zeroPacket = true): Promise<void> {
  if (await pipe.put(bytes(size))) await pipe.end(zeroPacket);
}

function read(pipe: InPipe, length: number, signal?: AbortSignal) {
  const buffer = new Uint8Array(length);
  return pipe.read(bufferSink(buffer), signal).then((result) => ({ ...result, buffer }));
}

describe('where a read ends', () => {
  // [sent, asked for, what each read gets]
  test.each([
    [12, 512, [12]],
    [12, 4096, [12]],
    [20, 16, [16, 4]],
    [20, 8, [8, 8, 4]],
    // A full last packet is followed by an empty one, which ends a read that is not full.
    [16, 4096, [16]],
    [16, 16, [16, 0]],
    [8, 8, [8, 0]],
    [0, 8, [0]],
  ])('%i bytes sent, %i asked for, in packets of 8', async (sent, asked, sizes) => {
    const pipe = new InPipe(8);
    void transfer(pipe, sent);
    const got: number[] = [];
    const parts: number[] = [];
    for (const _ of sizes) {
      const { status, bytesRead, buffer } = await read(pipe, asked);
      expect(status).toBe('ok');
      got.push(bytesRead);
      parts.push(...buffer.subarray(0, bytesRead));
    }
    expect(got).toEqual(sizes);
    expect(parts).toEqual([...bytes(sent)]);
    const more = watch(read(pipe, asked));
    await settle();
    expect(more.state).toBe('pending');
  });

  test('without an empty packet the next transfer goes into the same read', async () => {
    const pipe = new InPipe(8);
    void transfer(pipe, 16, false).then(() => transfer(pipe, 4));
    expect(await read(pipe, 64)).toMatchObject({ status: 'ok', bytesRead: 20 });
  });

  test('parts of any size make the same packets', async () => {
    const pipe = new InPipe(8);
    const parts = async () => {
      for (const [from, to] of [
        [0, 3],
        [3, 4],
        [4, 21],
        [21, 21],
        [21, 40],
      ] as const) {
        await pipe.put(bytes(40).subarray(from, to));
      }
      await pipe.end();
    };
    void parts();
    expect(await read(pipe, 24)).toMatchObject({ bytesRead: 24, buffer: bytes(24) });
    expect(await read(pipe, 24)).toMatchObject({ bytesRead: 16 });
  });

  test('several reads are served in their order', async () => {
    const pipe = new InPipe(8);
    const reads = [read(pipe, 8), read(pipe, 8), read(pipe, 8)];
    await transfer(pipe, 18);
    expect((await Promise.all(reads)).map(({ bytesRead }) => bytesRead)).toEqual([8, 8, 2]);
  });
});

describe('babble', () => {
  test('a packet that does not fit is lost, what follows it is not', async () => {
    const pipe = new InPipe(8);
    void transfer(pipe, 20);
    expect(await read(pipe, 12)).toMatchObject({ status: 'babble', bytesRead: 12 });
    expect(await read(pipe, 8)).toMatchObject({ status: 'ok', bytesRead: 4 });
  });

  test('nothing asked for, something sent', async () => {
    const pipe = new InPipe(8);
    void transfer(pipe, 8);
    expect(await read(pipe, 0)).toMatchObject({ status: 'babble', bytesRead: 0 });
    expect(await read(pipe, 0)).toMatchObject({ status: 'ok', bytesRead: 0 });
  });
});

describe('giving up', () => {
  test('a cancelled read keeps its full packets; the rest goes to the next', async () => {
    const pipe = new InPipe(8);
    const cancelling = new AbortController();
    const first = read(pipe, 64, cancelling.signal);
    await pipe.put(bytes(20));
    cancelling.abort();
    expect(await first).toMatchObject({ status: 'cancelled', bytesRead: 16 });
    void pipe.end();
    expect(await read(pipe, 64)).toMatchObject({ status: 'ok', bytesRead: 4 });
  });

  test('a read cancelled before it began takes nothing', async () => {
    const pipe = new InPipe(8);
    void transfer(pipe, 4);
    expect(await read(pipe, 8, AbortSignal.abort())).toMatchObject({ status: 'cancelled' });
    expect(await read(pipe, 8)).toMatchObject({ bytesRead: 4 });
  });

  test('what is flushed is not taken', async () => {
    const pipe = new InPipe(8);
    const put = watch(pipe.put(bytes(100)));
    await read(pipe, 8);
    pipe.flush();
    await settle();
    expect(put).toMatchObject({ state: 'fulfilled', value: false });
    void transfer(pipe, 3);
    expect(await read(pipe, 8)).toMatchObject({ bytesRead: 3 });
  });

  test('halted, every read stalls; cleared, it goes on', async () => {
    const pipe = new InPipe(8);
    const waiting = read(pipe, 8);
    pipe.halt();
    expect(await waiting).toMatchObject({ status: 'stall' });
    void transfer(pipe, 3);
    expect(await read(pipe, 8)).toMatchObject({ status: 'stall' });
    pipe.clearHalt();
    expect(await read(pipe, 8)).toMatchObject({ status: 'ok', bytesRead: 3 });
  });
});

test('the camera waits until the host has taken full packets', async () => {
  const pipe = new InPipe(8);
  const put = watch(pipe.put(bytes(20)));
  await settle();
  expect(put.state).toBe('pending');
  await read(pipe, 8);
  await settle();
  expect(put.state).toBe('pending');
  await read(pipe, 8);
  await settle();
  expect(put.state).toBe('fulfilled');
});
