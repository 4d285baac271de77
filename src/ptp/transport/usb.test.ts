import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { fromHex, hexFixture, toSpacedHex } from '../../../test/support/hex-fixture.ts';
import {
  container,
  data,
  response,
  ScriptedUsb,
  type ScriptedUsbOptions,
  type SeenCommand,
  scriptedUsb,
} from '../../../test/support/scripted-usb.ts';
import { settle, watch } from '../../../test/support/settle.ts';
import { LinkError } from '../../base/errors.ts';
import type { PtpResponse } from './transport.ts';
import { connectUsb, type UsbConnectOptions, type UsbTransport } from './usb.ts';
import { encodeDataHead } from './usb-containers.ts';

const OK = 0x2001;

interface Result {
  response: PtpResponse;
  announced: number | undefined;
  bytes: Uint8Array;
}

/** One transaction, its data collected. */
async function transact(
  transport: UsbTransport,
  code: number,
  transactionId: number,
  more: { params?: number[]; send?: Uint8Array; signal?: AbortSignal; idleMs?: number } = {},
): Promise<Result> {
  const parts: Uint8Array[] = [];
  let announced: number | undefined;
  const answer = await transport.transact(
    {
      code,
      transactionId,
      params: more.params ?? [],
      data: more.send && { size: more.send.length, chunks: [more.send] },
    },
    {
      sink: {
        start: (size) => {
          announced = size;
        },
        write: (chunk) => void parts.push(chunk.slice()),
      },
      idleTimeoutMs: more.idleMs ?? 15_000,
      signal: more.signal,
    },
  );
  return { response: answer, announced, bytes: new Uint8Array(Buffer.concat(parts)) };
}

async function connect(
  script: (command: SeenCommand, device: ScriptedUsb) => void,
  options: ScriptedUsbOptions & Omit<UsbConnectOptions, 'device'> = {},
) {
  const device = scriptedUsb(script, options);
  const clock = new FakeClock();
  const transport = await connectUsb({ device, clock, name: 'the camera', ...options });
  return { device, clock, transport };
}

/** Bytes without a period that a packet or a read could share. */
function pattern(size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let i = 0; i < size; i++) bytes[i] = i + (i >> 8) + (i >> 16);
  return bytes;
}

/** Answers every operation with OK, and what `payloads` has for it before. */
function answering(payloads: Record<number, Uint8Array>) {
  return ({ code, transactionId }: SeenCommand, usb: ScriptedUsb) => {
    const payload = payloads[code];
    if (payload) usb.send(data(code, transactionId, payload));
    usb.send(response(OK, transactionId));
  };
}

describe('golden bytes', () => {
  it('opens a session as an EOS 60D was asked to (camlibs/ptp2/cameras/canon-eos60d-debug.log)', async () => {
    const { device, transport } = await connect((_, usb) =>
      usb.send(fromHex('0c000000 0300 0120 00000000')),
    );
    const { response: answer } = await transact(transport, 0x1002, 0, { params: [1] });
    expect(device.received.map(toSpacedHex)).toEqual([
      '10 00 00 00 01 00 02 10 00 00 00 00 01 00 00 00',
    ]);
    expect(answer).toEqual({ code: OK, transactionId: 0, params: [] });
  });

  it('takes Session_Already_Open with its parameter (Samsung NX1, samsung-nx01.txt)', async () => {
    const { transport } = await connect((_, usb) =>
      usb.send(fromHex('10000000 0300 1e20 00000000 01000000')),
    );
    const { response: answer } = await transact(transport, 0x1002, 0, { params: [1] });
    expect(answer).toEqual({ code: 0x201e, transactionId: 0, params: [1] });
  });

  it('drops the byte too many of an iRiver T10: 65 for 64 on 64 byte packets (iRiver-t10.txt)', async () => {
    const seen = fromHex(`
      40000000020014108400000002d4ffff000b6900720069007600650072002000
      54003100300000000b6900720069007600650072002000540031003000000000 00`);
    const { transport } = await connect(
      ({ transactionId }, usb) => {
        usb.send(seen);
        usb.send(response(OK, transactionId));
      },
      { packetSize: 64 },
    );
    const { bytes, announced } = await transact(transport, 0x1014, 0x84);
    expect(announced).toBe(52);
    expect(toSpacedHex(bytes)).toBe(toSpacedHex(seen.subarray(12, 64)));
    expect((await transact(transport, 0x1014, 0x84)).bytes).toHaveLength(52);
  });

  it('reads the DeviceInfo of an EOS 60D, 415 bytes with its head', async () => {
    const info = hexFixture('ptp/device-info-eos-60d.hex');
    const { transport } = await connect(answering({ 4097: info }));
    expect((await transact(transport, 0x1001, 1)).bytes).toEqual(info);
  });

  it('asks for the status as it was asked of a PowerShot SX160, and cancels as WPD does', async () => {
    const setups: string[] = [];
    const { device, transport } = await connect(() => {}, {
      onControl: (setup, bytes) => {
        const { requestType, recipient, request, value, index } = setup;
        setups.push(
          `${requestType} ${recipient} ${request.toString(16)} ${value} ${index} ${toSpacedHex(bytes ?? new Uint8Array())}`.trim(),
        );
        return request === 0x67 ? fromHex('04000120') : undefined;
      },
    });
    expect(device.log).toEqual(['open', 'claim 0']);
    const abort = new AbortController();
    const clock = new FakeClock();
    const own = await connectUsb({ device, clock });
    const running = watch(transact(own, 0x1009, 5, { signal: abort.signal }));
    await settle();
    abort.abort(new Error('enough'));
    await clock.advance(1500);
    expect(running.error).toMatchObject({ message: 'enough' });
    expect(setups).toEqual(['class interface 64 0 0 01 40 05 00 00 00', 'class interface 67 0 0']);
    await transport.close();
  });
});

