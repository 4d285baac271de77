/** The opening of a link over PTP/IP, step by step, against a peer that a test plays. */
import { describe, expect, it, vi } from 'vitest';
import { hexFixture, toSpacedHex } from '../../../test/support/hex-fixture.ts';
import { packet, ScriptedPeer } from '../../../test/support/ip-peer.ts';
import { settle, watch } from '../../../test/support/settle.ts';
import { LinkError, TimeoutError } from '../../base/errors.ts';
import { ProtocolError } from '../../bytes/index.ts';
import { connectIp, type IpConnectOptions } from './ip-client.ts';

const REQUEST = hexFixture('ptpip/init-command-request-eos-utility.hex');
const ACK = hexFixture('ptpip/init-command-ack-eos-70d.hex');
const EVENT_REQUEST = '0c 00 00 00 03 00 00 00 01 00 00 00';
const EVENT_ACK = '08 00 00 00 04 00 00 00';
const refused = () => new LinkError('refused', { code: 'CONNECTION_REFUSED' });

async function connecting(options: Partial<IpConnectOptions> = {}) {
  const peer = new ScriptedPeer();
  const result = watch(connectIp({ ...peer.options, ...options }));
  await settle();
  return { peer, result };
}

async function expectAllClosed(peer: ScriptedPeer) {
  for (const connection of peer.connections) expect(await connection.ended()).toBe(true);
}

describe('the opening', () => {
  it('goes step by step, each after the answer to the one before', async () => {
    const { peer, result } = await connecting();
    expect(peer.connections).toHaveLength(1);
    await peer.command.expects(REQUEST);

    await peer.command.sends(ACK);
    expect(peer.connections).toHaveLength(2);
    await peer.event.expects(EVENT_REQUEST);
    expect(result.state).toBe('pending');

    await peer.event.sends(EVENT_ACK);
    expect(result.state).toBe('fulfilled');
    expect(result.value).toMatchObject({ kind: 'ip', name: '192.0.2.70:15740', peerName: '70D' });
    expect(toSpacedHex(result.value!.peerGuid)).toBe(
      '00 00 00 00 00 00 00 00 01 00 60 12 8b 7c c2 40',
    );
    // Some programs take the event ack in one receive: nothing else may be on that connection.
    await peer.event.expects('');
    await peer.command.expects('');
  });

  it('leaves no timer behind', async () => {
    const { peer, result } = await connecting();
    await peer.accepts();
    expect(result.state).toBe('fulfilled');
    expect(peer.clock.pending).toBe(0);
  });

  it('does not mind acks that come byte by byte', async () => {
    const { peer, result } = await connecting();
    for (const byte of ACK) await peer.command.sends(Uint8Array.of(byte));
    for (const byte of packet(4)) await peer.event.sends(Uint8Array.of(byte));
    expect(result.value?.peerName).toBe('70D');
  });

  it.each([
    ['a terminator', packet(2, '01 00 00 00', ACK.subarray(12, 28), '37 00 30 00 44 00'), '70D'],
    ['a version', packet(2, '01 00 00 00', ACK.subarray(12, 28), '37 00 30 00 00 00'), '70'],
    ['a name', packet(2, '01 00 00 00', ACK.subarray(12, 28)), ''],
  ])('does not mind an ack without %s', async (_what, ack, name) => {
    const { peer, result } = await connecting();
    await peer.command.sends(ack);
    await peer.event.expects(EVENT_REQUEST);
    await peer.event.sends(EVENT_ACK);
    expect(result.value?.peerName).toBe(name);
  });

  // Nikon J5.
  it('repeats the connection number of the ack, whatever it is', async () => {
    for (const number of ['00 00 00 00', 'ff fe fd fc']) {
      const { peer, result } = await connecting();
      await peer.command.sends(packet(2, number, ACK.subarray(12)));
      await peer.event.expects(`0c 00 00 00 03 00 00 00 ${number}`);
      await peer.event.sends(EVENT_ACK);
      expect(result.state).toBe('fulfilled');
    }
  });

  it('takes an event ack with surplus bytes', async () => {
    const { peer, result } = await connecting();
    await peer.command.sends(ACK);
    await peer.event.sends(packet(4, '01 00 00 00'));
    expect(result.state).toBe('fulfilled');
    await peer.event.sends('08 00 00 00 0d 00 00 00');
    await peer.event.expects(EVENT_REQUEST, '08 00 00 00 0e 00 00 00');
  });

  it('passes the signal on to whoever connects', async () => {
    const peer = new ScriptedPeer();
    const { signal } = new AbortController();
    const connect = vi.fn(peer.connect);
    const result = watch(connectIp({ ...peer.options, connect, signal }));
    await settle();
    await peer.accepts();
    expect(result.state).toBe('fulfilled');
    expect(connect.mock.calls).toEqual([[signal], [signal]]);
  });
});

