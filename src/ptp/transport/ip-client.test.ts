/** Transactions over PTP/IP against a peer that a test plays packet by packet. */
import { describe, expect, it, vi } from 'vitest';
import {
  fromHex,
  hexFixture,
  hexFixtureParts,
  toSpacedHex,
} from '../../../test/support/hex-fixture.ts';
import {
  cancel,
  data,
  endData,
  packet,
  request,
  response,
  ScriptedPeer,
  startData,
  startUnknown,
} from '../../../test/support/ip-peer.ts';
import { settle, watch } from '../../../test/support/settle.ts';
import { concat } from '../../base/byte-stream.ts';
import { LinkError, TimeoutError } from '../../base/errors.ts';
import { ProtocolError } from '../../bytes/index.ts';
import { connectIp } from './ip-client.ts';
import {
  type DataSink,
  type DataSource,
  dataSource,
  type PtpRequest,
  type TransactOptions,
} from './transport.ts';

/** A sink that notes all it is given. */
class Bin implements DataSink {
  readonly announced: (number | undefined)[] = [];
  readonly chunks: Uint8Array[] = [];

  start(size: number | undefined): void {
    this.announced.push(size);
  }

  write(chunk: Uint8Array): void {
    this.chunks.push(chunk.slice());
  }

  get hex(): string {
    return toSpacedHex(concat(this.chunks));
  }
}

async function connected() {
  const peer = new ScriptedPeer();
  const connecting = connectIp(peer.options);
  await settle();
  await peer.accepts();
  const transport = await connecting;
  const transact = (given: Partial<PtpRequest> = {}, options: Partial<TransactOptions> = {}) => {
    const sink = new Bin();
    const result = watch(
      transport.transact(
        { code: 0x1005, transactionId: 9, params: [0x00020001], ...given },
        { sink, idleTimeoutMs: 15_000, ...options },
      ),
    );
    return Object.assign(result, { sink });
  };
  /** The link is in step: the next transaction goes through. */
  const expectInStep = async () => {
    const next = transact({ code: 0x1001, transactionId: 0x77, params: [] });
    await peer.command.expects(request(0x1001, 0x77));
    await peer.command.sends(startData(0x77, 1), endData(0x77, 'aa'), response(0x2001, 0x77));
    expect(next.value).toEqual({ code: 0x2001, transactionId: 0x77, params: [] });
    expect(next.sink.hex).toBe('aa');
    expect(peer.clock.pending).toBe(0);
  };
  /** The link is lost: both connections closed, `closed` settled, nothing more is sent. */
  const expectLost = async () => {
    expect([await peer.command.ended(), await peer.event.ended()]).toEqual([true, true]);
    await peer.command.received();
    const next = transact();
    await settle();
    expect(next.state).toBe('rejected');
    await peer.command.expects('');
    expect(peer.clock.pending).toBe(0);
    return transport.closed;
  };
  const lost = watch(transport.closed);
  return { ...peer, peer, transport, transact, expectInStep, expectLost, lost };
}

const STORAGE_INFO = hexFixture('ptp/storage-info-eos-70d.hex');
const OK_9 = { code: 0x2001, transactionId: 9, params: [] };

describe('a transaction', () => {
  it('is the request, and the response with its parameters', async () => {
    const { peer, transact, expectInStep } = await connected();
    const result = transact({ code: 0x9128, transactionId: 17, params: [1, 0] });
    await peer.command.expects(hexFixture('ptpip/operation-request-eos-70d.hex'));
    expect(result.state).toBe('pending');
    await peer.command.sends(response(0x2001, 17, 1, 0xffffffff));
    expect(result.value).toEqual({ code: 0x2001, transactionId: 17, params: [1, 0xffffffff] });
    expect(result.sink.announced).toEqual([]);
    await peer.event.expects('');
    await expectInStep();
  });

  it('hands on any response code', async () => {
    const { peer, transact, expectInStep } = await connected();
    const result = transact({ transactionId: 7 });
    await peer.command.sends('0e 00 00 00 07 00 00 00 19 20 07 00 00 00');
    expect(result.value).toEqual({ code: 0x2019, transactionId: 7, params: [] });
    await peer.command.received();
    await expectInStep();
  });

  it('that no packet can carry is refused before anything is sent, and the link is kept', async () => {
    const { peer, transact, expectInStep } = await connected();
    for (const params of [[-1], [0x100000000], [0.5], [Number.NaN]]) {
      const result = transact({ params });
      await settle();
      expect(result.error).toBeInstanceOf(RangeError);
    }
    await peer.command.expects('');
    await peer.event.expects('');
    await expectInStep();
  });

  it('under an aborted signal is not begun', async () => {
    const { peer, transact, expectInStep } = await connected();
    const reason = new Error('enough');
    const result = transact({}, { signal: AbortSignal.abort(reason) });
    await settle();
    expect(result.error).toBe(reason);
    await peer.command.expects('');
    await peer.event.expects('');
    await expectInStep();
  });
});

