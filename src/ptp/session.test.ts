/** A PTP session over PTP/IP, against a peer that a test plays packet by packet. */
import { describe, expect, it } from 'vitest';
import { fromHex, hexFixture, toSpacedHex } from '../../test/support/hex-fixture.ts';
import {
  cancel,
  data,
  endData,
  packet,
  request,
  requestWithData,
  response,
  ScriptedPeer,
  startData,
} from '../../test/support/ip-peer.ts';
import { settle, watch } from '../../test/support/settle.ts';
import { LinkError, TimeoutError, UnsupportedError } from '../base/errors.ts';
import { ProtocolError } from '../bytes/index.ts';
import { ResponseError } from './response-error.ts';
import { PtpSession, type SessionOptions } from './session.ts';
import type { Tap } from './tap.ts';
import { nextTransactionId } from './transaction-id.ts';
import { connectIp } from './transport/ip-client.ts';

const OPEN_1 = '16 00 00 00 06 00 00 00 01 00 00 00 02 10 00 00 00 00 01 00 00 00';
const CLOSE_1 = '12 00 00 00 06 00 00 00 01 00 00 00 03 10 01 00 00 00';
const GET_DEVICE_INFO_1 = '12 00 00 00 06 00 00 00 01 00 00 00 01 10 01 00 00 00';

async function opening(options: SessionOptions = {}) {
  const peer = new ScriptedPeer();
  const connecting = connectIp(peer.options);
  await settle();
  await peer.accepts();
  const transport = await connecting;
  const result = watch(PtpSession.open(transport, { clock: peer.clock, ...options }));
  await settle();
  return { peer, transport, result };
}

async function opened(options: SessionOptions = {}) {
  const { peer, transport, result } = await opening(options);
  await peer.opensSession();
  const session = result.value ?? expect.fail('the session did not open');
  return { peer, transport, session };
}

describe('transaction ids', () => {
  it('are 0 for OpenSession, 1 for the next, and so on', async () => {
    const { peer, session } = await opened();
    for (const id of [2, 3, 4]) {
      const result = watch(session.transaction(0x9116));
      await peer.command.expects(request(0x9116, id));
      await peer.command.sends(response(0x2001, id));
      expect(result.value?.code).toBe(0x2001);
    }
  });

  it('go from 0xFFFFFFFE to 1: 0 and 0xFFFFFFFF are skipped', () => {
    expect(nextTransactionId(0)).toBe(1);
    expect(nextTransactionId(1)).toBe(2);
    expect(nextTransactionId(0x7fffffff)).toBe(0x80000000);
    expect(nextTransactionId(0xfffffffd)).toBe(0xfffffffe);
    expect(nextTransactionId(0xfffffffe)).toBe(1);
    expect(nextTransactionId(0xffffffff)).toBe(1);
  });

  it('are not spent on a transaction that never began', async () => {
    const { peer, session } = await opened();
    const abort = new AbortController();
    const first = watch(session.transaction(0x9116));
    const second = watch(session.transaction(0x9116, [], { signal: abort.signal }));
    const third = watch(session.transaction(0x9116));
    abort.abort(new Error('enough'));
    await peer.command.expects(request(0x9116, 2));
    await peer.command.sends(response(0x2001, 2));
    await peer.command.expects(request(0x9116, 3));
    await peer.command.sends(response(0x2001, 3));
    expect([first.state, second.state, third.state]).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
  });
});