const SIZES = [0, 1, 2, 3, 4, 10, 101, 257, 500, 511, 512, 513, 997, 1000, 1012, 1023, 1024];

describe.each([
  { transfers: true, port: 'a port with transfers' },
  { transfers: false, port: 'a port as in a browser' },
])('payloads over $port', ({ transfers }) => {
  it.each([8, 16, 32, 64, 512, 1024])(
    'of every size both ways at packets of %d',
    async (packetSize) => {
      let payload = pattern(0);
      let end = true;
      let outgoing: Uint8Array[] = [];
      const { device, transport } = await connect(
        ({ code, transactionId }, usb) => {
          if (code === 0x100d) return;
          usb.send(data(code, transactionId, payload), { end });
          usb.send(response(OK, transactionId, [payload.length]));
        },
        {
          packetSize,
          transfers,
          onTransfer: (bytes, usb) => {
            outgoing.push(bytes);
            usb.send(response(OK, new DataView(bytes.buffer).getUint32(8, true)));
          },
        },
      );
      let id = 0;
      for (const size of SIZES) {
        payload = pattern(size);
        for (end of [true, false]) {
          const { response: answer, bytes, announced } = await transact(transport, 0x1009, ++id);
          expect(answer).toEqual({ code: OK, transactionId: id, params: [size] });
          expect(announced).toBe(size);
          expect(toSpacedHex(bytes)).toBe(toSpacedHex(payload));
        }
        outgoing = [];
        const sent = await transact(transport, 0x100d, ++id, { send: payload });
        expect(sent.response.code).toBe(OK);
        expect(outgoing.map(toSpacedHex)).toEqual([toSpacedHex(data(0x100d, id, payload))]);
      }
      expect(device.pendingReads).toBe(0);
      await transport.close();
    },
  );

  it('larger than the reads, several of them in flight and none across the end', async () => {
    const size = (5 << 20) / 2 + 3;
    const payload = pattern(size);
    let most = 0;
    const { device, transport } = await connect(answering({ 4105: payload }), {
      transfers,
      readSize: 1 << 18,
      readsInFlight: 4,
    });
    const parts: Uint8Array[] = [];
    await transport.transact(
      { code: 0x1009, transactionId: 1, params: [] },
      {
        sink: {
          write: async (chunk) => {
            most = Math.max(most, device.pendingReads);
            parts.push(chunk.slice());
            await settle();
          },
        },
        idleTimeoutMs: 1000,
      },
    );
    expect(Buffer.concat(parts).equals(payload)).toBe(true);
    const reads = device.log.filter((line) => line.startsWith('read'));
    const asked = reads.map((line) => Number(line.slice(5)));
    // First read, data, and the read that gets the response.
    expect(asked[0]).toBe(16384);
    expect(asked.at(-1)).toBe(16384);
    const body = asked.slice(1, -1).reduce((sum, length) => sum + length, 0);
    expect(body).toBe(Math.ceil((size + 12 - 16384) / 512) * 512);
    expect(new Set(asked.slice(1, -2))).toEqual(new Set([1 << 18]));
  });

  it('of unknown length, as beyond 4 GiB: until a short packet, one read at a time', async () => {
    const payload = pattern(100_000);
    const { device, transport } = await connect(
      ({ code, transactionId }, usb) => {
        usb.send(container(2, code, transactionId, payload, 0xffffffff));
        usb.send(response(OK, transactionId));
      },
      { transfers, readSize: 1 << 15 },
    );
    const result = await transact(transport, 0x1009, 1);
    expect(result.announced).toBeUndefined();
    expect(Buffer.from(result.bytes).equals(payload)).toBe(true);
    expect(device.log.filter((line) => line === 'read 32768')).toHaveLength(3);
  });

  it('with the head apart, and then ours apart as well', async () => {
    const payload = pattern(3000);
    const { device, transport } = await connect(
      ({ code, transactionId }, usb) => {
        if (code === 0x100d) return;
        const whole = data(code, transactionId, payload);
        usb.send(whole.subarray(0, 12));
        usb.send(whole.subarray(12));
        usb.send(response(OK, transactionId));
      },
      {
        transfers,
        onTransfer: (bytes, usb) => {
          if (bytes.length === 1024) usb.send(response(OK, 2));
        },
      },
    );
    expect((await transact(transport, 0x1009, 1)).bytes).toEqual(payload);
    await transact(transport, 0x100d, 2, { send: pattern(1024) });
    expect(device.received.slice(-2).map((bytes) => bytes.length)).toEqual([12, 1024]);
  });
});

