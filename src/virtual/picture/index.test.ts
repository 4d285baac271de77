import { describe, expect, it } from 'vitest';
import type { Exposure, PictureRequest } from './index.ts';
import { liveFrame, takePicture } from './index.ts';

const exposure: Exposure = { aperture: 4, shutter: 1 / 125, iso: 800, focalLength: 50 };
const request: PictureRequest = {
  width: 720,
  height: 480,
  exposure,
  takenAt: { year: 2026, month: 3, day: 4, hour: 10, minute: 9, second: 37, milliseconds: 450 },
  counter: 42,
  make: 'Canon',
  model: 'Canon EOS R6',
  firmware: '1.8.2',
};

function shoot(change: Partial<Exposure>, more: Partial<PictureRequest> = {}) {
  const { jpeg } = takePicture({ ...request, ...more, exposure: { ...exposure, ...change } });
  return { jpeg, ...decode(jpeg) };
}

describe('a picture', () => {
  it('is the same for the same request, and another for another', () => {
    expect(takePicture(request)).toEqual(takePicture({ ...request }));
    expect(takePicture({ ...request, counter: 43 }).jpeg).not.toEqual(takePicture(request).jpeg);
  });

  it('gets brighter with each stop until it is white, and ends in black', () => {
    const means = [-9, -3, -2, -1, 0, 1, 2, 3, 9].map((stops) =>
      mean(skyOf(shoot({ shutter: 2 ** stops / 125 }).brightness)),
    );
    expect(means).toEqual([...means].sort((a, b) => a - b));
    expect(means[0]).toBeLessThan(3);
    expect(means[4]).toBeGreaterThan(90);
    expect(means[4]).toBeLessThan(190);
    expect(means.at(-1)).toBeGreaterThan(252);
  });

  it('gets as bright by ISO and aperture as by time', () => {
    const [time, iso, aperture] = [{ shutter: 2 / 125 }, { iso: 1600 }, { aperture: Math.sqrt(8) }];
    const means = [time, iso, aperture].map((change) => mean(skyOf(shoot(change).brightness)));
    for (const value of means) expect(value).toBeCloseTo(means[0]!, -0.5);
  });

  it('can be read whatever the exposure', () => {
    for (const stops of [-9, 0, 9]) {
      const { brightness } = shoot({ shutter: 2 ** stops / 125 });
      const caption = brightness.slice(-5).flat();
      expect(Math.min(...caption)).toBeLessThan(30);
      expect(Math.max(...caption)).toBeGreaterThan(60);
    }
  });

  it('has more grain at a higher ISO', () => {
    const at = [100, 800, 6400, 51200].map((iso) => shoot({ iso, shutter: 6.4 / iso }).detail);
    expect(at).toEqual([...at].sort((a, b) => a - b));
  });

  it('shows what turns, and smears it in a long exposure', () => {
    const later = { ...request.takenAt, milliseconds: 900 };
    const difference = (shutter: number): number => {
      const change = { shutter, aperture: 4 * Math.sqrt(shutter * 125) };
      const first = shoot(change).brightness;
      const second = shoot(change, { takenAt: later }).brightness;
      // The left third, where the pinwheel is.
      return mean(
        first.flatMap((row, y) => row.slice(0, 30).map((v, x) => Math.abs(v - second[y]![x]!))),
      );
    };
    expect(difference(1 / 1000)).toBeGreaterThan(3 * difference(4));
  });

  it('lies on its side when the camera was held so', () => {
    const [wide, high] = [shoot({}), shoot({}, { width: 480, height: 720 })].map(
      (p) => p.brightness,
    );
    // Each block of the file, by where the upright picture has it: EXIF 4.6.4, Orientation.
    const upright = {
      3: (column: number, row: number) => wide?.[59 - row]?.[89 - column],
      6: (column: number, row: number) => high?.[column]?.[59 - row],
      8: (column: number, row: number) => high?.[89 - column]?.[row],
    };
    for (const orientation of [3, 6, 8] as const) {
      const { brightness } = shoot({}, { orientation });
      const differences = brightness.flatMap((row, y) =>
        row.map((value, x) => Math.abs(value - upright[orientation](x, y)!)),
      );
      // Only the grain is different.
      expect(mean(differences)).toBeLessThan(2);
    }
  });

  it('reaches sizes that are not whole MCUs', () => {
    const { brightness } = shoot({}, { width: 333, height: 222 });
    expect(brightness.length).toBe(28);
    expect(brightness[0]?.length).toBe(42);
  });

  it('carries its thumbnail of 160x120, with bars if it is wider', () => {
    const { jpeg, thumbnail } = takePicture(request);
    expect(indexOf(jpeg, thumbnail)).toBeGreaterThan(0);
    const { brightness } = decode(thumbnail);
    expect([brightness[0]!.length, brightness.length]).toEqual([20, 15]);
    expect(Math.max(...brightness[0]!)).toBeLessThan(40);
    const whole = takePicture({ ...request, width: 640 }).thumbnail;
    expect(Math.max(...decode(whole).brightness[0]!)).toBeGreaterThan(60);
  });
});

