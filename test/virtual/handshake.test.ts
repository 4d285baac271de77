import { afterEach, describe, expect, test } from 'vitest';
import type { VirtualCamera } from '../../src/virtual/index.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { fromHex, hexFixture } from '../support/hex-fixture.ts';
import { dial, LIBGPHOTO2_INIT, RawInitiator } from '../support/raw-initiator.ts';
import { settle } from '../support/settle.ts';
import { smallCamera } from '../support/small-pictures.ts';

let camera: VirtualCamera;
afterEach(() => camera.close());

/** Connection 1, GUID made of the MAC, name "EOSR6", version 1.0. */
const ACK = fromHex(`2c000000 02000000 01000000
  0000000000000000 0001 02bfc0450536
  4500 4f00 5300 5200 3600 0000 00000100`);
const EVENT_INIT = fromHex('0c000000 03000000 01000000');
const EVENT_ACK = fromHex('08000000 04000000');
const initFail = (reason: number) => fromHex(`0c000000 05000000 0${reason}000000`);
const OPEN_SESSION = fromHex('16000000 06000000 01000000 0210 00000000 01000000');
const OK = fromHex('0e000000 07000000 0120 00000000');

describe('Init Command Request', () => {
  test.each([
    ['chdkptp', hexFixture('ptpip/init-command-request-chdkptp.hex')],
    ['libgphoto2', LIBGPHOTO2_INIT],
    ['EOS Utility', hexFixture('ptpip/init-command-request-eos-utility.hex')],
    [
      'libpict: a name field of eight bytes without terminator',
      fromHex(`24000000 01000000 ${'ff'.repeat(16)} 76006300 61006d00 00000100`),
    ],
    [
      'camera_control_dart: version 1',
      fromHex(`26000000 01000000 ${'11'.repeat(16)} 4400 6100 7200 7400 0000 01000000`),
    ],
    [
      'mmattes: an 8-bit name, no version',
      fromHex(`1c000000 01000000 ${'22'.repeat(16)} 61626300`),
    ],
    ['atotto: no version', fromHex(`1c000000 01000000 ${'33'.repeat(16)} 6100 0000`)],
    ['nothing behind the GUID', fromHex(`18000000 01000000 ${'44'.repeat(16)}`)],
    [
      'esp32_macro_rail: a fixed name field and two bytes',
      fromHex(`2a000000 01000000 ${'55'.repeat(16)} ${'6100'.repeat(3)}${'00'.repeat(10)} 0100`),
    ],
  ])('of %s is accepted', async (_who, request) => {
    camera = smallCamera();
    const command = dial(camera);
    await command.stream.write(request);
    expect((await command.next())?.bytes).toEqual(ACK);
    expect(command.writes).toEqual([ACK.length]);
  });

  test('may come byte by byte, and everything after it too', async () => {
    camera = smallCamera();
    const [command, event] = [dial(camera), dial(camera)];
    const trickle = async (to: typeof command, bytes: Uint8Array) => {
      for (const byte of bytes) await to.stream.write(Uint8Array.of(byte));
    };
    await trickle(command, LIBGPHOTO2_INIT);
    expect((await command.next())?.bytes).toEqual(ACK);
    await trickle(event, EVENT_INIT);
    expect((await event.next())?.bytes).toEqual(EVENT_ACK);
    await trickle(command, OPEN_SESSION);
    expect((await command.next())?.bytes).toEqual(OK);
  });

  test.each([
    ['a length of 0', '00000000 01000000'],
    ['a length of 7', '07000000 01000000'],
    ['a length of 2 GiB', 'ffffff7f 01000000'],
    ['an unknown type', '0c000000 0f000000 00000000'],
    ['HTTP', '474554202f20485454502f312e310d0a'],
  ])('%s ends the connection without a word, and the next is welcome', async (_what, text) => {
    camera = smallCamera();
    const command = dial(camera);
    await command.stream.write(fromHex(text));
    expect(await command.next()).toBeUndefined();
    expect(command.writes).toEqual([]);
    const next = await RawInitiator.open(camera);
    expect((await next.op(0x1001)).code).toBe(0x2001);
  });
});