it('a data container is announced as of unknown length where its length takes no 32 bits', () => {
  expect(toSpacedHex(encodeDataHead(0x100d, 7, 2 ** 32))).toBe(
    'ff ff ff ff 02 00 0d 10 07 00 00 00',
  );
  expect(toSpacedHex(encodeDataHead(0x100d, 7, 2 ** 32 - 14))).toBe(
    'fe ff ff ff 02 00 0d 10 07 00 00 00',
  );
});

describe('what real devices do', () => {
  it('the response glued to the data', async () => {
    const { transport } = await connect(({ code, transactionId }, usb) =>
      usb.send(
        Buffer.concat([data(code, transactionId, pattern(500)), response(OK, transactionId, [9])]),
      ),
    );
    const { response: answer, bytes } = await transact(transport, 0x1009, 1);
    expect(bytes).toEqual(pattern(500));
    expect(answer.params).toEqual([9]);
  });

  it.each([505, 16384 - 12, 16384 - 12 + 507])(
    'also across the end of a read, payload of %d',
    async (size) => {
      const { transport } = await connect(({ code, transactionId }, usb) =>
        usb.send(
          Buffer.concat([data(code, transactionId, pattern(size)), response(OK, transactionId)]),
        ),
      );
      expect((await transact(transport, 0x1009, 1)).bytes).toEqual(pattern(size));
    },
  );

  it('nothing but the response where data was expected: the operation failed', async () => {
    const { transport } = await connect(({ transactionId }, usb) =>
      usb.send(response(0x2009, transactionId)),
    );
    const result = await transact(transport, 0x1009, 1);
    expect(result).toMatchObject({ response: { code: 0x2009 }, announced: undefined });
  });

  it('an empty data container before the failure', async () => {
    const { transport } = await connect(({ code, transactionId }, usb) => {
      usb.send(data(code, transactionId, new Uint8Array(0)));
      usb.send(response(0x2002, transactionId));
    });
    const result = await transact(transport, 0x1009, 1);
    expect(result).toMatchObject({ response: { code: 0x2002 }, announced: 0 });
  });

  it('the head alone, and then the response in place of the payload', async () => {
    const { transport } = await connect(({ code, transactionId }, usb) => {
      usb.send(data(code, transactionId, pattern(3000)).subarray(0, 12));
      usb.send(response(0x2007, transactionId));
    });
    expect((await transact(transport, 0x1009, 1)).response.code).toBe(0x2007);
  });

  it('data that ends early: the failure says why, OK does not', async () => {
    let code = 0x2007;
    const { transport, device } = await connect((command, usb) => {
      usb.send(data(command.code, command.transactionId, pattern(100_000)).subarray(0, 70_000));
      usb.send(response(code, command.transactionId));
    });
    expect((await transact(transport, 0x1009, 1)).response.code).toBe(0x2007);
    code = OK;
    await expect(transact(transport, 0x1009, 2)).rejects.toMatchObject({
      code: 'TRUNCATED',
      message: 'the camera announced 100000 bytes and sent 69988',
    });
    expect(device.log).not.toContain('cancel 2');
  });

  it('answers and data of earlier transactions, dropped by their id or code', async () => {
    const { transport } = await connect(({ code, transactionId }, usb) => {
      usb.send(response(OK, transactionId - 1));
      usb.send(data(code, transactionId - 1, pattern(40_000)));
      usb.send(data(0x1004, transactionId, pattern(512 - 12)));
      usb.send(data(code, transactionId, pattern(10)));
      usb.send(data(code, transactionId, pattern(11)));
      usb.send(response(OK, transactionId));
    });
    const { bytes } = await transact(transport, 0x1009, 7);
    expect(bytes).toEqual(pattern(10));
  });

  it('a response without an id to CloseSession (Leica)', async () => {
    const { transport } = await connect((_, usb) => usb.send(response(OK, 0)));
    expect((await transact(transport, 0x1003, 7)).response.code).toBe(OK);
  });

  it('the response before the data: the next transaction drops what is late', async () => {
    const { transport } = await connect(({ code, transactionId }, usb) => {
      usb.send(response(OK, transactionId));
      if (code === 0x1009) usb.send(data(code, transactionId, pattern(700)));
    });
    expect((await transact(transport, 0x1009, 1)).bytes).toHaveLength(0);
    expect((await transact(transport, 0x1001, 2)).response.transactionId).toBe(2);
  });

  it('a container of a type that has no place on this pipe', async () => {
    const { transport } = await connect(({ code, transactionId }, usb) => {
      usb.send(container(1, code, transactionId));
      usb.send(container(4, 0x4002, transactionId, [1]));
      usb.send(response(OK, transactionId));
    });
    expect((await transact(transport, 0x1001, 1)).response.code).toBe(OK);
  });

  it('a response that is not whole words long', async () => {
    const { transport } = await connect(({ transactionId }, usb) =>
      usb.send(container(3, OK, transactionId, new Uint8Array([1, 0, 0, 0, 9, 9]))),
    );
    expect((await transact(transport, 0x1001, 1)).response.params).toEqual([1]);
  });
});

