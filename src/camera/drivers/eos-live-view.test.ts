/** Live view of an EOS 60D, whose DeviceInfo and first dump are real; what it shows is written here. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fromHex, hexFixture, toSpacedHex } from '../../../test/support/hex-fixture.ts';
import {
  type ScriptedAnswer,
  type ScriptedTransport,
  scriptedTransport,
} from '../../../test/support/scripted-transport.ts';
import type { Camera, LiveViewFrame, LiveViewOptions } from '../camera.ts';
import { openPtpCamera } from '../open-ptp.ts';
import { liveViewFrame } from './eos-live-view-frame.ts';

const NOT_READY = { code: 0xa102 };
const BUSY = { code: 0x2019 };
const JPEG = 'ff d8 ff db 00 00 ff d9';
const FRAME = fromHex(`10000000 01000000 ${JPEG} 08000000 00000000`);
/** Where the dump of the 60D has the value of EVFMode. */
const EVF_MODE_AT = 1300;

let transport: ScriptedTransport;
let camera: Camera;
/** What the body answers to the next questions for a frame; a frame from then on. */
let frames: ScriptedAnswer[];
/** What it answers to SetDevicePropValueEx; OK from then on. */
let settings: ScriptedAnswer[];
/** Data of SetDevicePropValueEx, by what was sent. */
let sent: string[];
let askedAt: number[];
let dump: Uint8Array;
let news: string[];

beforeEach(async () => {
  [frames, settings, sent, askedAt, news] = [[], [], [], [], []];
  dump = hexFixture('canon/eos60d-getevent-initial.hex');
  let dumped = false;
  transport = scriptedTransport((operation, _, received) => {
    switch (operation) {
      case 0x1001:
        return { data: hexFixture('ptp/device-info-eos-60d.hex') };
      case 0x9116: {
        const events = dumped ? news.splice(0).join('') : '';
        const data = dumped ? fromHex(`${events} 08000000 00000000`) : dump;
        dumped = true;
        return { data };
      }
      case 0x9110: {
        const answer = settings.shift() ?? {};
        sent.push(toSpacedHex(received ?? new Uint8Array(0)));
        // It confirms what it took, in a record of the same layout with a head of its own.
        if (!answer.code) news.push(`10000000 89c10000 ${sent.at(-1)?.slice(12)}`);
        return answer;
      }
      case 0x9153:
        askedAt.push(performance.now());
        return frames.shift() ?? { data: FRAME };
      default:
        return {};
    }
  });
  camera = await openPtpCamera(transport, 'script:');
});
afterEach(() => camera.close());

async function first(options?: LiveViewOptions): Promise<LiveViewFrame | undefined> {
  for await (const frame of camera.liveView?.frames(options) ?? []) return frame;
  return undefined;
}

const OUTPUT_ON = '0c 00 00 00 b0 d1 00 00 02 00 00 00';
const OUTPUT_OFF = '0c 00 00 00 b0 d1 00 00 00 00 00 00';