describe('a data phase from the camera', () => {
  // In the capture, Start Data and the head of End Data came in one TCP segment, the payload in
  // the next.
  it('is read in the segments of the capture', async () => {
    const { peer, transact, expectInStep } = await connected();
    const whole = hexFixture('ptpip/get-storage-info-eos-70d.hex');
    const result = transact();
    await peer.command.expects('16 00 00 00 06 00 00 00 01 00 00 00 05 10 09 00 00 00 01 00 02 00');
    for (const [from, to] of [
      [0, 32],
      [32, 68],
      [68, 82],
    ]) {
      expect(result.state).toBe('pending');
      await peer.command.sends(whole.subarray(from, to));
    }
    expect(result.value).toEqual(OK_9);
    expect(result.sink.announced).toEqual([36]);
    expect(result.sink.hex).toBe(toSpacedHex(STORAGE_INFO));
    await expectInStep();
  });

  it('is read byte by byte, and all at once', async () => {
    const whole = hexFixture('ptpip/get-storage-info-eos-70d.hex');
    for (const step of [1, whole.length]) {
      const { peer, transact, expectInStep } = await connected();
      const result = transact();
      for (let at = 0; at < whole.length; at += step) {
        await peer.command.sends(whole.subarray(at, at + step));
      }
      expect(result.value).toEqual(OK_9);
      expect(result.sink.hex).toBe(toSpacedHex(STORAGE_INFO));
      await peer.command.received();
      await expectInStep();
    }
  });

  it.each<[string, Uint8Array[], (number | undefined)[], string]>([
    [
      'in Data packets of any size with the rest in End Data',
      [startData(9, 6), data(9, '01'), data(9, '02 03 04'), endData(9, '05 06')],
      [6],
      '01 02 03 04 05 06',
    ],
    ['in End Data alone', [startData(9, 2), endData(9, '01 02')], [2], '01 02'],
    [
      'with empty Data packets among the others',
      [startData(9, 2), data(9, ''), data(9, '01'), data(9, ''), endData(9, '02')],
      [2],
      '01 02',
    ],
    [
      'with an empty End Data when the total has come',
      [startData(9, 2), data(9, '01 02'), endData(9, '')],
      [2],
      '01 02',
    ],
    ['with End Data twice', [startData(9, 2), endData(9, '01 02'), endData(9, '')], [2], '01 02'],
    ['of nothing, with End Data', [startData(9, 0), endData(9, '')], [0], ''],
    ['of nothing, without End Data', [startData(9, 0)], [0], ''],
    [
      'of unknown total',
      [startUnknown(9), data(9, '01'), data(9, '02 03'), endData(9, '04')],
      [undefined],
      '01 02 03 04',
    ],
    ['of unknown total and nothing in it', [startUnknown(9), endData(9, '')], [undefined], ''],
    ['that does not come: the response instead of Start Data', [], [], ''],
  ])('%s', async (_name, packets, announced, bytes) => {
    const { peer, transact, expectInStep } = await connected();
    const result = transact();
    await peer.command.sends(...packets);
    expect(result.state).toBe('pending');
    await peer.command.sends(response(0x2001, 9));
    expect(result.value).toEqual(OK_9);
    expect(result.sink.announced).toEqual(announced);
    expect(result.sink.hex).toBe(bytes);
    await peer.command.received();
    await expectInStep();
  });

  it('of a failed operation: the failure is the answer', async () => {
    const { peer, transact, expectInStep } = await connected();
    const result = transact();
    await peer.command.sends(startData(9, 0), endData(9, ''), response(0x2009, 9));
    expect(result.value).toMatchObject({ code: 0x2009 });
    await peer.command.received();
    await expectInStep();
  });

  it('that breaks off with a failure: the failure is the answer', async () => {
    const { peer, transact, expectInStep } = await connected();
    const result = transact();
    await peer.command.sends(startData(9, 100), data(9, '01 02'), response(0x2007, 9));
    expect(result.value).toEqual({ code: 0x2007, transactionId: 9, params: [] });
    await peer.command.received();
    await expectInStep();
  });

  it.each([
    ['with End Data', [startData(9, 36), data(9, '01'), endData(9, '02')], 2],
    ['without End Data', [startData(9, 36), data(9, '01')], 1],
    ['without any data', [startData(9, 36)], 0],
  ])(
    'shorter than announced, %s, is TRUNCATED, and the link is in step',
    async (_name, packets, came) => {
      const { peer, transact, expectInStep } = await connected();
      const result = transact();
      await peer.command.sends(...packets, response(0x2001, 9));
      expect(result.error).toBeInstanceOf(ProtocolError);
      expect(result.error).toMatchObject({ code: 'TRUNCATED' });
      expect((result.error as ProtocolError).message).toContain(
        `announced 36 bytes and sent ${came}`,
      );
      await peer.command.received();
      await expectInStep();
    },
  );

  it('of unknown total without End Data is TRUNCATED: nothing says that all has come', async () => {
    const { peer, transact, expectInStep } = await connected();
    const result = transact();
    await peer.command.sends(startUnknown(9), data(9, '01 02'), response(0x2001, 9));
    expect(result.error).toBeInstanceOf(ProtocolError);
    expect(result.error).toMatchObject({ code: 'TRUNCATED' });
    await peer.command.received();
    await expectInStep();
  });

  it.each([
    ['in one packet', [startData(9, 4), endData(9, '01 02 03 04 05')]],
    ['in several', [startData(9, 4), data(9, '01 02 03'), data(9, '04 05')]],
    ['behind the end', [startData(9, 4), endData(9, '01 02 03 04'), endData(9, '05')]],
    ['where nothing was announced', [startData(9, 0), endData(9, '01')]],
    ['of 4 GiB', [startData(9, 4), fromHex('ff ff ff ff 0a 00 00 00 09 00 00 00')]],
    ['of 2 GiB', [startData(9, 4), fromHex('ff ff ff 7f 0c 00 00 00 09 00 00 00')]],
  ])('longer than announced, %s, ends the link', async (_name, packets) => {
    const { peer, transact, expectLost } = await connected();
    const result = transact();
    await peer.command.sends(...packets);
    expect(result.error).toBeInstanceOf(ProtocolError);
    expect(result.error).toMatchObject({ code: 'INVALID_DATA' });
    expect(result.sink.hex.length).toBeLessThan('01 02 03 04 05'.length);
    const closed = await expectLost();
    expect(closed).toBeInstanceOf(LinkError);
    expect(closed?.cause).toBe(result.error);
  });

  it('without Start Data ends the link', async () => {
    const { peer, transact, expectLost } = await connected();
    const result = transact();
    await peer.command.sends(endData(9, '01'));
    expect(result.error).toBeInstanceOf(ProtocolError);
    expect(await expectLost()).toBeInstanceOf(LinkError);
  });

  it('of more than 2^53 bytes ends the link', async () => {
    const { peer, transact, expectLost } = await connected();
    const result = transact();
    await peer.command.sends(packet(9, '09 00 00 00 00 00 00 00 00 00 20 00'));
    expect(result.error).toBeInstanceOf(ProtocolError);
    expect(await expectLost()).toBeInstanceOf(LinkError);
  });

  it('of more than 4 GiB is announced in full', async () => {
    const { peer, transact } = await connected();
    const result = transact({ transactionId: 3 });
    await peer.command.sends('14 00 00 00 09 00 00 00 03 00 00 00 00 00 00 40 01 00 00 00');
    expect(result.sink.announced).toEqual([5_368_709_120]);
    expect(result.state).toBe('pending');
  });

  it('is handed on as it comes, without waiting for the end of a packet', async () => {
    const { peer, transact } = await connected();
    const result = transact();
    const end = endData(9, '01 02 03 04');
    await peer.command.sends(startData(9, 4), end.subarray(0, 14));
    expect(result.sink.hex).toBe('01 02');
    await peer.command.sends(end.subarray(14));
    expect(result.sink.hex).toBe('01 02 03 04');
  });

  it('waits for its sink', async () => {
    const { peer, transact } = await connected();
    const writes: { hex: string; done: () => void }[] = [];
    const sink: DataSink = {
      write: (chunk) =>
        new Promise((done) => {
          writes.push({ hex: toSpacedHex(chunk), done });
        }),
    };
    const result = transact({}, { sink });
    await peer.command.sends(startData(9, 2), data(9, '01'), endData(9, '02'), response(0x2001, 9));
    expect(writes.map(({ hex }) => hex)).toEqual(['01']);
    writes[0]?.done();
    await settle();
    expect(writes.map(({ hex }) => hex)).toEqual(['01', '02']);
    expect(result.state).toBe('pending');
    writes[1]?.done();
    await settle();
    expect(result.value).toEqual(OK_9);
  });

  it.each([
    [
      'at the start',
      (error: Error): DataSink => ({
        start: () => {
          throw error;
        },
        write: () => {},
      }),
    ],
    [
      'at once',
      (error: Error): DataSink => ({
        write: () => {
          throw error;
        },
      }),
    ],
    ['later', (error: Error): DataSink => ({ write: () => Promise.reject(error) })],
  ])(
    'whose sink fails %s is finished, then fails, and the link is in step',
    async (_when, make) => {
      const { peer, transact, expectInStep } = await connected();
      const error = new Error('disk full');
      const sink = make(error);
      const write = vi.spyOn(sink, 'write');
      const result = transact({}, { sink });
      await peer.command.sends(startData(9, 3), data(9, '01'), data(9, '02'), endData(9, '03'));
      expect(result.state).toBe('pending');
      await peer.command.sends(response(0x2001, 9));
      expect(result.error).toBe(error);
      expect(write.mock.calls.length).toBeLessThanOrEqual(1);
      await peer.command.received();
      await expectInStep();
    },
  );
});