describe('two connections', () => {
  test('the event connection gets eight bytes and then stays silent', async () => {
    camera = smallCamera();
    const initiator = await RawInitiator.open(camera);
    await camera.press();
    expect((await initiator.events()).length).toBeGreaterThan(0);
    expect(initiator.event.writes).toEqual([8]);
  });

  test('a probe on the event connection is answered', async () => {
    camera = smallCamera();
    const initiator = await RawInitiator.connect(camera);
    await initiator.event.stream.write(fromHex('08000000 0d000000'));
    expect((await initiator.event.next())?.bytes).toEqual(fromHex('08000000 0e000000'));
  });

  test('a second initiator hears that the camera is busy', async () => {
    camera = smallCamera();
    const first = await RawInitiator.open(camera);
    const second = dial(camera);
    await second.stream.write(LIBGPHOTO2_INIT);
    expect((await second.next())?.bytes).toEqual(initFail(2));
    expect(await second.next()).toBeUndefined();
    expect((await first.op(0x1001)).code).toBe(0x2001);
  });

  test('an event connection without a command connection is refused', async () => {
    camera = smallCamera();
    const event = dial(camera);
    await event.stream.write(EVENT_INIT);
    expect((await event.next())?.bytes).toEqual(initFail(1));
  });

  test('without an event connection the camera hangs up after five seconds', async () => {
    const clock = new FakeClock();
    camera = smallCamera({ clock });
    const command = dial(camera);
    await command.stream.write(LIBGPHOTO2_INIT);
    expect((await command.next())?.type).toBe(2);
    await clock.advance(4900);
    expect(camera.state.connected).toBe(true);
    await clock.advance(200);
    expect(await command.next()).toBeUndefined();
    expect(camera.state.connected).toBe(false);
  });

  test.each(['command', 'event'] as const)(
    'the end of the %s connection ends the session, and the next may come at once',
    async (which) => {
      camera = smallCamera();
      const first = await RawInitiator.open(camera);
      await first[which].stream.close();
      await settle();
      await settle();
      expect(camera.state).toMatchObject({ connected: false, sessionOpen: false, remoteMode: 0 });
      const second = await RawInitiator.open(camera);
      expect((await second.op(0x1001)).code).toBe(0x2001);
    },
  );
});

describe('pairing', () => {
  test('no: rejected', async () => {
    camera = smallCamera({ accept: 'no' });
    const command = dial(camera);
    await command.stream.write(LIBGPHOTO2_INIT);
    expect((await command.next())?.bytes).toEqual(initFail(1));
    expect(await command.next()).toBeUndefined();
  });

  test.each([
    ['accept', ACK],
    ['refuse', initFail(1)],
  ])('ask: the person says %s', async (line, answer) => {
    camera = smallCamera({ accept: 'ask' });
    const command = dial(camera);
    await command.stream.write(LIBGPHOTO2_INIT);
    await settle();
    expect(camera.state).toMatchObject({ asking: true, connected: false });
    await camera.control(line);
    expect((await command.next())?.bytes).toEqual(answer);
  });

  test('ask: nobody decides within 90 s', async () => {
    const clock = new FakeClock();
    camera = smallCamera({ accept: 'ask', clock });
    const command = dial(camera);
    await command.stream.write(LIBGPHOTO2_INIT);
    await clock.advance(89_000);
    expect(camera.state.asking).toBe(true);
    await clock.advance(2000);
    expect((await command.next())?.bytes).toEqual(initFail(1));
    expect(camera.state.asking).toBe(false);
  });

  test('ask: nobody to decide about', async () => {
    camera = smallCamera({ accept: 'ask' });
    await expect(camera.control('accept')).rejects.toMatchObject({ code: 'USAGE' });
  });

  test('a delay', async () => {
    const clock = new FakeClock();
    camera = smallCamera({ accept: 2000, clock });
    const command = dial(camera);
    await command.stream.write(LIBGPHOTO2_INIT);
    await clock.advance(1900);
    expect(camera.state.asking).toBe(true);
    await clock.advance(200);
    expect((await command.next())?.bytes).toEqual(ACK);
  });
});