describe('live view of an EOS 60D', () => {
  it('is switched on for the computer, and off again', async () => {
    expect(toSpacedHex((await first())?.jpeg ?? new Uint8Array(0))).toBe(JPEG);
    expect(sent).toEqual([OUTPUT_ON, OUTPUT_OFF]);
    expect(transport.asked).toContain('9153(200000, 0, 0)');
  });

  it('is enabled in the menu for as long as it lasts', async () => {
    dump[EVF_MODE_AT] = 0;
    await first();
    const mode = (value: number) => `0c 00 00 00 b1 d1 00 00 0${value} 00 00 00`;
    expect(sent).toEqual([mode(1), OUTPUT_ON, OUTPUT_OFF, mode(0)]);
  });

  it('does without where the body refuses that', async () => {
    dump[EVF_MODE_AT] = 0;
    settings = [{ code: 0x2002 }];
    expect(await first()).toBeDefined();
  });

  it('waits for longer and longer while there is no frame', async () => {
    frames = [NOT_READY, NOT_READY, BUSY, NOT_READY, BUSY, NOT_READY];
    expect(await first()).toBeDefined();
    const pauses = askedAt.slice(1).map((at, i) => at - (askedAt[i] ?? 0));
    const least = [10, 20, 40, 80, 100, 100];
    // Timers may fire a millisecond early; how late depends on the machine.
    for (const [i, ms] of least.entries()) expect(pauses[i]).toBeGreaterThan(ms - 2);
  });

  it('waits where the answer holds no picture yet', async () => {
    const noPicture = fromHex('0c000000 04000000 01000000 08000000 00000000');
    frames = [{ data: noPicture }, { data: new Uint8Array(0) }];
    expect(await first()).toBeDefined();
    expect(askedAt).toHaveLength(3);
  });

  it('gives up when no frame comes, and puts the output back', async () => {
    frames = Array.from({ length: 100 }, () => NOT_READY);
    await expect(first({ timeoutMs: 200 })).rejects.toMatchObject({
      code: 'TIMEOUT',
      message: 'the camera sent no live view within 200 ms',
    });
    expect(sent).toEqual([OUTPUT_ON, OUTPUT_OFF]);
  });

  it('has patience with an exposure', async () => {
    frames = Array.from({ length: 8 }, () => NOT_READY);
    // CameraStatusChanged: busy.
    news = ['0c000000 8bc10000 01000000'];
    expect(await first({ timeoutMs: 200 })).toBeDefined();
    expect(askedAt.at(-1) ?? 0).toBeGreaterThan((askedAt[0] ?? 0) + 400);
  });

  it('says what else the camera answers', async () => {
    frames = [{ code: 0x2005 }];
    await expect(first()).rejects.toMatchObject({ code: 'RESPONSE', response: 0x2005 });
    expect(sent).toEqual([OUTPUT_ON, OUTPUT_OFF]);
  });

  it('puts the output back also from a body that is busy', async () => {
    settings = [BUSY, {}, BUSY, BUSY];
    await first();
    expect(sent).toEqual([OUTPUT_ON, OUTPUT_ON, OUTPUT_OFF, OUTPUT_OFF, OUTPUT_OFF]);
  });

  it('is switched on and off each time', async () => {
    await first();
    await first();
    expect(sent).toEqual([OUTPUT_ON, OUTPUT_OFF, OUTPUT_ON, OUTPUT_OFF]);
  });

  it('keeps the camera awake', async () => {
    await first();
    // Not with each frame.
    await first();
    expect(transport.asked.filter((asked) => asked === '911d()')).toHaveLength(1);
  });
});

it('a frame says what the camera sent with it', () => {
  const levels = (value: number) =>
    Array.from({ length: 256 }, (_, i) => (i === 255 ? `0${value}000000` : '00000000')).join('');
  // Numbers of a frame of a 1300D; focus frames as camera_control_dart reads them.
  const frame = liveViewFrame(
    fromHex(`
      10000000 01000000 ${JPEG}
      0c000000 04000000 01000000
      10000000 05000000 10080000 62050000
      10000000 06000000 10080000 62050000
      0c000000 0c000000 00000000
      18000000 0d000000 10080000 62050000 08040000 b0020000
      10000000 0e000000 28140000 740d0000
      10000000 0a000000 0524816a 78000000
      0c000000 07000000 01000000
      24000000 08000000 00000000 31000000 00000000 01000000 02000000 03000000 04000000
      24000000 08000000 00000000 77000000 00000000 05000000 06000000 07000000 08000000
      08100000 03000000 ${levels(1)}${levels(2)}${levels(3)}${levels(4)}
      08000000 00000000`),
    42,
  );
  const only = (value: number) => Array.from({ length: 256 }, (_, i) => (i === 255 ? value : 0));
  expect(frame).toEqual({
    jpeg: fromHex(JPEG),
    arrivedAt: 42,
    date: new Date(0x6a812405 * 1000 + 120).toISOString().replace('Z', ''),
    histogram: { luma: only(1), red: only(2), green: only(3), blue: only(4) },
    focusFrames: [
      { x: 1, y: 2, width: 3, height: 4, status: 0x31, state: 'focused' },
      { x: 5, y: 6, width: 7, height: 8, status: 0x77, state: undefined },
    ],
    zoomFactor: 1,
    zoomRectangle: { x: 2064, y: 1378, width: 1032, height: 688 },
    coordinates: { width: 5160, height: 3444 },
  });
});