describe('packets that belong to no transaction under way', () => {
  it('late responses and data of earlier transactions are passed over', async () => {
    const { peer, transact, expectInStep } = await connected();
    const result = transact();
    await peer.command.sends(
      response(0x2001, 7),
      startData(8, 3),
      data(8, '61 62'),
      endData(8, '63'),
      response(0x2019, 8),
    );
    expect(result.state).toBe('pending');
    await peer.command.sends(startData(9, 1), data(8, 'ff'), endData(9, '01'), response(0x2001, 9));
    expect(result.value).toEqual(OK_9);
    expect(result.sink.announced).toEqual([1]);
    expect(result.sink.hex).toBe('01');
    await peer.command.received();
    await expectInStep();
  });

  it('whatever comes between two transactions is passed over', async () => {
    const { peer, transact, expectInStep } = await connected();
    await peer.command.sends(response(0x2001, 8), endData(8, '01'), cancel(8));
    const result = transact();
    await peer.command.sends(response(0x2001, 9), endData(9, ''));
    expect(result.value).toEqual(OK_9);
    await peer.command.received();
    await expectInStep();
  });

  it('a Cancel for another transaction is passed over, on either connection', async () => {
    const { peer, transact } = await connected();
    const result = transact();
    await peer.command.sends(cancel(3));
    await peer.event.sends(cancel(3));
    await peer.command.sends(response(0x2001, 9));
    expect(result.value).toEqual(OK_9);
  });

  it.each([
    ['of unknown type', packet(0x0f, '01 02 03 04')],
    ['of unknown type 0xFFFFFFFF', packet(0xffffffff)],
    ['that only an initiator sends', request(0x1001, 9)],
    ['that only stands at the beginning', packet(4)],
  ])('a packet %s on the command connection ends the link', async (_name, bytes) => {
    const { peer, transact, expectLost } = await connected();
    const result = transact();
    await peer.command.sends(bytes);
    expect(result.error).toBeInstanceOf(ProtocolError);
    expect(result.error).toMatchObject({ code: 'INVALID_DATA' });
    expect(await expectLost()).toBeInstanceOf(LinkError);
  });

  it.each([0, 7, 0x7fffffff, 0xffffffff])(
    'a packet of length %i on either connection ends the link',
    async (length) => {
      for (const connection of ['command', 'event'] as const) {
        const { peer, transact, expectLost } = await connected();
        const result = transact();
        const head = packet(8);
        new DataView(head.buffer).setUint32(0, length, true);
        await peer[connection].sends(head);
        expect(result.error).toBeInstanceOf(ProtocolError);
        expect(await expectLost()).toBeInstanceOf(LinkError);
      }
    },
  );
});

