/**
 * What the settings of a virtual camera do to its pictures, as ffmpeg decodes and exiftool reads
 * them: taken by the library, from the card of the camera.
 */
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, expect } from 'vitest';
import type { Camera } from '../../src/camera/camera.ts';
import { open } from '../../src/node/index.ts';
import { createVirtualCamera, MemoryCard, type VirtualCamera } from '../../src/virtual/index.ts';
import { inNetwork, type NetworkCamera } from '../support/network-camera.ts';
import { peer, runs } from '../support/peers.ts';

const judges = peer(
  'ffmpeg and exiftool',
  () => runs('ffmpeg', '-version') ?? runs('exiftool', '-ver'),
);

const WIDTH = 480;
const HEIGHT = 320;

interface Pixels {
  /** Red, green, blue, from 0 to 255, row by row. */
  rgb: Buffer;
}

function decode(jpeg: Uint8Array): Pixels {
  const args = ['-v', 'error', '-i', '-', '-vf', `scale=${WIDTH}:${HEIGHT}`, '-f', 'rawvideo'];
  const rgb = execFileSync('ffmpeg', [...args, '-pix_fmt', 'rgb24', '-'], {
    input: jpeg,
    maxBuffer: 1e8,
  });
  expect(rgb.length).toBe(3 * WIDTH * HEIGHT);
  return { rgb };
}

const linear = (level: number) => {
  const share = level / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
};

/** Mean of the linear luminance, without the caption at the lower edge. */
function luminance({ rgb }: Pixels): number {
  let sum = 0;
  const count = WIDTH * Math.floor(HEIGHT * 0.85);
  for (let i = 0; i < count; i++) {
    const [red = 0, green = 0, blue = 0] = rgb.subarray(3 * i, 3 * i + 3);
    sum += 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
  }
  return sum / count;
}

function redOverBlue({ rgb }: Pixels): number {
  let [red, blue] = [0, 0];
  for (let i = 0; i < rgb.length; i += 3) {
    red += linear(rgb[i] ?? 0);
    blue += linear(rgb[i + 2] ?? 0);
  }
  return red / blue;
}

/** Mean difference of neighbours within a part of the picture, in shares of its width and height. */
function sharpness({ rgb }: Pixels, [left, top, right, bottom]: readonly number[]): number {
  let [sum, count] = [0, 0];
  for (let y = Math.round((top ?? 0) * HEIGHT); y < (bottom ?? 0) * HEIGHT; y++) {
    for (let x = Math.round((left ?? 0) * WIDTH); x < (right ?? 0) * WIDTH; x++) {
      const at = 3 * (y * WIDTH + x) + 1;
      sum += Math.abs((rgb[at] ?? 0) - (rgb[at + 3] ?? 0));
      count++;
    }
  }
  return sum / count;
}

/** Of each column the steepest step downwards, on the average. */
function steepest({ rgb }: Pixels, [left, top, right, bottom]: readonly number[]): number {
  let [sum, count] = [0, 0];
  for (let x = Math.round((left ?? 0) * WIDTH); x < (right ?? 0) * WIDTH; x++) {
    let largest = 0;
    for (let y = Math.round((top ?? 0) * HEIGHT); y < (bottom ?? 0) * HEIGHT; y++) {
      const at = 3 * (y * WIDTH + x) + 1;
      largest = Math.max(largest, Math.abs((rgb[at] ?? 0) - (rgb[at + 3 * WIDTH] ?? 0)));
    }
    sum += largest;
    count++;
  }
  return sum / count;
}

const CLOCK = [0.59, 0.15, 0.8, 0.55];
/** The ridge of the hills against the sky. */
const RIDGE = [0.52, 0.48, 0.62, 0.6];