describe('opening', () => {
  it('sends OpenSession(1) and reads DeviceInfo', async () => {
    const { session, transport } = await opened();
    expect(session.transport).toBe(transport);
    expect(session.deviceInfo).toMatchObject({ model: 'Canon EOS 60D', deviceVersion: '3-1.1.0' });
    expect(session.supports(0x9114)).toBe(true);
    expect(session.supports(0x101c)).toBe(false);
  });

  // EOS Utility.
  it('takes another session id', async () => {
    const { peer } = await opening({ sessionId: 0x41 });
    await peer.command.expects('16 00 00 00 06 00 00 00 01 00 00 00 02 10 00 00 00 00 41 00 00 00');
  });

  it('closes a session that the camera still holds, once, and opens again', async () => {
    const { peer, result } = await opening();
    await peer.command.expects(OPEN_1);
    await peer.command.sends(response(0x201e, 0, 1));
    await peer.command.expects(CLOSE_1);
    await peer.command.sends(response(0x2001, 1));
    await peer.opensSession();
    expect(result.value?.deviceInfo.model).toBe('Canon EOS 60D');
  });

  it('does not mind when that close fails', async () => {
    const { peer, result } = await opening();
    await peer.command.sends(response(0x201e, 0));
    await peer.command.sends(response(0x2003, 1));
    await peer.command.expects(OPEN_1, CLOSE_1, OPEN_1);
    await peer.command.sends(response(0x2001, 0));
    await peer.command.expects(GET_DEVICE_INFO_1);
    expect(result.state).toBe('pending');
  });

  // Samsung NX1: afterwards transaction 1 works.
  it('goes on in a session that cannot be closed', async () => {
    const { peer, result } = await opening();
    await peer.command.sends(response(0x201e, 0, 1));
    await peer.command.sends(response(0x2002, 1));
    await peer.command.expects(OPEN_1, CLOSE_1, OPEN_1);
    await peer.command.sends(response(0x201e, 0, 1));
    await peer.command.expects(GET_DEVICE_INFO_1);
    const info = hexFixture('ptp/device-info-eos-60d.hex');
    await peer.command.sends(startData(1, info.length), endData(1, info), response(0x2001, 1));
    expect(result.state).toBe('fulfilled');
    void result.value?.close();
    await peer.command.expects(request(0x1003, 2));
  });

  it('tries the next session id where the camera takes the transaction id for wrong', async () => {
    const { peer, result } = await opening();
    await peer.command.expects(request(0x1002, 0, 1));
    await peer.command.sends(response(0x2004, 0));
    await peer.command.expects(request(0x1002, 0, 2));
    await peer.command.sends(response(0x2004, 0));
    await peer.command.expects(request(0x1002, 0, 3));
    await peer.command.sends(response(0x2001, 0));
    await peer.command.expects(GET_DEVICE_INFO_1);
    expect(result.state).toBe('pending');
  });

  it('gives up after ten session ids and closes the link', async () => {
    const { peer, result } = await opening();
    for (let id = 1; id <= 10; id++) {
      await peer.command.expects(request(0x1002, 0, id));
      await peer.command.sends(response(0x2004, 0));
    }
    expect(result.error).toBeInstanceOf(ResponseError);
    expect(result.error).toMatchObject({ operation: 0x1002, response: 0x2004 });
    expect(await peer.command.ended()).toBe(true);
    await peer.command.expects('');
  });

  it('fails for any other answer, and closes the link', async () => {
    const { peer, result } = await opening();
    await peer.command.sends(response(0x2019, 0));
    expect(result.error).toBeInstanceOf(ResponseError);
    expect(result.error).toMatchObject({
      code: 'RESPONSE',
      response: 0x2019,
      responseName: 'Device_Busy',
      message: 'OpenSession was answered Device_Busy (0x2019)',
    });
    expect([await peer.command.ended(), await peer.event.ended()]).toEqual([true, true]);
  });

  it('fails for a DeviceInfo that makes no sense, and closes the link', async () => {
    const { peer, result } = await opening();
    await peer.command.sends(response(0x2001, 0));
    await peer.command.sends(startData(1, 3), endData(1, '64 00 06'), response(0x2001, 1));
    expect(result.error).toBeInstanceOf(ProtocolError);
    expect(await peer.command.ended()).toBe(true);
  });

  it('fails with the reason of the signal, and closes the link', async () => {
    const abort = new AbortController();
    const { peer, result } = await opening({ signal: abort.signal });
    await peer.command.expects(OPEN_1);
    const reason = new Error('enough');
    abort.abort(reason);
    await peer.event.expects(cancel(0));
    await peer.command.sends(response(0x201f, 0));
    expect(result.error).toBe(reason);
    expect(await peer.command.ended()).toBe(true);
  });

  it('fails where the link is lost', async () => {
    const { peer, result } = await opening();
    await peer.command.ends();
    expect(result.error).toBeInstanceOf(LinkError);
  });
});