describe('garbage', () => {
  it.each([
    ['a length shorter than a head', container(3, OK, 1, [], 11)],
    ['a length of zero', container(3, OK, 1, [], 0)],
    ['an unknown type', container(5, OK, 1)],
    ['a response of a megabyte', container(3, OK, 1, [], 1 << 20)],
  ])('%s is an error, after which the link is in step again', async (_, bytes) => {
    let garbage = true;
    const { device, clock, transport } = await connect(({ transactionId }, usb) => {
      usb.send(garbage ? bytes : response(OK, transactionId));
    });
    await expect(transact(transport, 0x1001, 1)).rejects.toMatchObject({ code: 'INVALID_DATA' });
    garbage = false;
    const next = watch(transact(transport, 0x1001, 2));
    await clock.advance(1000);
    expect(next.value?.response.code).toBe(OK);
    expect(device.log).toEqual(
      expect.arrayContaining(['clearHalt out 2', 'clearHalt in 1', 'status']),
    );
  });

  it('containers of other transactions without end', async () => {
    const { transport } = await connect((_, usb) => {
      for (let i = 0; i < 100; i++) usb.send(response(OK, 99));
    });
    await expect(transact(transport, 0x1001, 1)).rejects.toMatchObject({
      code: 'INVALID_DATA',
      message: 'the camera answers everything but operation 0x1001',
    });
  });

  it('a camera that never stops sending loses the link', async () => {
    const { device, clock, transport } = await connect((_, usb) => usb.send(container(9, 0, 0)));
    await expect(transact(transport, 0x1001, 1)).rejects.toMatchObject({ code: 'INVALID_DATA' });
    const next = watch(transact(transport, 0x1001, 2));
    for (let i = 0; i < 60; i++) {
      device.send(pattern(3));
      await clock.advance(100);
    }
    expect(next.error).toMatchObject({ name: 'LinkError' });
    expect(await transport.closed).toMatchObject({ name: 'LinkError' });
  });
});

describe('stalls and babble', () => {
  it('a stalled command pipe is cleared and the command sent once more', async () => {
    const { device, transport } = await connect(answering({}));
    device.halt('out');
    expect((await transact(transport, 0x1001, 1)).response.code).toBe(OK);
    expect(device.log).toContain('clearHalt out 2');
    expect(device.received).toHaveLength(1);
  });

  it('a pipe that stalls again is an error', async () => {
    const { device, transport } = await connect(answering({}));
    const clear = device.clearHalt.bind(device);
    device.clearHalt = async (direction, endpoint) => {
      await clear(direction, endpoint);
      device.halt('out');
    };
    device.halt('out');
    await expect(transact(transport, 0x1001, 1)).rejects.toMatchObject({
      name: 'LinkError',
      message: expect.stringContaining('stalls its command pipe again'),
    });
  });

  it('a stalled answer pipe is cleared and read again', async () => {
    const { device, transport } = await connect(({ transactionId }, usb) => {
      usb.halt('in');
      usb.send(response(OK, transactionId));
    });
    expect((await transact(transport, 0x1001, 1)).response.code).toBe(OK);
    expect(device.log.filter((line) => line === 'clearHalt in 1')).toHaveLength(1);
  });

  it('a stall in the middle of data, with reads in flight, ends the data phase', async () => {
    const { device, transport } = await connect(({ code, transactionId }, usb) =>
      usb.send(data(code, transactionId, pattern(3 << 20)).subarray(0, 1 << 20), { end: false }),
    );
    const running = watch(transact(transport, 0x1009, 1));
    await settle();
    device.halt('in');
    await settle();
    device.send(response(0x2007, 1));
    await settle();
    expect(running.value?.response.code).toBe(0x2007);
    expect(device.log.filter((line) => line === 'clearHalt in 1')).toHaveLength(1);
  });

  it('a stall while we send: what the camera says about it is the answer', async () => {
    const { device, transport } = await connect(({ transactionId }, usb) => {
      usb.halt('out');
      usb.send(response(0x200c, transactionId));
    });
    const { response: answer } = await transact(transport, 0x100d, 1, { send: pattern(1 << 20) });
    expect(answer.code).toBe(0x200c);
    expect(device.log).toEqual(expect.arrayContaining(['status', 'clearHalt out 2']));
  });

  it('babble is an error, and the next transaction works', async () => {
    let answer: (id: number, usb: ScriptedUsb) => void = (_, usb) => {
      usb.send(pattern(512), { end: false });
      usb.babble();
      usb.babble();
    };
    const { clock, transport } = await connect(({ transactionId }, usb) =>
      answer(transactionId, usb),
    );
    await expect(transact(transport, 0x1001, 1)).rejects.toMatchObject({ code: 'INVALID_DATA' });
    answer = (id, usb) => usb.send(response(OK, id));
    const next = watch(transact(transport, 0x1001, 2));
    await clock.advance(1000);
    expect(next.value?.response.code).toBe(OK);
  });
});