describe('a live frame', () => {
  const frame = (number: number, change: Partial<Exposure> = {}): Uint8Array =>
    liveFrame({ ...request, exposure: { ...exposure, ...change }, frame: number }).jpeg;

  it('is a JPEG without EXIF', () => {
    expect(frame(0).slice(0, 4)).toEqual(Uint8Array.of(0xff, 0xd8, 0xff, 0xdb));
    expect(decode(frame(0)).brightness.length).toBe(60);
  });

  it('is the same for the same request, whatever was shown before', () => {
    const first = frame(7);
    for (const other of [0, 8, 4000]) frame(other);
    frame(7, { iso: 3200 });
    frame(7, { aperture: 22, shutter: 0.242 });
    expect(frame(7)).toEqual(first);
  });

  it('moves', () => {
    const [first, second] = [decode(frame(0)).brightness, decode(frame(15)).brightness];
    const moved = first.flatMap((row, y) =>
      row.filter((v, x) => Math.abs(v - second[y]![x]!) > 20),
    );
    expect(moved.length).toBeGreaterThan(50);
  });

  it.each([1, 6] as const)('can be magnified, orientation %d', (orientation) => {
    const still = { ...request, orientation, frame: 0 };
    const whole = decode(liveFrame(still).jpeg).brightness;
    const zoom = { factor: 2, left: 0.4, top: 0.2 };
    const part = decode(liveFrame({ ...still, zoom }).jpeg).brightness;
    // Every two by two blocks of the part are one of the whole, from 0.4 x 90 and 0.2 x 60 blocks on.
    const differences = whole.slice(12, 42).flatMap((row, y) =>
      row.slice(36, 81).map((value, x) => {
        const [upper, lower] = [part[2 * y]!, part[2 * y + 1]!];
        const four = [upper[2 * x]!, upper[2 * x + 1]!, lower[2 * x]!, lower[2 * x + 1]!];
        return Math.abs(mean(four) - value);
      }),
    );
    expect(mean(differences)).toBeLessThan(2);
  });

  it('shows the exposure', () => {
    const dark = mean(skyOf(decode(frame(0, { iso: 100 })).brightness));
    expect(dark).toBeLessThan(0.6 * mean(skyOf(decode(frame(0)).brightness)));
  });
});

/** Rows above everything that moves: what they show depends on the exposure alone. */
function skyOf(brightness: readonly number[][]): number[] {
  return brightness.slice(0, 8).flat();
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function indexOf(bytes: Uint8Array, part: Uint8Array): number {
  return bytes.findIndex((_, at) => part.every((value, index) => bytes[at + index] === value));
}

/**
 * The brightness (0 to 255) of each 8x8 block, row by row, and how much detail there is on average.
 * A decoder of its own, written after T.81 annex F, that reads the tables of the file.
 */
function decode(file: Uint8Array): { brightness: number[][]; detail: number } {
  const tables = new Map<number, Map<string, number>>();
  let [at, width, height, step] = [2, 0, 0, 1];
  while (file[at + 1] !== 0xda) {
    const marker = file[at + 1];
    const end = at + 2 + file[at + 2]! * 256 + file[at + 3]!;
    if (marker === 0xdb) step = file[at + 5]!;
    if (marker === 0xc0) {
      height = file[at + 5]! * 256 + file[at + 6]!;
      width = file[at + 7]! * 256 + file[at + 8]!;
    }
    for (let table = at + 4; marker === 0xc4 && table < end; ) {
      const codes = new Map<string, number>();
      let [code, symbol] = [0, table + 17];
      for (let length = 1; length <= 16; length++, code <<= 1)
        for (let count = file[table + length]!; count > 0; count--)
          codes.set((code++).toString(2).padStart(length, '0'), file[symbol++]!);
      tables.set(file[table]!, codes);
      table = symbol;
    }
    at = end;
  }
  at += 14;
  let bit = 0;
  const read = (count: number): string => {
    let bits = '';
    for (; count > 0; count--) {
      bits += (file[at]! >> (7 - bit)) & 1;
      if (++bit < 8) continue;
      bit = 0;
      at += file[at] === 0xff ? 2 : 1;
    }
    return bits;
  };
  const symbol = (table: number): number => {
    const codes = tables.get(table)!;
    for (let code = read(1); code.length <= 16; code += read(1)) {
      const found = codes.get(code);
      if (found !== undefined) return found;
    }
    throw new Error(`No such code before byte ${at}`);
  };
  const signed = (size: number): number => {
    if (size === 0) return 0;
    const value = Number.parseInt(read(size), 2);
    return value < 2 ** (size - 1) ? value - 2 ** size + 1 : value;
  };

  const brightness = Array.from({ length: Math.ceil(height / 8) }, () => [] as number[]);
  let [detail, blocks] = [0, 0];
  for (let row = 0; row < Math.ceil(height / 16); row++) {
    const dc = [0, 0, 0];
    for (let column = 0; column < Math.ceil(width / 16); column++)
      for (let block = 0; block < 6; block++) {
        const component = Math.max(0, block - 3);
        const table = component === 0 ? 0 : 1;
        dc[component]! += signed(symbol(table));
        for (let k = 1; k < 64; k++) {
          const runAndSize = symbol(0x10 | table);
          if (runAndSize === 0) break;
          k += runAndSize >> 4;
          detail += Math.abs(signed(runAndSize & 15));
        }
        blocks++;
        const [x, y] = [column * 2 + (block & 1), row * 2 + (block >> 1)];
        if (block > 3 || x >= Math.ceil(width / 8) || y >= brightness.length) continue;
        brightness[y]![x] = Math.min(255, Math.max(0, (dc[0]! * step) / 8 + 128));
      }
    // The rest of the byte, and a marker: the next restart, or the end.
    if (bit > 0) read(8 - bit);
    const expected = row === Math.ceil(height / 16) - 1 ? 0xd9 : 0xd0 + (row & 7);
    expect([file[at], file[at + 1]]).toEqual([0xff, expected]);
    at += 2;
  }
  expect(at).toBe(file.length);
  return { brightness, detail: detail / blocks };
}