describe('the event connection', () => {
  const OBJECT_ADDED = '12 00 00 00 08 00 00 00 02 40 ff ff ff ff 01 00 90 91';
  const objectAdded = { code: 0x4002, transactionId: 0xffffffff, params: [0x91900001] };

  it('delivers events at any time, in any pieces', async () => {
    const { peer, transport, transact } = await connected();
    await peer.event.sends(OBJECT_ADDED);
    const result = transact();
    for (const byte of fromHex(OBJECT_ADDED)) await peer.event.sends(Uint8Array.of(byte));
    await peer.command.sends(response(0x2001, 9));
    expect(result.value).toEqual(OK_9);
    expect(await transport.events.next()).toEqual({ value: objectAdded, done: false });
    expect(await transport.events.next()).toEqual({ value: objectAdded, done: false });
  });

  it('that nobody reads keeps no transaction from its end', async () => {
    const { peer, transport, transact, expectInStep } = await connected();
    const result = transact();
    const many = concat(Array.from({ length: 1000 }, () => fromHex(OBJECT_ADDED)));
    for (let i = 0; i < 5; i++) await peer.event.sends(many);
    await peer.command.sends(response(0x2001, 9));
    expect(result.value).toEqual(OK_9);
    expect(transport.events.dropped).toBe(5000 - 1024);
    await peer.command.received();
    await expectInStep();
  });

  it('passes over packets of unknown type', async () => {
    const { peer, transport } = await connected();
    await peer.event.sends(packet(0x0f, new Uint8Array(1000)), packet(0xffffffff), OBJECT_ADDED);
    expect(await transport.events.next()).toEqual({ value: objectAdded, done: false });
  });

  it('ends the link for a packet of unknown type that is longer than 1 MiB', async () => {
    const { peer, expectLost } = await connected();
    await peer.event.sends('01 00 20 00 0f 00 00 00');
    expect(await expectLost()).toBeInstanceOf(LinkError);
  });

  it('has each Probe Request answered on the connection where it came', async () => {
    const { peer, transact } = await connected();
    const probe = '08 00 00 00 0d 00 00 00';
    const answer = '08 00 00 00 0e 00 00 00';
    await peer.event.sends(probe, probe);
    await peer.event.expects(answer, answer);
    const result = transact();
    await peer.command.expects(request(0x1005, 9, 0x00020001));
    await peer.command.sends(startData(9, 1), probe, endData(9, '01'), response(0x2001, 9));
    await peer.command.expects(answer);
    await peer.event.expects('');
    expect(result.value).toEqual(OK_9);
  });

  it('may carry Probes with surplus bytes, and so may the command connection', async () => {
    const { peer, expectInStep } = await connected();
    const probe = packet(13, '01 02 03 04');
    await peer.event.sends(probe, packet(14, '05'));
    await peer.event.expects('08 00 00 00 0e 00 00 00');
    await peer.command.sends(probe, packet(14, '05'));
    await peer.command.expects('08 00 00 00 0e 00 00 00');
    await expectInStep();
  });

  it('ends the iteration over events when the link is lost', async () => {
    const { peer, transport } = await connected();
    await peer.event.sends(OBJECT_ADDED);
    await peer.event.ends();
    expect(await transport.events.next()).toEqual({ value: objectAdded, done: false });
    expect(await transport.events.next()).toEqual({ value: undefined, done: true });
  });
});