describe('transactions', () => {
  it('return any answer, with its parameters and data', async () => {
    const { peer, session } = await opened();
    const result = watch(session.transaction(0x9999, [1, 2, 3, 4, 5]));
    await peer.command.expects(request(0x9999, 2, 1, 2, 3, 4, 5));
    await peer.command.sends(startData(2, 3), data(2, '01 02'), endData(2, '03'));
    await peer.command.sends(response(0x2005, 2, 7));
    expect(result.value).toEqual({ code: 0x2005, params: [7], data: fromHex('01 02 03') });
  });

  it('have empty data where there was no data phase', async () => {
    const { peer, session } = await opened();
    const result = watch(session.transaction(0x9116));
    await peer.command.sends(response(0x2001, 2));
    expect(result.value).toEqual({ code: 0x2001, params: [], data: new Uint8Array(0) });
  });

  it('take at most five parameters', async () => {
    const { peer, session } = await opened();
    expect(() => session.transaction(0x9999, [1, 2, 3, 4, 5, 6])).toThrow(RangeError);
    await peer.command.expects('');
  });

  it('send bytes, or a source of them', async () => {
    const { peer, session } = await opened();
    const bytes = watch(session.transaction(0x9110, [], { data: fromHex('01 02') }));
    await peer.command.expects(requestWithData(0x9110, 2), startData(2, 2), endData(2, '01 02'));
    await peer.command.sends(response(0x2001, 2));
    expect(bytes.value?.code).toBe(0x2001);
    const chunks = [fromHex('01'), fromHex('02')];
    const source = watch(session.transaction(0x9110, [], { data: { size: 2, chunks } }));
    await peer.command.expects(
      requestWithData(0x9110, 3),
      startData(3, 2),
      data(3, '01'),
      endData(3, '02'),
    );
    await peer.command.sends(response(0x2001, 3));
    expect(source.value?.code).toBe(0x2001);
  });

  it('give their data to a sink instead of the result', async () => {
    const { peer, session } = await opened();
    const chunks: string[] = [];
    const sink = { write: (chunk: Uint8Array) => void chunks.push(toSpacedHex(chunk)) };
    const result = watch(session.transaction(0x1009, [1], { sink }));
    await peer.command.sends(startData(2, 3), data(2, '01 02'), endData(2, '03'));
    await peer.command.sends(response(0x2001, 2));
    expect(result.value?.data).toHaveLength(0);
    expect(chunks).toEqual(['01 02', '03']);
  });

  it('give up after 15 s of silence, or when they are told', async () => {
    for (const [options, ms] of [
      [{}, 15_000],
      [{ timeoutMs: 60_000 }, 60_000],
    ] as const) {
      const { peer, session } = await opened();
      const result = watch(session.transaction(0x9116, [], options));
      await peer.clock.advance(ms - 1);
      await peer.event.expects('');
      await peer.clock.advance(1);
      await peer.event.expects(cancel(2));
      await peer.command.sends(response(0x201f, 2));
      expect(result.error).toBeInstanceOf(TimeoutError);
    }
  });

  it('go on after one that was cancelled', async () => {
    const { peer, session } = await opened();
    const abort = new AbortController();
    const reason = new Error('enough');
    const result = watch(session.getObject(0x9191d602, { signal: abort.signal }));
    await peer.command.expects(request(0x1009, 2, 0x9191d602));
    await peer.command.sends(startData(2, 1000), data(2, '01 02'));
    abort.abort(reason);
    await peer.event.expects(cancel(2));
    await peer.command.sends(data(2, '03'), response(0x201f, 2));
    expect(result.error).toBe(reason);
    const next = watch(session.getStorageIds());
    await peer.command.expects(request(0x1004, 3));
    await peer.command.sends(
      startData(3, 8),
      endData(3, '01 00 00 00 01 00 02 00'),
      response(0x2001, 3),
    );
    expect(next.value).toEqual([0x00020001]);
  });

  it('fail at once when the link is lost, those that wait too', async () => {
    const { peer, session } = await opened();
    const results = [session.transaction(1), session.transaction(2)].map(watch);
    await settle();
    await peer.command.ends();
    expect(results.map(({ error }) => (error as Error).name)).toEqual(['LinkError', 'LinkError']);
    expect(await session.closed).toBeInstanceOf(LinkError);
    await expect(session.transaction(3)).rejects.toBeInstanceOf(LinkError);
  });
});

