/** Who may connect to a virtual camera while somebody else is, and what ends a connection. */
import { once } from 'node:events';
import net from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { ignore } from '../../src/base/time.ts';
import { listenTcp } from '../../src/node/tcp.ts';
import { MemoryCard, patternContent, type VirtualCamera } from '../../src/virtual/index.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { fromHex } from '../support/hex-fixture.ts';
import {
  dial,
  LIBGPHOTO2_INIT,
  operationRequest,
  packet,
  RawInitiator,
  u32s,
} from '../support/raw-initiator.ts';
import { settle, watch } from '../support/settle.ts';
import { smallCamera, smallIxus } from '../support/small-pictures.ts';

let camera: VirtualCamera;
afterEach(() => camera.close());

const EVENT_INIT = fromHex('0c000000 03000000 01000000');
const EVENT_ACK = fromHex('08000000 04000000');
const REJECTED = fromHex('0c000000 05000000 01000000');
const BUSY = fromHex('0c000000 05000000 02000000');
const PROBE = fromHex('08000000 0d000000');
const PROBE_ANSWER = fromHex('08000000 0e000000');
const OPEN_SESSION = fromHex('16000000 06000000 01000000 0210 00000000 01000000');
const OK = fromHex('0e000000 07000000 0120 00000000');
const MOVIE = 0x51900011;

const ACK = 2;
/** What a computer that connects now is told: the type of the packet, and its bytes. */
async function knock() {
  const command = dial(camera);
  await command.stream.write(LIBGPHOTO2_INIT);
  return command.next();
}

function withMovie(options: Parameters<typeof smallCamera>[0]): VirtualCamera {
  const card = new MemoryCard();
  card.addFile('DCIM/100CANON/2U4A0001.MP4', patternContent(64 << 20), 1);
  return smallCamera({ card, ...options });
}

/** Lets everything run that needs no time. */
async function turns(): Promise<void> {
  for (let i = 0; i < 20; i++) await settle();
}

describe('a second computer', () => {
  test.each([
    ['busy', BUSY],
    ['reject', REJECTED],
  ] as const)('%s: is refused, and the first goes on', async (second, answer) => {
    camera = smallCamera({ second });
    const first = await RawInitiator.open(camera);
    expect((await knock())?.bytes).toEqual(answer);
    await first.ok(0x1004);
  });

  test('of two that come at once only one gets in', async () => {
    camera = smallCamera();
    const answers = await Promise.all([knock(), knock()]);
    expect(answers.map((answer) => answer?.type).sort()).toEqual([ACK, 5]);
  });

  test('is refused while somebody else is being asked about', async () => {
    camera = smallCamera({ accept: 'ask' });
    const first = watch(knock());
    await settle();
    expect((await knock())?.bytes).toEqual(BUSY);
    camera.accept();
    await turns();
    expect(first.value?.type).toBe(ACK);
  });

  test('replace: takes the place of the first, whose session ends', async () => {
    camera = smallCamera({ second: 'replace' });
    const first = await RawInitiator.open(camera);
    const second = await RawInitiator.connect(camera);
    expect(await first.command.next()).toBeUndefined();
    expect(await first.event.next()).toBeUndefined();
    expect((await second.op(0x1004)).code).toBe(0x2003);
    await second.ok(0x1002, [1], { transactionId: 0 });
  });

  test('probe: is refused when the first answers', async () => {
    camera = smallCamera({ second: 'probe' });
    const first = await RawInitiator.open(camera);
    const answer = watch(knock());
    expect((await first.event.next())?.bytes).toEqual(PROBE);
    expect(answer.state).toBe('pending');
    await first.event.stream.write(PROBE_ANSWER);
    await turns();
    expect(answer.value?.bytes).toEqual(BUSY);
    await first.ok(0x1004);
  });

  test('probe: gets in when the first has not answered for ten seconds', async () => {
    const clock = new FakeClock();
    camera = smallCamera({ second: 'probe', clock });
    const first = await RawInitiator.open(camera, false);
    const answer = watch(knock());
    await clock.advance(9900);
    expect(answer.state).toBe('pending');
    await clock.advance(200);
    await turns();
    expect(answer.value?.type).toBe(ACK);
    expect(await first.command.next()).toBeUndefined();
  });
});