describe('giving up', () => {
  const REASON = new Error('enough');

  it('inside a data phase sends Cancel on the event connection and reads on to the response', async () => {
    const { peer, transact, expectInStep } = await connected();
    const abort = new AbortController();
    const result = transact({}, { signal: abort.signal });
    await peer.command.sends(startData(9, 100), data(9, '01 02'));
    await peer.command.received();
    abort.abort(REASON);
    await peer.event.expects('0c 00 00 00 0b 00 00 00 09 00 00 00');
    await peer.command.expects('');
    expect(result.state).toBe('pending');
    await peer.command.sends(data(9, '03 04'), endData(9, '05'));
    expect(result.state).toBe('pending');
    await peer.command.sends(response(0x201f, 9));
    expect(result.error).toBe(REASON);
    // What came after the abort is thrown away.
    expect(result.sink.hex).toBe('01 02');
    await expectInStep();
  });

  it('is confirmed by a response after a Cancel on the command connection', async () => {
    const { peer, transact, expectInStep } = await connected();
    const abort = new AbortController();
    const result = transact({}, { signal: abort.signal });
    await peer.command.sends(startData(9, 100), data(9, '01 02'));
    await peer.command.received();
    abort.abort(REASON);
    await settle();
    await peer.command.sends(cancel(9));
    expect(result.state).toBe('pending');
    await peer.command.sends(response(0x201f, 9));
    expect(result.error).toBe(REASON);
    await expectInStep();
  });

  it.each([
    ['the rest of the data', [data(9, '03'), endData(9, '04'), response(0x2001, 9)]],
    ['a failure', [response(0x2002, 9)]],
  ])('is confirmed by whatever response comes: %s', async (_name, packets) => {
    const { peer, transact, expectInStep } = await connected();
    const abort = new AbortController();
    const result = transact({}, { signal: abort.signal });
    await peer.command.sends(startData(9, 4), data(9, '01 02'));
    await peer.command.received();
    abort.abort(REASON);
    await settle();
    await peer.command.sends(...packets);
    expect(result.error).toBe(REASON);
    await expectInStep();
  });

  it('before anything has come does the same', async () => {
    const { peer, transact, expectInStep } = await connected();
    const abort = new AbortController();
    const result = transact({}, { signal: abort.signal });
    await peer.command.expects(request(0x1005, 9, 0x00020001));
    abort.abort(REASON);
    await peer.event.expects(cancel(9));
    await peer.command.sends(response(0x201f, 9));
    expect(result.error).toBe(REASON);
    await expectInStep();
  });

  it('that is not confirmed within five seconds gives up the link', async () => {
    const { peer, transact, expectLost } = await connected();
    const abort = new AbortController();
    const result = transact({}, { signal: abort.signal });
    await peer.command.sends(startData(9, 100), data(9, '01 02'));
    abort.abort(REASON);
    await peer.clock.advance(4999);
    expect(result.state).toBe('pending');
    await peer.clock.advance(1);
    // The port's rule: a LinkError where the link is lost, and what led to it as its cause.
    expect(result.error).toBeInstanceOf(LinkError);
    expect(result.error).toMatchObject({ code: 'LINK_LOST', cause: REASON });
    expect(await expectLost()).toBe(result.error);
  });

  it('an abort after the response changes nothing', async () => {
    const { peer, transact, expectInStep } = await connected();
    const abort = new AbortController();
    const result = transact({}, { signal: abort.signal });
    await peer.command.sends(response(0x2001, 9));
    abort.abort(REASON);
    await peer.event.expects('');
    expect(result.value).toEqual(OK_9);
    await peer.command.received();
    await expectInStep();
  });

  it('leaves no listener on the signal', async () => {
    const { peer, transact } = await connected();
    const { signal } = new AbortController();
    const added = vi.spyOn(signal, 'addEventListener');
    const removed = vi.spyOn(signal, 'removeEventListener');
    const result = transact({}, { signal });
    await peer.command.sends(response(0x2001, 9));
    expect(result.state).toBe('fulfilled');
    expect(removed.mock.calls.length).toBe(added.mock.calls.length);
    expect(added).toHaveBeenCalled();
  });
});