describe('Init Fail', () => {
  const CASES = [
    [1, 'REJECTED', 'rejected this computer'],
    [2, 'BUSY', 'is busy: another program or computer is connected'],
    [3, 'REJECTED', 'refused the connection without a reason (Init Fail 0x3)'],
    [0x2019, 'BUSY', 'is busy'],
    [0x201d, 'REJECTED', 'Init Fail 0x201d'],
  ] as const;
  const initFail = (reason: number) => packet(5, Uint8Array.of(reason & 0xff, reason >> 8, 0, 0));

  it.each(CASES)('%i on the command connection is told in words', async (reason, code, text) => {
    const { peer, result } = await connecting();
    await peer.command.sends(initFail(reason));
    expect(result.error).toBeInstanceOf(LinkError);
    expect(result.error).toMatchObject({ code, hint: expect.stringMatching(/\w/) });
    expect((result.error as LinkError).message).toContain('192.0.2.70:15740');
    expect((result.error as LinkError).message).toContain(text);
    expect(peer.connections).toHaveLength(1);
    await expectAllClosed(peer);
  });

  it.each(CASES)('%i on the event connection is told in words', async (reason, code, text) => {
    const { peer, result } = await connecting();
    await peer.command.sends(ACK);
    await peer.event.sends(initFail(reason));
    expect(result.error).toBeInstanceOf(LinkError);
    expect(result.error).toMatchObject({ code });
    expect((result.error as LinkError).message).toContain(text);
    await expectAllClosed(peer);
  });
});

describe('a peer that is no camera, or not in the mood', () => {
  it('that closes without an answer is a LinkError', async () => {
    const { peer, result } = await connecting();
    await peer.command.ends();
    expect(result.error).toMatchObject({ name: 'LinkError', code: 'REJECTED' });
    await expectAllClosed(peer);
  });

  it('that closes inside its ack is a LinkError', async () => {
    const { peer, result } = await connecting();
    await peer.command.sends(ACK.subarray(0, 30));
    await peer.command.ends();
    expect(result.error).toMatchObject({ name: 'LinkError', code: 'LINK_LOST' });
  });

  it('that closes the event connection without an answer is a LinkError', async () => {
    const { peer, result } = await connecting();
    await peer.command.sends(ACK);
    await peer.event.ends();
    expect(result.error).toBeInstanceOf(LinkError);
    await expectAllClosed(peer);
  });

  it('that breaks the connection is that very error', async () => {
    const { peer, result } = await connecting();
    const error = new LinkError('ECONNRESET');
    await peer.command.breaks(error);
    expect(result.error).toBe(error);
    await expectAllClosed(peer);
  });

  it('that speaks another protocol is told to do so', async () => {
    const { peer, result } = await connecting();
    await peer.command.sends(new TextEncoder().encode('HTTP/1.1 400 Bad Request\r\n\r\n'));
    expect(result.error).toBeInstanceOf(ProtocolError);
    expect((result.error as ProtocolError).message).toContain('does not speak PTP/IP');
    await expectAllClosed(peer);
  });

  it.each([0, 7, 0x7fffffff, 0xffffffff])(
    'that announces an ack of length %i is refused',
    async (length) => {
      const { peer, result } = await connecting();
      const ack = ACK.slice();
      new DataView(ack.buffer).setUint32(0, length, true);
      await peer.command.sends(ack);
      expect(result.error).toBeInstanceOf(ProtocolError);
      expect((result.error as ProtocolError).message).toContain('does not speak PTP/IP');
      await expectAllClosed(peer);
    },
  );

  it.each([1, 3, 4, 6, 7, 9, 10, 11, 12, 13, 14, 15])(
    'that answers with a packet of type %i is a ProtocolError',
    async (type) => {
      const { peer, result } = await connecting();
      await peer.command.sends(packet(type, new Uint8Array([13, 14, 4].includes(type) ? 0 : 16)));
      if (result.state === 'pending') await peer.command.sends(new Uint8Array(64));
      expect(result.error).toBeInstanceOf(ProtocolError);
      await expectAllClosed(peer);
    },
  );

  it('that answers the event request with anything else is a ProtocolError', async () => {
    const { peer, result } = await connecting();
    await peer.command.sends(ACK);
    await peer.event.sends(packet(8, '02 40 ff ff ff ff'));
    expect(result.error).toBeInstanceOf(ProtocolError);
    expect((result.error as ProtocolError).message).toContain('Event (14 bytes)');
    await expectAllClosed(peer);
  });
});