describe('the queue', () => {
  it('lets the user go before events, and events before the background', async () => {
    const { peer, session } = await opened();
    const results = [
      session.transaction(0x9001, [], { priority: 'background' }),
      session.transaction(0x9002, [], { priority: 'background' }),
      session.transaction(0x9003, [], { priority: 'events' }),
      session.transaction(0x9004),
      session.transaction(0x9005, [], { priority: 'user' }),
    ].map(watch);
    for (const [id, code] of [
      [2, 0x9001],
      [3, 0x9004],
      [4, 0x9005],
      [5, 0x9003],
      [6, 0x9002],
    ] as const) {
      await peer.command.expects(request(code, id));
      await peer.command.sends(response(0x2001, id));
    }
    expect(results.every(({ state }) => state === 'fulfilled')).toBe(true);
  });

  it('never sends a request before the response to the one before', async () => {
    const { peer, session } = await opened();
    const first = watch(session.getObject(1, { priority: 'background' }));
    const second = watch(session.transaction(0x9128));
    await peer.command.expects(request(0x1009, 2, 1));
    await peer.command.sends(startData(2, 2), data(2, '01'));
    await peer.command.expects('');
    await peer.command.sends(endData(2, '02'));
    await peer.command.expects('');
    await peer.command.sends(response(0x2001, 2));
    await peer.command.expects(request(0x9128, 3));
    expect(first.value).toEqual(fromHex('01 02'));
    await peer.command.sends(response(0x2001, 3));
    expect(second.state).toBe('fulfilled');
  });

  it('lets nothing come between the transactions of a sequence', async () => {
    const { peer, session } = await opened();
    const sequence = watch(
      session.sequence(async (call) => {
        await call(0x100c);
        return (await call(0x100d)).params;
      }),
    );
    const other = watch(session.transaction(0x9128));
    for (const [id, code] of [
      [2, 0x100c],
      [3, 0x100d],
      [4, 0x9128],
    ] as const) {
      await peer.command.expects(request(code, id));
      await peer.command.sends(response(0x2001, id, id));
    }
    expect(sequence.value).toEqual([3]);
    expect(other.state).toBe('fulfilled');
  });

  it('ends a sequence at its first failure', async () => {
    const { peer, session } = await opened();
    const sequence = watch(
      session.sequence(async (call) => {
        await call(0x100c);
        await call(0x100d);
      }),
    );
    await peer.command.expects(request(0x100c, 2));
    await peer.command.sends(response(0x200c, 2));
    await peer.command.expects('');
    expect(sequence.error).toMatchObject({ operation: 0x100c, response: 0x200c });
  });

  it('lets go of a transaction whose signal aborts while it waits', async () => {
    const { peer, session } = await opened();
    const abort = new AbortController();
    const running = watch(session.transaction(0x9001));
    const waiting = watch(session.transaction(0x9002, [], { signal: abort.signal }));
    const reason = new Error('enough');
    abort.abort(reason);
    await settle();
    expect(waiting.error).toBe(reason);
    expect(running.state).toBe('pending');
    await peer.command.expects(request(0x9001, 2));
    await peer.command.sends(response(0x2001, 2));
    await peer.command.expects('');
    await peer.event.expects('');
    expect(running.state).toBe('fulfilled');
  });
});