judges.describe('a picture of a virtual EOS R6', () => {
  let virtual: VirtualCamera;
  let network: NetworkCamera;
  let camera: Camera;
  beforeAll(async () => {
    virtual = createVirtualCamera('eos-r6', { card: new MemoryCard() });
    network = await inNetwork(virtual);
    camera = await open(network.address);
    await camera.settings?.set('image-format', 'S2');
  });
  afterAll(async () => {
    await camera.close();
    await network.close();
  });

  async function shoot(settings: Record<string, string> = {}, autofocus = true) {
    for (const [name, value] of Object.entries(settings)) await camera.settings?.set(name, value);
    const shot = await camera.capture?.shoot({ to: 'card', autofocus });
    const parts: Uint8Array[] = [];
    await shot?.files[0]?.read({ write: (chunk) => void parts.push(chunk.slice()) });
    return Buffer.concat(parts);
  }

  const twice = (ratio: number) => {
    expect(ratio).toBeGreaterThan(1.8);
    expect(ratio).toBeLessThan(2.2);
  };
  const base = { aperture: 'f/5.6', shutter: '1/125', iso: '400' };

  judges.it(
    'has twice the light with one stop more',
    async () => {
      virtual.dial('M');
      const before = luminance(decode(await shoot(base)));
      for (const more of [{ aperture: 'f/4' }, { shutter: '1/60' }, { iso: '800' }]) {
        twice(luminance(decode(await shoot({ ...base, ...more }))) / before);
      }
    },
    60_000,
  );

  judges.it(
    'has twice the light with +1 EV where the camera chooses',
    async () => {
      virtual.dial('Av');
      const settings = { aperture: 'f/5.6', iso: '400', compensation: '-1' };
      const before = luminance(decode(await shoot(settings)));
      twice(luminance(decode(await shoot({ ...settings, compensation: '0' }))) / before);
      await camera.settings?.set('compensation', '0');
      virtual.dial('M');
    },
    60_000,
  );

  judges.it(
    'grows from blue to red with the temperature of its white balance',
    async () => {
      const ratios: number[] = [];
      for (const kelvin of ['3200', '5200', '8000']) {
        const settings = { ...base, 'white-balance': 'color temperature' };
        ratios.push(
          redOverBlue(decode(await shoot({ ...settings, 'color-temperature': `${kelvin} K` }))),
        );
      }
      expect(ratios).toEqual([...ratios].sort((a, b) => a - b));
      expect((ratios[2] ?? 0) / (ratios[0] ?? 1)).toBeGreaterThan(1.5);
      await camera.settings?.set('white-balance', 'auto');
    },
    60_000,
  );

  judges.it(
    'is sharp where the lens is focused, moved by hand or by itself',
    async () => {
      const near = decode(await shoot({ ...base, aperture: 'f/4' }));
      await camera.focus?.drive({ direction: 'far', size: 3, times: 6 });
      const far = decode(await shoot({}, false));
      expect(sharpness(far, CLOCK)).toBeLessThan(0.7 * sharpness(near, CLOCK));
      expect(steepest(far, RIDGE)).toBeGreaterThan(2 * steepest(near, RIDGE));
      const again = decode(await shoot());
      expect(sharpness(again, CLOCK)).toBeGreaterThan(0.8 * sharpness(near, CLOCK));
    },
    60_000,
  );

  judges.it(
    'shows less of the scene at a longer focal length',
    async () => {
      await shoot(base);
      virtual.zoom(100);
      const long = await shoot();
      virtual.zoom(50);
      const short = await shoot();
      // What fills the middle half of one fills the whole of the other.
      const [a, b] = [decode(long).rgb, decode(short).rgb];
      let [same, other] = [0, 0];
      for (let y = 40; y < 240; y += 4) {
        for (let x = 0; x < WIDTH; x += 4) {
          const here = a[3 * (y * WIDTH + x) + 1] ?? 0;
          const there = (HEIGHT / 2 + (y - HEIGHT / 2) / 2) | 0;
          const inner = b[3 * (there * WIDTH + ((WIDTH / 2 + (x - WIDTH / 2) / 2) | 0)) + 1] ?? 0;
          same += Math.abs(here - inner);
          other += Math.abs(here - (b[3 * (y * WIDTH + x) + 1] ?? 0));
        }
      }
      expect(same).toBeLessThan(0.6 * other);
      const read = (jpeg: Buffer) =>
        execFileSync('exiftool', ['-n', '-s3', '-FocalLength', '-'], { input: jpeg }).toString();
      expect([read(long).trim(), read(short).trim()]).toEqual(['100', '50']);
    },
    60_000,
  );

  judges.it(
    'says in its EXIF what the camera was set to',
    async () => {
      const jpeg = await shoot({ aperture: 'f/8', shutter: '1/60', iso: '1600' });
      const tags = ['-j', '-n', '-FNumber', '-ExposureTime', '-ISO', '-Model', '-LensModel', '-'];
      const [facts] = JSON.parse(execFileSync('exiftool', tags, { input: jpeg }).toString());
      expect(facts).toMatchObject({
        ...{ FNumber: 8, ISO: 1600, Model: 'Canon EOS R6', LensModel: 'RF24-105mm F4 L IS USM' },
        ExposureTime: expect.closeTo(1 / 60, 4) as number,
      });
    },
    60_000,
  );

  judges.it(
    'is shown in live view as it would be taken, with its histogram',
    async () => {
      await camera.settings?.set('iso', '400');
      for await (const { jpeg, histogram } of camera.liveView?.frames() ?? []) {
        const { rgb } = decode(jpeg);
        const counted = histogram?.luma.reduce((sum, count) => sum + count, 0) ?? 0;
        expect(counted).toBeGreaterThanOrEqual(960 * 640);
        const mean = (counts: readonly number[] = []) =>
          counts.reduce((sum, count, level) => sum + count * level, 0) / counted;
        const channel = (offset: number) => {
          let sum = 0;
          for (let i = offset; i < rgb.length; i += 3) sum += rgb[i] ?? 0;
          return sum / (rgb.length / 3);
        };
        expect(Math.abs(mean(histogram?.red) - channel(0))).toBeLessThan(8);
        expect(Math.abs(mean(histogram?.green) - channel(1))).toBeLessThan(8);
        expect(Math.abs(mean(histogram?.blue) - channel(2))).toBeLessThan(8);
        break;
      }
      await camera.focus?.auto();
      for await (const { focusFrames } of camera.liveView?.frames() ?? []) {
        expect(focusFrames.map(({ state }) => state)).toEqual(['focused']);
        break;
      }
    },
    60_000,
  );
});