describe('waiting for a person at the camera', () => {
  it('is told after a while, once, and may take three minutes', async () => {
    const onWaiting = vi.fn();
    const { peer, result } = await connecting({ onWaiting });
    await peer.clock.advance(1499);
    expect(onWaiting).not.toHaveBeenCalled();
    await peer.clock.advance(1);
    expect(onWaiting.mock.calls).toEqual([[{ name: '192.0.2.70:15740', timeoutMs: 180_000 }]]);
    await peer.clock.advance(178_000);
    expect(result.state).toBe('pending');
    await peer.accepts();
    expect(result.state).toBe('fulfilled');
    expect(onWaiting).toHaveBeenCalledOnce();
    expect(peer.clock.pending).toBe(0);
  });

  it('is not told where the camera answers promptly', async () => {
    const onWaiting = vi.fn();
    const { peer, result } = await connecting({ onWaiting });
    await peer.clock.advance(1000);
    await peer.accepts();
    await peer.clock.advance(60_000);
    expect(result.state).toBe('fulfilled');
    expect(onWaiting).not.toHaveBeenCalled();
  });

  it('ends after the time that was allowed', async () => {
    const { peer, result } = await connecting({ acceptTimeoutMs: 90_000 });
    await peer.clock.advance(89_999);
    expect(result.state).toBe('pending');
    await peer.clock.advance(1);
    expect(result.error).toBeInstanceOf(TimeoutError);
    expect(result.error).toMatchObject({
      message: '192.0.2.70:15740 did not accept the connection within 90 s',
      hint: expect.stringContaining('OK'),
    });
    await expectAllClosed(peer);
    expect(peer.clock.pending).toBe(0);
  });

  it('ends with the reason of the signal', async () => {
    const abort = new AbortController();
    const { peer, result } = await connecting({ signal: abort.signal });
    await peer.clock.advance(30_000);
    const reason = new Error('enough');
    abort.abort(reason);
    expect(await peer.command.ended()).toBe(true);
    expect(result.error).toBe(reason);
    expect(peer.clock.pending).toBe(0);
  });
});

describe('the event connection', () => {
  it('is tried again while it is refused', async () => {
    const { peer, result } = await connecting();
    peer.refusals.push(refused(), refused(), refused());
    await peer.command.sends(ACK);
    expect(peer.attempts).toBe(2);
    await peer.clock.advance(600);
    expect(peer.attempts).toBe(5);
    await peer.event.expects(EVENT_REQUEST);
    await peer.event.sends(EVENT_ACK);
    expect(result.state).toBe('fulfilled');
  });

  it('is given up when it is refused for three seconds', async () => {
    const { peer, result } = await connecting();
    peer.refusals.push(...Array.from({ length: 100 }, refused));
    await peer.command.sends(ACK);
    await peer.clock.advance(2900);
    expect(result.state).toBe('pending');
    await peer.clock.advance(300);
    expect(result.error).toMatchObject({ code: 'CONNECTION_REFUSED' });
    expect(peer.attempts).toBeLessThan(20);
    await expectAllClosed(peer);
  });

  it('is not tried again after any other failure', async () => {
    const { peer, result } = await connecting();
    const error = new LinkError('no route', { code: 'UNREACHABLE' });
    peer.refusals.push(error);
    await peer.command.sends(ACK);
    await peer.clock.advance(10_000);
    expect(result.error).toBe(error);
    expect(peer.attempts).toBe(2);
    await expectAllClosed(peer);
  });

  it('is not tried again after an abort', async () => {
    const abort = new AbortController();
    const { peer, result } = await connecting({ signal: abort.signal });
    peer.refusals.push(refused(), refused());
    await peer.command.sends(ACK);
    const reason = new Error('enough');
    abort.abort(reason);
    await peer.clock.advance(10_000);
    expect(result.error).toBe(reason);
    expect(peer.attempts).toBe(2);
    await expectAllClosed(peer);
  });

  it('must be acknowledged within ten seconds', async () => {
    const { peer, result } = await connecting();
    await peer.command.sends(ACK);
    await peer.clock.advance(9999);
    expect(result.state).toBe('pending');
    await peer.clock.advance(1);
    expect(result.error).toBeInstanceOf(TimeoutError);
    expect((result.error as TimeoutError).message).toContain(
      'did not acknowledge the event connection within 10 s',
    );
    await expectAllClosed(peer);
  });
});

it('a command connection that cannot be opened is that very error', async () => {
  const peer = new ScriptedPeer();
  const error = refused();
  peer.refusals.push(error);
  await expect(connectIp(peer.options)).rejects.toBe(error);
  expect(peer.attempts).toBe(1);
});

it('a GUID of another size than 16 bytes is refused, and no connection is left open', async () => {
  const peer = new ScriptedPeer();
  const wrong = { ...peer.options, guid: new Uint8Array(15) };
  await expect(connectIp(wrong)).rejects.toThrow(RangeError);
  await expectAllClosed(peer);
});