describe('operations', () => {
  /** Runs one against the answer given and tells what was asked. */
  async function asked<T>(
    run: (session: PtpSession) => Promise<T>,
    answer: { payload?: Uint8Array | string; code?: number; params?: number[] } = {},
  ) {
    const { peer, session } = await opened();
    const result = watch(run(session));
    const sent = await peer.command.received();
    const { payload, code = 0x2001, params = [] } = answer;
    if (payload !== undefined) {
      const bytes = typeof payload === 'string' ? fromHex(payload) : payload;
      await peer.command.sends(startData(2, bytes.length), endData(2, bytes));
    }
    await peer.command.sends(response(code, 2, ...params));
    return { sent: toSpacedHex(sent), ...result };
  }
  const sentFor = (...given: Parameters<typeof request>) => toSpacedHex(request(...given));

  it('GetDeviceInfo asks anew', async () => {
    const { sent, value } = await asked(
      async (session) => {
        const info = await session.getDeviceInfo();
        expect(session.deviceInfo).toBe(info);
        return info;
      },
      { payload: hexFixture('ptp/device-info-powershot-g5x.hex') },
    );
    expect(sent).toBe(sentFor(0x1001, 2));
    expect(value?.model).toBe('Canon PowerShot G5 X');
  });

  it('GetStorageIDs', async () => {
    const { sent, value } = await asked((session) => session.getStorageIds(), {
      payload: '01 00 00 00 01 00 02 00',
    });
    expect(sent).toBe(sentFor(0x1004, 2));
    expect(value).toEqual([0x00020001]);
  });

  it('GetStorageInfo', async () => {
    const { sent, value } = await asked((session) => session.getStorageInfo(0x00020001), {
      payload: hexFixture('ptp/storage-info-eos-70d.hex'),
    });
    expect(sent).toBe(sentFor(0x1005, 2, 0x00020001));
    expect(value).toMatchObject({ storageDescription: 'SD', maxCapacity: 0x076d1a0000n });
  });

  it('GetNumObjects gives the first parameter of the response', async () => {
    const { sent, value } = await asked((session) => session.getNumObjects(), { params: [47] });
    expect(sent).toBe(sentFor(0x1006, 2, 0xffffffff, 0, 0));
    expect(value).toBe(47);
    // A parameter that is missing reads as 0.
    const { value: none } = await asked((session) => session.getNumObjects());
    expect(none).toBe(0);
  });

  it('GetObjectHandles asks for everything, or what the filter says', async () => {
    const payload = '03 00 00 00 00 00 00 90 00 00 90 91 02 d6 91 91';
    const all = await asked((session) => session.getObjectHandles(), { payload });
    expect(all.sent).toBe(sentFor(0x1007, 2, 0xffffffff, 0, 0));
    expect(all.value).toEqual([0x90000000, 0x91900000, 0x9191d602]);
    const some = await asked(
      (session) =>
        session.getObjectHandles({ storageId: 0x00020001, format: 0x3801, parent: 0x91900000 }),
      { payload: '00 00 00 00' },
    );
    expect(some.sent).toBe(sentFor(0x1007, 2, 0x00020001, 0x3801, 0x91900000));
    expect(some.value).toEqual([]);
  });

  it('GetObjectInfo', async () => {
    const { sent, value } = await asked((session) => session.getObjectInfo(0x9191d602), {
      payload: hexFixture('ptp/object-info-eos-60d-img-7520.hex'),
    });
    expect(sent).toBe(sentFor(0x1008, 2, 0x9191d602));
    expect(value?.filename).toBe('IMG_7520.JPG');
  });

  it('GetObject, GetPartialObject and GetThumb give bytes', async () => {
    const payload = 'ff d8 ff d9';
    const object = await asked((session) => session.getObject(5), { payload });
    expect(object.sent).toBe(sentFor(0x1009, 2, 5));
    const part = await asked((session) => session.getPartialObject(5, 0xfffffff0, 16), { payload });
    expect(part.sent).toBe(sentFor(0x101b, 2, 5, 0xfffffff0, 16));
    const thumb = await asked((session) => session.getThumb(5), { payload });
    expect(thumb.sent).toBe(sentFor(0x100a, 2, 5));
    expect([object.value, part.value, thumb.value]).toEqual([
      fromHex(payload),
      fromHex(payload),
      fromHex(payload),
    ]);
  });

  it('GetDevicePropDesc', async () => {
    const { sent, value } = await asked((session) => session.getDevicePropDesc(0x5001), {
      payload: hexFixture('ptp/device-prop-desc-eos-60d-battery-level.hex'),
    });
    expect(sent).toBe(sentFor(0x1014, 2, 0x5001));
    expect(value?.form).toMatchObject({ values: [100, 75, 50, 25, 0] });
  });

  it('fail with the name of the operation and of the answer', async () => {
    const { error } = await asked((session) => session.getObjectInfo(1), {
      code: 0x2009,
      params: [1],
    });
    expect(error).toBeInstanceOf(ResponseError);
    expect(error).toMatchObject({
      operation: 0x1008,
      response: 0x2009,
      responseName: 'Invalid_ObjectHandle',
      params: [1],
      message: 'GetObjectInfo was answered Invalid_ObjectHandle (0x2009)',
      hint: expect.stringContaining('hotshoe ls'),
    });
  });

  it('fail with the code itself where no table knows it', async () => {
    const { error } = await asked((session) => session.call(0x9abc), { code: 0xa999 });
    expect(error).toMatchObject({ message: '0x9abc was answered 0xa999 (0xa999)' });
  });

  it('with an answer that makes no sense are a ProtocolError', async () => {
    const { error } = await asked((session) => session.getStorageIds(), {
      payload: 'ff ff ff ff 01 00 02 00',
    });
    expect(error).toBeInstanceOf(ProtocolError);
  });

  it('without the data that they promise are a ProtocolError', async () => {
    const { error } = await asked((session) => session.getStorageInfo(1));
    expect(error).toBeInstanceOf(ProtocolError);
    expect(error).toMatchObject({ code: 'TRUNCATED' });
  });

  it('that the camera does not list are refused by name', async () => {
    const { session } = await opened();
    expect(() => session.require(0x101c)).toThrow(UnsupportedError);
    expect(() => session.require(0x101c)).toThrow(
      'Canon EOS 60D does not list the operation InitiateOpenCapture (0x101c)',
    );
    expect(() => session.require(0x1001)).not.toThrow();
  });
});