describe('events', () => {
  async function eventsOf(packets: Uint8Array[], options: ScriptedUsbOptions = {}, gapMs = 0) {
    const { device, clock, transport } = await connect(() => {}, options);
    for (const packet of packets) {
      device.interrupt(packet);
      await settle();
      await clock.advance(gapMs);
    }
    await settle();
    await transport.close();
    const events = [];
    for await (const event of transport.events) events.push(event);
    return events;
  }
  const inEights = (bytes: Uint8Array) =>
    Array.from({ length: Math.ceil(bytes.length / 8) }, (_, i) => bytes.subarray(8 * i, 8 * i + 8));
  /** sony-a6000.txt: property 0xD21D has changed. */
  const sony = fromHex('10000000 0400 03c2 ffffffff 1dd20000');
  const told = { code: 0xc203, transactionId: 0xffffffff, params: [0xd21d] };

  it('in pieces of eight bytes, with and without an empty packet behind', async () => {
    const packets = [...inEights(sony), new Uint8Array(0), ...inEights(sony)];
    expect(await eventsOf(packets)).toEqual([told, told]);
  });

  it('whole, and several in one packet', async () => {
    const two = Buffer.concat([sony, sony]);
    expect(await eventsOf([sony, two], { interruptPacketSize: 64 })).toEqual([told, told, told]);
  });

  it('of 24 and of 12 bytes', async () => {
    const long = container(4, 0x4002, 5, [1, 2, 3]);
    const short = container(4, 0x400c, 0);
    expect(await eventsOf([...inEights(long), ...inEights(short)])).toEqual([
      { code: 0x4002, transactionId: 5, params: [1, 2, 3] },
      { code: 0x400c, transactionId: 0, params: [] },
    ]);
  });

  it('not what old cameras send besides, nor the beginning of one that never went on', async () => {
    const noise = [fromHex('ff'), fromHex('0102030405060708'), container(3, OK, 1).subarray(0, 8)];
    expect(await eventsOf([...noise, ...inEights(sony)])).toEqual([told]);
    expect(await eventsOf([sony.subarray(0, 8), ...inEights(sony)], {}, 100)).not.toEqual([told]);
    expect(await eventsOf([sony.subarray(0, 8), ...inEights(sony)], {}, 200)).not.toEqual([]);
  });

  it('again after a stall of their pipe', async () => {
    const { device, transport } = await connect(() => {});
    device.halt('interrupt');
    await settle();
    for (const packet of inEights(sony)) device.interrupt(packet);
    await settle();
    expect(device.log).toContain('clearHalt in 3');
    expect((await transport.events.next()).value).toEqual(told);
  });

  it('none at all where the pipe is broken: the camera can still be worked with', async () => {
    const { device, clock, transport } = await connect(answering({}));
    const clear = device.clearHalt.bind(device);
    device.clearHalt = async (direction, endpoint) => {
      await clear(direction, endpoint);
      if (endpoint === 3) device.halt('interrupt');
    };
    device.halt('interrupt');
    await clock.advance(5000);
    expect(device.log.filter((line) => line === 'clearHalt in 3')).toHaveLength(3);
    expect((await transact(transport, 0x1001, 1)).response.code).toBe(OK);
  });
});

