import { describe, expect, it } from 'vitest';
import { noGrain } from './grain.ts';
import { JpegEncoder, quantisation, texture } from './jpeg-encoder.ts';

const even = texture(new Int16Array(64), 0);
const evenColour = texture(new Int16Array(64), 1);

function grey(width: number, height: number): Uint8Array {
  const encoder = new JpegEncoder(width, height, 90);
  const plane = { samples: new Float32Array(9), stride: 3 };
  for (let row = 0; row < encoder.rows; row++) {
    encoder.startRow();
    for (let column = 0; column < encoder.columns; column++)
      for (const component of [0, 0, 0, 0, 1, 2] as const)
        encoder.patch(component, plane, 4, component === 0 ? even : evenColour);
  }
  return encoder.finish();
}

describe('structure', () => {
  const file = grey(50, 200);

  it('has the segments of a baseline file, in the order of a Canon file', () => {
    // SOI DQT SOF0 DHT DRI SOS, T.81 table B.1
    expect(markers(file).slice(0, 6)).toEqual([0xd8, 0xdb, 0xc0, 0xc4, 0xdd, 0xda]);
    expect(file.slice(0, 4)).toEqual(Uint8Array.of(0xff, 0xd8, 0xff, 0xdb));
  });

  it('has a restart marker between any two rows of MCUs, counting to eight', () => {
    // 200 pixels are 13 rows of 16.
    const between = [0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3].map((number) => 0xd0 + number);
    expect(markers(file).slice(6)).toEqual([...between, 0xd9]);
  });

  it('tells the size and 4:2:0', () => {
    // Length 17, 8 bits, 200 x 50, 3 components: Y 2x2 table 0, Cb and Cr 1x1 table 1.
    expect(hex(file, 0xc0)).toBe('00 11 08 00 c8 00 32 03 01 22 00 02 11 01 03 11 01');
    // Restart after 4 MCUs, the width of the picture.
    expect(hex(file, 0xdd)).toBe('00 04 00 04');
  });
});

describe('coding', () => {
  it('writes equal grey blocks with the shortest codes', () => {
    // Per MCU four times 00 1010 (no difference, end of block) and two of 00 00: 32 bits.
    expect([...grey(16, 16).slice(-6)].map(twoDigits).join(' ')).toBe('28 a2 8a 00 ff d9');
  });

  it('follows a byte of ff by 00', () => {
    const encoder = new JpegEncoder(16, 16, 100);
    encoder.startRow();
    const wild = Int16Array.from({ length: 64 }, (_, index) => (index % 2 ? 1023 : -1));
    for (const component of [0, 0, 0, 0, 1, 2] as const)
      encoder.block(component, wild, 0, noGrain(component, 128, 0));
    expect(markers(encoder.finish())).toEqual([0xd8, 0xdb, 0xc0, 0xc4, 0xdd, 0xda, 0xd9]);
  });

  it('has a table for each quality, scaled from annex K', () => {
    expect(quantisation(50, 0).slice(0, 3)).toEqual([16, 11, 10]);
    expect(quantisation(90, 0).slice(0, 3)).toEqual([3, 2, 2]);
    expect(new Set(quantisation(100, 1))).toEqual(new Set([1]));
    expect(Math.max(...quantisation(1, 0))).toBe(255);
  });
});

describe('patch', () => {
  it('gives the same bits as the samples of the surface', () => {
    const surface = (x: number, y: number): number =>
      20 + 0.9 * x - 0.4 * y + 0.05 * x * x - 0.04 * y * y + 0.6 * x * y;
    const patched = new JpegEncoder(16, 16, 50);
    const sampled = new JpegEncoder(16, 16, 50);
    patched.startRow();
    sampled.startRow();
    // A plane has samples at -8, 0 and 8; a block has them from -3.5 to 3.5.
    const samples = Float32Array.from({ length: 9 }, (_, i) =>
      surface(((i % 3) - 1) * 8, (Math.floor(i / 3) - 1) * 8),
    );
    const pixels = Float32Array.from({ length: 64 }, (_, i) =>
      surface((i & 7) - 3.5, (i >> 3) - 3.5),
    );
    const coefficients = new Int16Array(64);
    sampled.transform(0, pixels, 0, coefficients);
    patched.patch(0, { samples, stride: 3 }, 4, even);
    sampled.block(0, coefficients, 0, even);
    expect(patched.finish()).toEqual(sampled.finish());
  });

  it('joins slopes and the grain that was encoded in advance', () => {
    const grain = Int16Array.from({ length: 64 }, (_, k) => (k % 5 === 0 ? 2 : 0));
    grain[63] = -7;
    for (const slope of [0, 3, 40]) {
      const patched = new JpegEncoder(16, 16, 90);
      const sampled = new JpegEncoder(16, 16, 90);
      patched.startRow();
      sampled.startRow();
      const samples = Float32Array.of(...[-1, 0, 1, -1, 0, 1, -1, 0, 1].map((x) => x * slope));
      const coefficients = new Int16Array(64);
      // The first AC coefficient of a ramp is -1.13885 for each level between the neighbours; quantised by 2.
      coefficients[1] = Math.round((-1.13885 * 2 * slope) / 2);
      patched.patch(0, { samples, stride: 3 }, 4, texture(grain, 0));
      sampled.block(0, coefficients, 0, texture(grain, 0));
      expect(patched.finish()).toEqual(sampled.finish());
    }
  });
});

/** The markers in the file's order: those of segments, then those within the coded data. */
function markers(file: Uint8Array): number[] {
  const found: number[] = [0xd8];
  let at = 2;
  while (found.at(-1) !== 0xda) {
    expect(file[at]).toBe(0xff);
    found.push(file[at + 1]!);
    at += 2 + ((file[at + 2]! << 8) | file[at + 3]!);
  }
  for (; at < file.length - 1; at++)
    if (file[at] === 0xff && file[at + 1] !== 0) found.push(file[at + 1]!);
  return found;
}

function hex(file: Uint8Array, marker: number): string {
  const at = file.findIndex((value, index) => value === 0xff && file[index + 1] === marker) + 2;
  const length = (file[at]! << 8) | file[at + 1]!;
  return [...file.slice(at, at + length)].map(twoDigits).join(' ');
}

function twoDigits(value: number): string {
  return value.toString(16).padStart(2, '0');
}