describe('events', () => {
  const OBJECT_ADDED = '12 00 00 00 08 00 00 00 02 40 ff ff ff ff 01 00 90 91';

  it('reach every consumer, and end with the link', async () => {
    const { peer, session } = await opened();
    const consumers = [1, 2].map(async () => {
      const handles: (number | undefined)[] = [];
      for await (const event of session.events) handles.push(event.params[0]);
      return handles;
    });
    await settle();
    await peer.event.sends(OBJECT_ADDED, OBJECT_ADDED);
    await peer.command.ends();
    expect(await Promise.all(consumers)).toEqual([
      [0x91900001, 0x91900001],
      [0x91900001, 0x91900001],
    ]);
  });
});

describe('the tap', () => {
  it.each(['request', 'data', 'response', 'event'] as const)(
    'that throws at %s disturbs nothing, is told once, and then left alone',
    async (moment) => {
      const full = new Error('no space left on device');
      const told: unknown[] = [];
      let calls = 0;
      const tap: Tap = {
        [moment]() {
          calls++;
          throw full;
        },
        failed: (error) => told.push(error),
      };
      const { peer, session } = await opened({ tap });
      const events: number[] = [];
      void (async () => {
        for await (const { code } of session.events) events.push(code);
      })();
      for (const id of [2, 3]) {
        await peer.event.sends(packet(8, '02 40 ff ff ff ff 01 00 00 00'));
        const result = watch(session.transaction(0x1004));
        await peer.command.expects(request(0x1004, id));
        await peer.command.sends(startData(id, 4), endData(id, '00 00 00 00'));
        await peer.command.sends(response(0x2001, id));
        expect(result.value).toMatchObject({ code: 0x2001, data: new Uint8Array(4) });
      }
      expect(events).toEqual([0x4002, 0x4002]);
      expect([calls, told]).toEqual([1, [full]]);
    },
  );

  function recorder() {
    const seen: string[] = [];
    const tap: Tap = {
      request: ({ code, transactionId }) =>
        seen.push(`request ${code.toString(16)} ${transactionId}`),
      data: (_, direction, bytes) => seen.push(`${direction} ${toSpacedHex(bytes)}`),
      response: (_, { code }, bytes, ms) => {
        seen.push(`response ${code.toString(16)}, ${bytes} bytes, ${ms} ms`);
      },
      failure: (_, error, ms) => seen.push(`failure ${(error as Error).message}, ${ms} ms`),
      event: ({ code }) => seen.push(`event ${code.toString(16)}`),
    };
    return { seen, tap };
  }

  it('sees every step of every transaction, and the events', async () => {
    const { seen, tap } = recorder();
    const { peer, session } = await opened({ tap });
    expect(seen.filter((line) => !line.startsWith('in'))).toEqual([
      'request 1002 0',
      'response 2001, 0 bytes, 0 ms',
      'request 1001 1',
      'response 2001, 391 bytes, 0 ms',
    ]);
    seen.length = 0;
    const read = watch(session.getObject(1));
    await peer.clock.advance(20);
    await peer.command.sends(startData(2, 3), data(2, '01 02'), endData(2, '03'));
    await peer.event.sends('0e 00 00 00 08 00 00 00 08 40 00 00 00 00');
    await peer.clock.advance(5);
    await peer.command.sends(response(0x2001, 2));
    const write = watch(session.transaction(0x9110, [], { data: fromHex('0a 0b') }));
    await settle();
    await peer.command.sends(response(0x2019, 3));
    expect([read.state, write.state]).toEqual(['fulfilled', 'fulfilled']);
    expect(seen).toEqual([
      'request 1009 2',
      'in 01 02',
      'in 03',
      'event 4008',
      'response 2001, 3 bytes, 25 ms',
      'request 9110 3',
      'out 0a 0b',
      'response 2019, 2 bytes, 0 ms',
    ]);
  });

  it('sees how a transaction failed', async () => {
    const { seen, tap } = recorder();
    const { peer, session } = await opened({ tap });
    seen.length = 0;
    const abort = new AbortController();
    const result = watch(session.transaction(0x9116, [], { signal: abort.signal }));
    await peer.clock.advance(30);
    abort.abort(new Error('enough'));
    await settle();
    await peer.command.sends(response(0x201f, 2));
    expect(result.state).toBe('rejected');
    expect(seen).toEqual(['request 9116 2', 'failure enough, 30 ms']);
  });
});