describe.each([
  { transfers: true, port: 'a port with transfers' },
  { transfers: false, port: 'a port as in a browser' },
])('giving up, over $port', ({ transfers }) => {
  /** A download of 64 MiB of which the camera sends so much, and goes on when asked for more. */
  async function download(sent: number, options: ScriptedUsbOptions = {}) {
    const abort = new AbortController();
    const connected = await connect(
      ({ code, transactionId }, usb) => {
        if (code !== 0x1009) return usb.send(response(OK, transactionId));
        usb.send(container(2, code, transactionId, pattern(sent - 12), 64 << 20), { end: false });
      },
      {
        transfers,
        onControl: ({ request }, _, usb) => {
          if (request === 0x64) usb.flush();
          return undefined;
        },
        ...options,
      },
    );
    const running = watch(transact(connected.transport, 0x1009, 1, { signal: abort.signal }));
    await settle();
    return { ...connected, abort, running };
  }

  it.each([5 << 20, (5 << 20) + 512 * 7])(
    'an abort in a long download sends Cancel, drains, and leaves the session usable (%d)',
    async (sent) => {
      const { device, clock, transport, abort, running } = await download(sent);
      abort.abort(new Error('enough'));
      await clock.advance(1000);
      expect(running.error).toMatchObject({ message: 'enough' });
      expect(device.log.filter((line) => /cancel|status/.test(line))).toEqual([
        'cancel 1',
        'status',
      ]);
      expect((await transact(transport, 0x1001, 2)).response).toMatchObject({ transactionId: 2 });
      expect(await Promise.race([transport.closed, Promise.resolve('open')])).toBe('open');
    },
  );

  it('a camera that answers the cancelled transaction all the same (Android)', async () => {
    const { clock, transport, abort, running } = await download(5 << 20, {
      onControl: ({ request }, _, usb) => {
        if (request !== 0x64) return undefined;
        usb.flush();
        usb.send(new Uint8Array(0));
        usb.send(response(0x201f, 1));
        return 'stall';
      },
    });
    abort.abort(new Error('enough'));
    await clock.advance(1000);
    expect(running.error).toMatchObject({ message: 'enough' });
    expect((await transact(transport, 0x1001, 2)).response.code).toBe(OK);
  });

  it('waits while the camera is busy cleaning up, and clears the halts that it names', async () => {
    let asked = 0;
    const { device, clock, abort, running } = await download(5 << 20, {
      onControl: ({ request }, _, usb) => {
        if (request === 0x64) usb.flush();
        if (request !== 0x67) return undefined;
        return ++asked < 4 ? fromHex('08 00 19 20 81 00 00 00') : fromHex('04 00 01 20');
      },
    });
    abort.abort(new Error('enough'));
    await clock.advance(2000);
    expect(running.error).toMatchObject({ message: 'enough' });
    expect(asked).toBe(4);
    expect(device.log.filter((line) => line === 'clearHalt in 1')).toHaveLength(3);
  });

  it('a camera that stays busy loses the link', async () => {
    const { clock, transport, abort, running } = await download(5 << 20, {
      onControl: ({ request }) => (request === 0x67 ? fromHex('04 00 19 20') : undefined),
    });
    abort.abort(new Error('enough'));
    await clock.advance(10_000);
    expect(running.error).toMatchObject({ name: 'LinkError', cause: { message: 'enough' } });
    expect(await transport.closed).toMatchObject({ name: 'LinkError' });
    await expect(transact(transport, 0x1001, 2)).rejects.toMatchObject({ name: 'LinkError' });
  });

  it('a camera whose control pipe is dead loses the link', async () => {
    const { clock, transport, abort, running } = await download(5 << 20, {
      onControl: () => new Promise<never>(() => {}),
    });
    abort.abort(new Error('enough'));
    await clock.advance(10_000);
    expect(running.error).toMatchObject({ name: 'LinkError' });
    expect(await transport.closed).toBeInstanceOf(LinkError);
  });

  it('an answer that is near is waited for: no Cancel for a little data', async () => {
    const abort = new AbortController();
    const { device, clock, transport } = await connect(
      ({ code, transactionId }, usb) => {
        if (code !== 0x101b) return usb.send(response(OK, transactionId));
        usb.send(data(code, transactionId, pattern(1 << 20)).subarray(0, 1 << 19), { end: false });
      },
      { transfers },
    );
    const running = watch(transact(transport, 0x101b, 1, { signal: abort.signal }));
    await settle();
    abort.abort(new Error('enough'));
    await clock.advance(100);
    device.send(data(0x101b, 1, pattern(1 << 20)).subarray(1 << 19));
    device.send(response(OK, 1));
    await clock.advance(100);
    expect(running.error).toMatchObject({ message: 'enough' });
    expect(device.log.filter((line) => line.startsWith('cancel'))).toEqual([]);
    expect((await transact(transport, 0x1001, 2)).response.code).toBe(OK);
  });

  it('silence is a timeout; an answer that comes late is dropped by the next transaction', async () => {
    const { device, clock, transport } = await connect(
      ({ code, transactionId }, usb) => {
        if (code !== 0x100e) usb.send(response(OK, transactionId));
      },
      { transfers },
    );
    const running = watch(transact(transport, 0x100e, 1, { idleMs: 2000 }));
    await clock.advance(3000);
    expect(running.error).toMatchObject({
      name: 'TimeoutError',
      message: 'the camera did not answer operation 0x100e within 2 s',
    });
    // Where a read cannot be taken back it stays, for the next transaction to use.
    expect(device.pendingReads).toBe(transfers ? 0 : 1);
    device.send(response(0x201f, 1));
    expect((await transact(transport, 0x1001, 2)).response).toMatchObject({ transactionId: 2 });
    expect(device.pendingReads).toBe(0);
  });

  it('a slow disk is not a silent camera, and memory that is kept is left alone', async () => {
    const payload = pattern(1 << 20);
    const { clock, transport } = await connect(answering({ 4105: payload }), {
      transfers,
      readSize: 1 << 16,
    });
    const kept: Uint8Array[] = [];
    const releases: (() => void)[] = [];
    const running = watch(
      transport.transact(
        { code: 0x1009, transactionId: 1, params: [] },
        {
          sink: {
            write: (chunk, keep) => {
              kept.push(chunk);
              keep?.(new Promise<void>((resolve) => releases.push(resolve)));
              return new Promise((resolve) => clock.after(5000, resolve));
            },
          },
          idleTimeoutMs: 2000,
        },
      ),
    );
    await clock.advance(200_000);
    expect(running.value?.code).toBe(OK);
    expect(Buffer.concat(kept).equals(payload)).toBe(true);
    for (const release of releases) release();
    await transact(transport, 0x1009, 2);
  });

  it('a sink that fails in a long download ends it by Cancel, in a short one by reading on', async () => {
    const full = new Error('disk full');
    const { device, clock, transport } = await connect(
      ({ code, transactionId }, usb) => {
        usb.send(data(code, transactionId, pattern(code === 0x1009 ? 32 << 20 : 1 << 20)));
        usb.send(response(OK, transactionId));
      },
      { transfers, onControl: ({ request }, _, usb) => void (request === 0x64 && usb.flush()) },
    );
    const write = () => {
      throw full;
    };
    const options = { sink: { write }, idleTimeoutMs: 1000 };
    const short = transport.transact({ code: 0x101b, transactionId: 1, params: [] }, options);
    await expect(short).rejects.toBe(full);
    expect(device.log).not.toContain('cancel 1');
    const long = watch(transport.transact({ code: 0x1009, transactionId: 2, params: [] }, options));
    await clock.advance(2000);
    expect(long.error).toBe(full);
    expect(device.log).toContain('cancel 2');
  });
});