describe('silence', () => {
  it('for the idle time is a TimeoutError, after a Cancel that was confirmed', async () => {
    const { peer, transact, expectInStep } = await connected();
    const result = transact({ code: 0x100e });
    await peer.command.received();
    await peer.clock.advance(14_999);
    await peer.event.expects('');
    await peer.clock.advance(1);
    await peer.event.expects(cancel(9));
    expect(result.state).toBe('pending');
    await peer.command.sends(response(0x201f, 9));
    expect(result.error).toBeInstanceOf(TimeoutError);
    expect((result.error as TimeoutError).message).toContain('0x100e');
    await expectInStep();
  });

  it('after the Cancel too gives up the link', async () => {
    const { peer, transact, expectLost } = await connected();
    const result = transact();
    await peer.clock.advance(20_000);
    expect(result.error).toBeInstanceOf(LinkError);
    expect((result.error as LinkError).cause).toBeInstanceOf(TimeoutError);
    expect(await expectLost()).toBe(result.error);
  });

  it('is counted from the last byte, not from the request', async () => {
    const { peer, transact } = await connected();
    const result = transact();
    await peer.command.sends(startData(9, 5));
    const end = endData(9, '01 02 03 04 05');
    await peer.command.sends(end.subarray(0, 12));
    for (let at = 12; at < end.length; at++) {
      await peer.clock.advance(14_000);
      await peer.command.sends(end.subarray(at, at + 1));
    }
    await peer.clock.advance(14_000);
    await peer.command.sends(response(0x2001, 9));
    expect(result.value).toEqual(OK_9);
    await peer.event.expects('');
  });

  it('is broken by any packet', async () => {
    const { peer, transact } = await connected();
    const result = transact();
    for (const bytes of [startData(9, 1), data(9, ''), response(0x2001, 8), data(8, '01')]) {
      await peer.clock.advance(14_000);
      await peer.command.sends(bytes);
    }
    await peer.clock.advance(14_000);
    await peer.command.sends(endData(9, '01'), response(0x2001, 9));
    expect(result.value).toEqual(OK_9);
    await peer.event.expects('');
  });

  it('is not the time that our own sink takes', async () => {
    const { peer, transact, expectInStep } = await connected();
    let done: () => void = () => {};
    const sink: DataSink = {
      write: () =>
        new Promise((resolve) => {
          done = resolve;
        }),
    };
    const result = transact({}, { sink });
    await peer.command.sends(startData(9, 1), endData(9, '01'), response(0x2001, 9));
    await peer.clock.advance(60_000);
    await peer.event.expects('');
    done();
    await settle();
    expect(result.value).toEqual(OK_9);
    await peer.command.received();
    await expectInStep();
  });

  it('is not the time that our own source takes', async () => {
    const { peer, transact, expectInStep } = await connected();
    let next: () => void = () => {};
    async function* chunks() {
      yield fromHex('01');
      await new Promise<void>((resolve) => {
        next = resolve;
      });
      yield fromHex('02');
    }
    const result = transact({ data: { size: 2, chunks: chunks() } });
    await peer.clock.advance(60_000);
    await peer.event.expects('');
    next();
    await settle();
    await peer.clock.advance(14_000);
    expect(result.state).toBe('pending');
    await peer.command.sends(response(0x2001, 9));
    expect(result.value).toEqual(OK_9);
    await peer.command.received();
    await expectInStep();
  });
});

describe('a lost link', () => {
  const whole = hexFixture('ptpip/get-storage-info-eos-70d.hex');

  it('is a LinkError wherever it is cut before the end', async () => {
    for (let size = 0; size < whole.length; size++) {
      const { peer, transact } = await connected();
      const result = transact();
      await peer.command.sends(whole.slice(0, size));
      await peer.command.ends();
      expect(result.error).toBeInstanceOf(LinkError);
      expect(result.error).toMatchObject({ code: 'LINK_LOST' });
    }
  });

  it.each([
    ['the command connection ends', (peer: ScriptedPeer) => peer.command.ends()],
    ['the event connection ends', (peer: ScriptedPeer) => peer.event.ends()],
    [
      'the command connection breaks',
      (peer: ScriptedPeer) => peer.command.breaks(new LinkError('RST')),
    ],
    [
      'the event connection breaks',
      (peer: ScriptedPeer) => peer.event.breaks(new LinkError('RST')),
    ],
  ])('is told to the transaction and by `closed` when %s', async (_name, lose) => {
    const { peer, transact, lost, expectLost } = await connected();
    const result = transact();
    await peer.command.sends(startData(9, 36), data(9, '01 02'));
    expect(lost.state).toBe('pending');
    await lose(peer);
    expect(result.error).toBeInstanceOf(LinkError);
    expect(lost.value).toBe(result.error);
    expect(await expectLost()).toBe(result.error);
  });

  it('is told by `closed` between transactions too', async () => {
    const { peer, lost, expectLost } = await connected();
    await peer.command.ends();
    expect(lost.value).toBeInstanceOf(LinkError);
    expect(lost.value?.message).toBe('192.0.2.70:15740 ended the connection');
    expect(await expectLost()).toBe(lost.value);
  });

  it('is told at once while our own source keeps us waiting', async () => {
    const { peer, transact } = await connected();
    async function* chunks() {
      yield fromHex('01');
      await new Promise(() => {});
    }
    const result = transact({ data: { size: 2, chunks: chunks() } });
    await settle();
    await peer.command.ends();
    expect(result.error).toBeInstanceOf(LinkError);
    expect(peer.clock.pending).toBe(0);
  });

  it('while a Cancel waits for its confirmation is told at once', async () => {
    const { peer, transact } = await connected();
    const abort = new AbortController();
    const result = transact({}, { signal: abort.signal });
    await settle();
    abort.abort(new Error('enough'));
    await settle();
    await peer.command.ends();
    expect(result.error).toBeInstanceOf(LinkError);
    expect(peer.clock.pending).toBe(0);
  });
});