describe('closing', () => {
  it('closes the session, then the link', async () => {
    const { peer, session } = await opened();
    const closing = watch(session.close());
    await peer.command.expects('12 00 00 00 06 00 00 00 01 00 00 00 03 10 02 00 00 00');
    expect(await peer.event.ended()).toBe(false);
    await peer.command.sends(response(0x2001, 2));
    expect(closing.state).toBe('fulfilled');
    expect([await peer.command.ended(), await peer.event.ended()]).toEqual([true, true]);
    expect(await session.closed).toBeUndefined();
  });

  it('closes the link whatever the camera answers, and sends CloseSession once', async () => {
    const { peer, session } = await opened();
    const closing = [watch(session.close()), watch(session.close())];
    await settle();
    await peer.command.sends(response(0x2002, 2));
    expect(closing.map(({ state }) => state)).toEqual(['fulfilled', 'fulfilled']);
    expect(await peer.command.ended()).toBe(true);
  });

  it('does not wait for long for a camera that says nothing', async () => {
    const { peer, session } = await opened();
    const closing = watch(session.close());
    await peer.clock.advance(10_000);
    expect(closing.state).toBe('fulfilled');
    expect(await peer.command.ended()).toBe(true);
  });

  it('is done at once when the link is lost', async () => {
    const { peer, session } = await opened();
    await peer.event.ends();
    const closing = watch(session.close());
    await settle();
    expect(closing.state).toBe('fulfilled');
  });

  it('happens at the end of `await using`', async () => {
    const { peer, session } = await opened();
    const closing = watch(session[Symbol.asyncDispose]());
    await settle();
    await peer.command.sends(response(0x2001, 2));
    expect(closing.state).toBe('fulfilled');
    expect(await peer.command.ended()).toBe(true);
  });
});