describe('a computer that stands still', () => {
  test('and does not read what it asked for gives way to the next after 15 s', async () => {
    const clock = new FakeClock();
    camera = withMovie({ clock });
    const first = await RawInitiator.open(camera, false);
    await first.request(0x1009, [MOVIE]);
    await clock.advance(14_000);
    expect((await knock())?.bytes).toEqual(BUSY);
    await clock.advance(2000);
    expect((await knock())?.type).toBe(ACK);
  });

  test.each([
    ['a data phase', [packet(9, u32s(7, 500, 0)), packet(10, u32s(7), new Uint8Array(100))]],
    ['a packet', [packet(9, u32s(7, 500, 0)).subarray(0, 12)]],
  ])('within %s gives way, too', async (_where, sent) => {
    const clock = new FakeClock();
    camera = smallCamera({ clock });
    const first = await RawInitiator.open(camera, false);
    await first.send(operationRequest(0x100c, [], 7, 2), ...sent);
    await clock.advance(14_000);
    expect((await knock())?.bytes).toEqual(BUSY);
    await clock.advance(2000);
    expect((await knock())?.type).toBe(ACK);
  });

  test('between two operations does not: it may be thinking', async () => {
    const clock = new FakeClock();
    camera = smallCamera({ clock });
    const first = await RawInitiator.open(camera);
    await clock.advance(3_600_000);
    expect((await knock())?.bytes).toEqual(BUSY);
    await first.ok(0x1004);
  });

  test('but reads on, slowly, keeps its place', async () => {
    const clock = new FakeClock();
    camera = withMovie({ clock });
    const first = await RawInitiator.open(camera, false);
    await first.request(0x1009, [MOVIE]);
    for (let i = 0; i < 5; i++) {
      await clock.advance(10_000);
      await first.command.next();
    }
    expect((await knock())?.bytes).toEqual(BUSY);
  });
});

describe('the event connection', () => {
  const HOST = '192.168.1.20';

  /** A command connection from HOST, and the answer to an event connection from somewhere. */
  async function answerTo(host: string, request = EVENT_INIT) {
    const command = dial(camera, HOST);
    await command.stream.write(LIBGPHOTO2_INIT);
    expect((await command.next())?.type).toBe(ACK);
    const event = dial(camera, host);
    await event.stream.write(request);
    return { command, event, answer: (await event.next())?.bytes };
  }

  test('is for the address of the command connection', async () => {
    camera = smallCamera();
    expect((await answerTo(HOST)).answer).toEqual(EVENT_ACK);
  });

  test('is nobody else’s, and the attempt harms nobody', async () => {
    camera = smallCamera();
    const { command, event, answer } = await answerTo('192.168.1.66');
    expect(answer).toEqual(REJECTED);
    expect(await event.next()).toBeUndefined();
    const rightful = dial(camera, HOST);
    await rightful.stream.write(EVENT_INIT);
    expect((await rightful.next())?.bytes).toEqual(EVENT_ACK);
    await command.stream.write(OPEN_SESSION);
    expect((await command.next())?.bytes).toEqual(OK);
  });

  test('needs the right number', async () => {
    camera = smallCamera();
    const { answer } = await answerTo(HOST, fromHex('0c000000 03000000 02000000'));
    expect(answer).toEqual(REJECTED);
  });

  test('is given once', async () => {
    camera = smallCamera();
    const initiator = await RawInitiator.open(camera);
    const another = dial(camera);
    await another.stream.write(EVENT_INIT);
    expect((await another.next())?.bytes).toEqual(REJECTED);
    await initiator.ok(0x1004);
  });

  test('must stand before anything is answered; what came early is answered then', async () => {
    camera = smallCamera();
    const command = dial(camera);
    await command.stream.write(LIBGPHOTO2_INIT);
    await command.next();
    await command.stream.write(OPEN_SESSION);
    const answer = watch(command.next());
    await turns();
    expect(answer.state).toBe('pending');
    expect(camera.state.sessionOpen).toBe(false);
    const event = dial(camera);
    await event.stream.write(EVENT_INIT);
    expect((await event.next())?.bytes).toEqual(EVENT_ACK);
    await turns();
    expect(answer.value?.bytes).toEqual(OK);
  });

  test('that never comes: the request is not answered, and after five seconds it is over', async () => {
    const clock = new FakeClock();
    camera = smallCamera({ clock });
    const command = dial(camera);
    await command.stream.write(LIBGPHOTO2_INIT);
    await command.next();
    await command.stream.write(OPEN_SESSION);
    const answer = watch(command.next());
    await clock.advance(5100);
    expect(answer).toMatchObject({ state: 'fulfilled', value: undefined });
    expect(camera.state).toMatchObject({ connected: false, sessionOpen: false });
  });

  test('carries no event before the session is open', async () => {
    camera = smallIxus();
    const initiator = await RawInitiator.connect(camera);
    camera.battery(50);
    await initiator.ok(0x1002, [1], { transactionId: 0 });
    camera.battery(49);
    await initiator.event.stream.write(PROBE);
    await initiator.event.next();
    expect((await initiator.event.next())?.bytes).toEqual(PROBE_ANSWER);
  });

  test('skips what it does not know, up to 1 MiB', async () => {
    camera = smallCamera();
    const initiator = await RawInitiator.open(camera);
    await initiator.event.stream.write(packet(0x77, new Uint8Array(1000)), PROBE);
    expect((await initiator.event.next())?.bytes).toEqual(PROBE_ANSWER);
    await initiator.event.stream.write(fromHex('00000080 77000000'));
    expect(await initiator.command.next()).toBeUndefined();
  });
});