describe('giving up an upload', () => {
  it('takes back the write of a camera that has stopped reading', async () => {
    const abort = new AbortController();
    const { device, clock, transport } = await connect(({ code, transactionId }, usb) => {
      if (code === 0x100d) usb.deaf = true;
      else usb.send(response(OK, transactionId));
    });
    const running = watch(
      transact(transport, 0x100d, 1, { send: pattern(1 << 20), signal: abort.signal }),
    );
    await settle();
    abort.abort(new Error('enough'));
    await clock.advance(2000);
    expect(running.error).toMatchObject({ message: 'enough' });
    device.deaf = false;
    expect((await transact(transport, 0x1001, 2)).response.code).toBe(OK);
  });

  it('loses the link where the write cannot be taken back', async () => {
    const { clock, transport } = await connect(
      ({ code }, usb) => {
        usb.deaf = code === 0x100d;
      },
      { transfers: false },
    );
    const running = watch(transact(transport, 0x100d, 1, { send: pattern(1 << 20), idleMs: 1000 }));
    await clock.advance(10_000);
    expect(running.error).toMatchObject({ name: 'LinkError', cause: { name: 'TimeoutError' } });
    expect(await transport.closed).toBeInstanceOf(LinkError);
  });

  it.each([
    ['fails', () => Promise.reject(new Error('no such file'))],
    ['is too short', async () => ({ done: true, value: undefined }) as const],
  ])('a source that %s cancels, and the link lives', async (_, next) => {
    const { device, clock, transport } = await connect(({ code, transactionId }, usb) => {
      if (code !== 0x100d) usb.send(response(OK, transactionId));
    });
    const running = watch(
      transport.transact(
        {
          code: 0x100d,
          transactionId: 1,
          params: [],
          data: { size: 10, chunks: { [Symbol.asyncIterator]: () => ({ next }) } },
        },
        { sink: { write: () => {} }, idleTimeoutMs: 1000 },
      ),
    );
    await clock.advance(2000);
    expect(running.error).toBeInstanceOf(Error);
    expect(running.error).not.toBeInstanceOf(LinkError);
    expect(device.log).toContain('cancel 1');
    expect((await transact(transport, 0x1001, 2)).response.code).toBe(OK);
  });

  it('the own source may take its time', async () => {
    const { clock, transport } = await connect(() => {}, {
      onTransfer: (_, usb) => usb.send(response(OK, 1)),
    });
    async function* chunks() {
      yield pattern(5);
      await new Promise<void>((resolve) => clock.after(60_000, resolve));
      yield pattern(5);
    }
    const running = watch(
      transport.transact(
        { code: 0x100d, transactionId: 1, params: [], data: { size: 10, chunks: chunks() } },
        { sink: { write: () => {} }, idleTimeoutMs: 1000 },
      ),
    );
    await clock.advance(61_000);
    expect(running.value?.code).toBe(OK);
  });
});