describe('close', () => {
  it('ends both connections, without a reason', async () => {
    const { peer, transport, lost } = await connected();
    await transport.close();
    expect([await peer.event.ended(), await peer.command.ended()]).toEqual([true, true]);
    expect(lost).toMatchObject({ state: 'fulfilled', value: undefined });
    await transport.close();
    await peer.command.expects('');
    await peer.event.expects('');
  });

  it('ends a transaction that is under way with a LinkError', async () => {
    const { peer, transport, transact } = await connected();
    const result = transact();
    await settle();
    await transport.close();
    await settle();
    expect(result.error).toBeInstanceOf(LinkError);
    const next = transact();
    await settle();
    expect(next.error).toBeInstanceOf(LinkError);
    expect(peer.clock.pending).toBe(0);
  });
});

describe('a data phase to the camera', () => {
  const [REQUEST, START, END] = hexFixtureParts('ptpip/data-out-eos-m3.hex') as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  const M3 = { code: 0x9110, transactionId: 0x93, params: [] };
  const PAYLOAD = fromHex('0c 00 00 00 b0 d1 00 00 08 00 00 00');
  const from = (size: number, chunks: DataSource['chunks']): DataSource => ({ size, chunks });

  it('is the request, Start Data and End Data of the capture', async () => {
    const { peer, transact, expectInStep } = await connected();
    const result = transact({ ...M3, data: dataSource(PAYLOAD) });
    await peer.command.expects(REQUEST, START, END);
    expect(result.state).toBe('pending');
    await peer.command.sends(response(0x2001, 0x93));
    expect(result.value).toMatchObject({ code: 0x2001 });
    await expectInStep();
  });

  it('of nothing is Start Data with total 0 and an empty End Data', async () => {
    const { peer, transact, expectInStep } = await connected();
    const result = transact({ ...M3, data: dataSource(new Uint8Array(0)) });
    await peer.command.expects(
      '12 00 00 00 06 00 00 00 02 00 00 00 10 91 93 00 00 00',
      '14 00 00 00 09 00 00 00 93 00 00 00 00 00 00 00 00 00 00 00',
      '0c 00 00 00 0c 00 00 00 93 00 00 00',
    );
    await peer.command.sends(response(0x2001, 0x93));
    expect(result.state).toBe('fulfilled');
    await expectInStep();
  });

  it('goes in Data packets with the last piece in the one End Data', async () => {
    const { peer, transact, expectInStep } = await connected();
    async function* chunks() {
      yield PAYLOAD.subarray(0, 5);
      yield new Uint8Array(0);
      yield PAYLOAD.subarray(5, 6);
      yield PAYLOAD.subarray(6);
      yield new Uint8Array(0);
    }
    const result = transact({ ...M3, data: from(12, chunks()) });
    await peer.command.expects(
      REQUEST,
      START,
      data(0x93, '0c 00 00 00 b0'),
      data(0x93, 'd1'),
      endData(0x93, '00 00 08 00 00 00'),
    );
    await peer.command.sends(response(0x2001, 0x93));
    expect(result.state).toBe('fulfilled');
    await expectInStep();
  });

  it('is cut into pieces of 1 MiB', async () => {
    const { peer, transact, expectInStep } = await connected();
    const size = (2 << 20) + 5;
    const result = transact({ ...M3, data: dataSource(new Uint8Array(size).fill(7)) });
    const received = await peer.command.received();
    expect(received).toHaveLength(18 + 20 + 12 + (1 << 20) + 12 + (1 << 20) + 12 + 5);
    const second = 18 + 20 + 12 + (1 << 20);
    expect(toSpacedHex(received.subarray(38, 51))).toBe('0c 00 10 00 0a 00 00 00 93 00 00 00 07');
    expect(toSpacedHex(received.subarray(second, second + 12))).toBe(
      '0c 00 10 00 0a 00 00 00 93 00 00 00',
    );
    expect(toSpacedHex(received.subarray(-17))).toBe(
      '11 00 00 00 0c 00 00 00 93 00 00 00 07 07 07 07 07',
    );
    await peer.command.sends(response(0x2001, 0x93));
    expect(result.state).toBe('fulfilled');
    await expectInStep();
  });

  it('is finished, even where the camera has answered before its end', async () => {
    const { peer, transact, expectInStep } = await connected();
    let next: () => void = () => {};
    async function* chunks() {
      yield PAYLOAD.subarray(0, 4);
      await new Promise<void>((resolve) => {
        next = resolve;
      });
      yield PAYLOAD.subarray(4);
    }
    const result = transact({ ...M3, data: from(12, chunks()) });
    await peer.command.expects(REQUEST, START, data(0x93, PAYLOAD.subarray(0, 4)));
    await peer.command.sends(response(0x2019, 0x93));
    expect(result.state).toBe('pending');
    next();
    await peer.command.expects(endData(0x93, PAYLOAD.subarray(4)));
    expect(result.value).toMatchObject({ code: 0x2019 });
    await expectInStep();
  });

  it.each([
    [
      'fails',
      function* () {
        yield PAYLOAD.subarray(0, 4);
        throw new Error('disk error');
      },
      [data(0x93, PAYLOAD.subarray(0, 4))],
      'disk error',
    ],
    [
      'ends too early',
      function* () {
        yield PAYLOAD.subarray(0, 4);
      },
      [data(0x93, PAYLOAD.subarray(0, 4))],
      'data ended after 4 of the 12 bytes announced',
    ],
    [
      'gives too much',
      function* () {
        yield PAYLOAD.subarray(0, 4);
        yield new Uint8Array(9);
      },
      [data(0x93, PAYLOAD.subarray(0, 4))],
      'more data than the 12 bytes announced',
    ],
  ])('whose source %s is cancelled on both connections', async (_how, chunks, sent, message) => {
    const { peer, transact, expectInStep } = await connected();
    const result = transact({ ...M3, data: from(12, chunks()) });
    await peer.command.expects(REQUEST, START, ...sent, cancel(0x93));
    await peer.event.expects(cancel(0x93));
    expect(result.state).toBe('pending');
    await peer.command.sends(response(0x201f, 0x93));
    expect(result.error).toMatchObject({ message });
    await expectInStep();
  });

  it('that is given up ends with Cancel in place of further data, and its source is let go', async () => {
    const { peer, transact, expectInStep } = await connected();
    const abort = new AbortController();
    const reason = new Error('enough');
    let next: () => void = () => {};
    let letGo = false;
    async function* chunks() {
      try {
        yield PAYLOAD.subarray(0, 4);
        await new Promise<void>((resolve) => {
          next = resolve;
        });
        yield PAYLOAD.subarray(4);
      } finally {
        letGo = true;
      }
    }
    const result = transact({ ...M3, data: from(12, chunks()) }, { signal: abort.signal });
    await peer.command.expects(REQUEST, START, data(0x93, PAYLOAD.subarray(0, 4)));
    abort.abort(reason);
    await peer.event.expects(cancel(0x93));
    await peer.command.expects(cancel(0x93));
    next();
    await peer.command.expects('');
    expect(letGo).toBe(true);
    await peer.command.sends(cancel(0x93), response(0x201f, 0x93));
    expect(result.error).toBe(reason);
    await expectInStep();
  });

  it('that is given up after its end is cancelled on the event connection alone', async () => {
    const { peer, transact, expectInStep } = await connected();
    const abort = new AbortController();
    const reason = new Error('enough');
    const result = transact({ ...M3, data: dataSource(PAYLOAD) }, { signal: abort.signal });
    await peer.command.expects(REQUEST, START, END);
    abort.abort(reason);
    await peer.event.expects(cancel(0x93));
    await peer.command.expects('');
    await peer.command.sends(response(0x201f, 0x93));
    expect(result.error).toBe(reason);
    await expectInStep();
  });

  it('to a camera that has stopped reading ends in bounded time', async () => {
    const { peer, transact, expectLost } = await connected();
    peer.command.stopsReading();
    const result = transact({ ...M3, data: dataSource(new Uint8Array(8 << 20)) });
    await peer.clock.advance(15_000);
    await peer.event.expects(cancel(0x93));
    expect(result.state).toBe('pending');
    await peer.clock.advance(5000);
    expect(result.error).toBeInstanceOf(LinkError);
    expect((result.error as LinkError).cause).toBeInstanceOf(TimeoutError);
    peer.command.readsAgain();
    expect(await expectLost()).toBe(result.error);
  });

  it('refused by a camera that then stops reading ends with its answer', async () => {
    const { peer, transact, expectLost } = await connected();
    peer.command.stopsReading();
    const result = transact({ ...M3, data: dataSource(new Uint8Array(8 << 20)) });
    await peer.command.sends(response(0x200c, 0x93));
    expect(result.state).toBe('pending');
    await peer.clock.advance(2000);
    expect(result.value).toMatchObject({ code: 0x200c });
    // Its data was not sent to the end: what comes next would be taken for the rest of it.
    peer.command.readsAgain();
    expect(await expectLost()).toMatchObject({ code: 'LINK_LOST' });
  });

  it('refused by a camera that then hangs up ends with its answer', async () => {
    const { peer, transact } = await connected();
    peer.command.stopsReading();
    const result = transact({ ...M3, data: dataSource(new Uint8Array(8 << 20)) });
    await peer.command.sends(response(0x200c, 0x93));
    await peer.command.breaks(new LinkError('reset by peer'));
    expect(result.value).toMatchObject({ code: 0x200c });
  });

  it('is no slower than the camera reads', async () => {
    const { peer, transact } = await connected();
    peer.command.stopsReading();
    let asked = 0;
    function* chunks() {
      for (; asked < 100; asked++) yield new Uint8Array(1 << 20);
    }
    const result = transact({ ...M3, data: from(100 << 20, chunks()) });
    await settle();
    expect(asked).toBeLessThan(4);
    expect(result.state).toBe('pending');
  });
});