describe('the command connection', () => {
  test.each([
    ['an unknown type', '0c000000 77000000 00000000'],
    ['a type that only cameras send', '0e000000 07000000 0120 00000000'],
    ['a length of 2 GiB', '00000080 06000000'],
  ])('%s ends it', async (_what, text) => {
    camera = smallCamera();
    const initiator = await RawInitiator.open(camera);
    await initiator.send(fromHex(text));
    expect(await initiator.command.next()).toBeUndefined();
    expect(await initiator.event.next()).toBeUndefined();
    await settle();
    expect(camera.state).toMatchObject({ connected: false, sessionOpen: false });
  });

  test('a probe there is answered there', async () => {
    camera = smallCamera();
    const initiator = await RawInitiator.open(camera);
    await initiator.send(PROBE);
    expect((await initiator.command.next())?.bytes).toEqual(PROBE_ANSWER);
    await initiator.ok(0x1004);
  });

  test('a cancel of what is not running is passed over, on either connection', async () => {
    camera = smallCamera();
    const initiator = await RawInitiator.open(camera);
    await initiator.send(packet(11, u32s(0x1234)));
    await initiator.event.stream.write(packet(11, u32s(0x1234)));
    await initiator.ok(0x1004);
  });
});

describe('connections that say nothing', () => {
  test('are cut off after ten seconds', async () => {
    const clock = new FakeClock();
    camera = smallCamera({ clock });
    const silent = dial(camera);
    const end = watch(silent.next());
    await clock.advance(9900);
    expect(end.state).toBe('pending');
    await clock.advance(200);
    expect(end).toMatchObject({ state: 'fulfilled', value: undefined });
  });

  test('are four at most', async () => {
    const clock = new FakeClock();
    camera = smallCamera({ clock });
    const silent = Array.from({ length: 4 }, () => dial(camera));
    expect(await knock()).toBeUndefined();
    await silent[0]?.stream.close();
    await settle();
    expect((await knock())?.type).toBe(ACK);
  });
});

describe('faults', () => {
  test('idle-drop: ten seconds without a request', async () => {
    const clock = new FakeClock();
    camera = smallCamera({ clock, faults: ['idle-drop'] });
    const initiator = await RawInitiator.open(camera, false);
    for (let i = 0; i < 3; i++) {
      await clock.advance(9000);
      await initiator.ok(0x1004);
    }
    await clock.advance(9000);
    expect(camera.state.connected).toBe(true);
    await clock.advance(2000);
    expect(await initiator.command.next()).toBeUndefined();
    expect(camera.state.connected).toBe(false);
  });

  test.each([
    ['without it, events are dropped', [], true],
    ['event-backpressure: the link is', ['event-backpressure'], false],
  ])('%s when nobody reads them', async (_name, faults, connected) => {
    camera = smallIxus({ faults });
    const initiator = await RawInitiator.open(camera, false);
    // The pipe holds 1 MiB; an event of this kind has 18 bytes.
    for (let i = 0; i < 60_000; i++) {
      camera.battery(i % 100);
      if (i % 50 === 0) await settle();
    }
    await turns();
    expect(camera.state.connected).toBe(connected);
    if (connected) await initiator.ok(0x1004);
  });
});

describe('over TCP', () => {
  /** Cleans up in the order in which things were opened, newest first. */
  const opened: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of opened.splice(0).reverse()) await close();
  });

  async function listen(): Promise<number> {
    camera = smallCamera();
    const server = await listenTcp({ port: 0 }, (stream) => void camera.servePtpIp(stream));
    opened.push(() => server.close());
    return server.port;
  }

  /** Sends the bytes; gives the socket and what comes next. */
  async function send(port: number, bytes: Uint8Array, localAddress = '127.0.0.1') {
    const socket = net.connect({ port, host: '127.0.0.1', localAddress });
    opened.push(() => socket.destroy());
    socket.write(bytes);
    const [answer] = (await once(socket, 'data')) as [Uint8Array];
    return { socket, answer: Uint8Array.from(answer) };
  }

  const onLinux = process.platform === 'linux';
  const why = onLinux ? '' : ' (needs Linux, where all of 127.0.0.0/8 is this computer)';
  test.runIf(onLinux)(`the event connection is refused to another address${why}`, async () => {
    const port = await listen();
    const command = await send(port, LIBGPHOTO2_INIT);
    expect(command.answer[4]).toBe(ACK);
    expect((await send(port, EVENT_INIT, '127.0.0.2')).answer).toEqual(REJECTED);
    expect((await send(port, EVENT_INIT)).answer).toEqual(EVENT_ACK);
  });

  test.each(['end', 'resetAndDestroy'] as const)(
    'a computer that goes without a word (%s) makes room at once',
    async (how) => {
      const port = await listen();
      const { socket } = await send(port, LIBGPHOTO2_INIT);
      await send(port, EVENT_INIT);
      expect((await send(port, LIBGPHOTO2_INIT)).answer).toEqual(BUSY);
      const gone = once(socket, 'close');
      socket.on('error', ignore).resume();
      socket[how]();
      await gone;
      await expect.poll(() => camera.state.connected).toBe(false);
      expect((await send(port, LIBGPHOTO2_INIT)).answer[4]).toBe(ACK);
    },
  );
});