describe.each([
  ['a browser', new DOMException('The device was disconnected.', 'NotFoundError')],
  ['libusb', Object.assign(new Error('LIBUSB_TRANSFER_NO_DEVICE'), { errno: 5 })],
])('unplugging, as %s tells of it', (_, gone) => {
  const lost = {
    name: 'LinkError',
    code: 'LINK_LOST',
    message: 'the camera was unplugged or switched off',
  };

  it('while nothing is under way', async () => {
    const { device, transport } = await connect(answering({}));
    device.unplug(gone);
    expect(await transport.closed).toMatchObject(lost);
    await expect(transact(transport, 0x1001, 1)).rejects.toMatchObject(lost);
    expect((await transport.events.next()).done).toBe(true);
  });

  it.each([0, 3 << 20])('while an answer is awaited, after %d bytes', async (sent) => {
    const { device, transport } = await connect(({ code, transactionId }, usb) =>
      usb.send(data(code, transactionId, pattern(5 << 20)).subarray(0, sent), { end: false }),
    );
    const running = watch(transact(transport, 0x1009, 1));
    await settle();
    device.unplug(gone);
    await settle();
    expect(running.error).toMatchObject(lost);
    expect(await transport.closed).toMatchObject(lost);
  });

  it('while something is sent', async () => {
    const { device, transport } = await connect((_, usb) => {
      usb.deaf = true;
    });
    const running = watch(transact(transport, 0x100d, 1, { send: pattern(1 << 20) }));
    await settle();
    device.unplug(gone);
    device.hear();
    await settle();
    expect(running.error).toMatchObject(lost);
  });
});

it('a transfer that fails is an error of this transaction; the next one finds back', async () => {
  const { device, clock, transport } = await connect(answering({}));
  device.failures.set('write', new DOMException('A transfer error has occurred.', 'NetworkError'));
  await expect(transact(transport, 0x1001, 1)).rejects.toMatchObject({ name: 'LinkError' });
  const next = watch(transact(transport, 0x1001, 2));
  await clock.advance(1000);
  expect(next.value?.response.code).toBe(OK);
});

it('closing ends what is under way and gives the device back', async () => {
  const { device, transport } = await connect(() => {});
  const running = watch(transact(transport, 0x1001, 1));
  await settle();
  await transport.close();
  await settle();
  expect(running.error).toMatchObject({ message: 'the connection to the camera was closed' });
  expect(await transport.closed).toBeUndefined();
  expect(device.log.slice(-2)).toEqual(['release 0', 'close']);
});

describe('opening', () => {
  it('sets a configuration only where none is active', async () => {
    const device = new ScriptedUsb();
    device.configured = false;
    const transport = await connectUsb({ device, clock: new FakeClock() });
    expect(device.log).toEqual(['open', 'configure 1', 'claim 0']);
    expect(transport.name).toBe('Canon Digital Camera');
    await transport.close();
  });

  it('says that another program has the camera, and closes what it opened', async () => {
    const device = new ScriptedUsb();
    device.failures.set('claim', new DOMException('Unable to claim interface.', 'NetworkError'));
    await expect(connectUsb({ device, platform: 'browser' })).rejects.toMatchObject({
      code: 'BUSY',
      message: 'Canon Digital Camera is held by another program',
      hint: expect.stringContaining('other tabs'),
    });
    expect(device.opened).toBe(false);
  });

  it('ends with the reason of the signal', async () => {
    const device = new ScriptedUsb();
    const reason = new Error('enough');
    await expect(connectUsb({ device, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(device.log).toEqual([]);
  });

  it('does not take a device without PTP', async () => {
    const device = new ScriptedUsb();
    device.configurations.length = 0;
    await expect(connectUsb({ device })).rejects.toMatchObject({ code: 'NO_CAMERA' });
  });
});
