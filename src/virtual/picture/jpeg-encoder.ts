/**
 * A baseline sequential JPEG encoder (ITU-T T.81), YCbCr 4:2:0, with a restart marker after every
 * row of MCUs. It is fed block by block: either with 64 samples, or with nine samples that
 * span a curved surface and a {@link Texture} encoded in advance, which costs a fraction and suits
 * skies, walls and everything out of focus.
 */
import { fdct, fdctScale } from './fdct.ts';
import type { HuffmanTable } from './huffman.ts';
import { acChrominance, acLuminance, dcChrominance, dcLuminance, huffmanCodes } from './huffman.ts';

/** Coefficients of a block, quantised and encoded once, to be used in many places. */
export interface Texture {
  /** 64 quantised coefficients in zigzag order. */
  readonly coefficients: Int16Array;
  /**
   * Coefficients 6 to 63 as Huffman code, each item bits << 5 | length. There are six versions, for
   * 0 to 5 zeros just before them, because a code includes the run of zeros it ends.
   */
  readonly tails: readonly Int32Array[];
}

export type Component = 0 | 1 | 2;

/** Samples from -128 to 127, row by row, `stride` from one row to the next. */
export interface Plane {
  readonly samples: Float32Array;
  readonly stride: number;
}

/** Position in the block (row * 8 + column) of each coefficient in zigzag order. T.81 figure 5. */
export const zigzag: readonly number[] = [
  0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20,
  13, 6, 7, 14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52,
  45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
];

/** T.81 tables K.1 and K.2, row by row. */
const luminanceSteps = [
  16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56,
  14, 17, 22, 29, 51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113,
  92, 49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
];
const chrominanceSteps = [
  17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99,
  47, 66, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
  99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
];

/** Quantisation steps row by row for a quality of 1 to 100, scaled as the Independent JPEG Group does. */
export function quantisation(quality: number, component: Component): number[] {
  const bounded = Math.min(100, Math.max(1, Math.round(quality)));
  const percent = bounded < 50 ? Math.floor(5000 / bounded) : 200 - 2 * bounded;
  const steps = component === 0 ? luminanceSteps : chrominanceSteps;
  return steps.map((step) => Math.min(255, Math.max(1, Math.floor((step * percent + 50) / 100))));
}

const luminanceCodes = { dc: huffmanCodes(dcLuminance), ac: huffmanCodes(acLuminance) };
const chrominanceCodes = { dc: huffmanCodes(dcChrominance), ac: huffmanCodes(acChrominance) };

/** The first coefficients are mean, slopes and curvatures: what {@link JpegEncoder.patch} sets. */
const HEAD = 6;
/**
 * The DCT of surfaces through samples 8 apart: of a slope per difference of the two neighbours, of
 * a parabola per second difference (and its mean), of a saddle per difference of the two diagonals.
 */
const SLOPE = -1.13885;
const BEND = 0.27882;
const BEND_MEAN = 5.25 / 128;
const SADDLE = 0.16213;

/** A block needs at most 64 codes of 26 bits, and every byte may need a stuffed one. */
const LONGEST_BLOCK = 2 * 64 * 4;

class BitWriter {
  private bytes: Uint8Array;
  private length = 0;
  private held = 0;
  private heldBits = 0;

  constructor(capacity: number) {
    this.bytes = new Uint8Array(capacity);
  }

  reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.length + count));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }

  /** Appends up to 24 bits. */
  put(bits: number, count: number): void {
    let left = this.heldBits + count;
    const held = (this.held << count) | bits;
    while (left >= 8) {
      left -= 8;
      const byte = (held >>> left) & 0xff;
      this.bytes[this.length++] = byte;
      // Inside the coded data FF starts a marker, unless 00 follows.
      if (byte === 0xff) this.bytes[this.length++] = 0;
    }
    this.held = held;
    this.heldBits = left;
  }

  /** Fills the last byte with ones, as T.81 F.1.2.3 demands before a marker. */
  flush(): void {
    if (this.heldBits > 0) this.put((1 << (8 - this.heldBits)) - 1, 8 - this.heldBits);
    this.held = 0;
  }

  append(...values: number[]): void {
    this.reserve(values.length);
    for (const value of values) this.bytes[this.length++] = value;
  }

  take(): Uint8Array {
    return this.bytes.slice(0, this.length);
  }
}

/** Prepares 64 quantised coefficients, in zigzag order, for {@link JpegEncoder.patch}. */
export function texture(coefficients: Int16Array, component: Component): Texture {
  const { ac } = component === 0 ? luminanceCodes : chrominanceCodes;
  const tail = (zerosBefore: number): Int32Array => {
    const items: number[] = [];
    let run = zerosBefore;
    for (let k = HEAD; k < 64; k++) {
      const value = coefficients[k] ?? 0;
      if (value === 0) {
        run++;
        continue;
      }
      for (; run > 15; run -= 16) items.push(ac[0xf0] ?? 0);
      const size = 32 - Math.clz32(Math.abs(value));
      const code = ac[(run << 4) | size] ?? 0;
      items.push(code, ((value < 0 ? value + (1 << size) - 1 : value) << 5) | size);
      run = 0;
    }
    if (run > 0) items.push(ac[0] ?? 0);
    return Int32Array.from(packed(items));
  };
  return { coefficients, tails: [0, 1, 2, 3, 4, 5].map(tail) };
}

/** Joins neighbouring codes as long as they fit in the 24 bits that {@link BitWriter.put} takes. */
function packed(items: readonly number[]): number[] {
  const joined: number[] = [];
  for (const item of items) {
    const last = joined.at(-1);
    const length = (last ?? 24) & 31;
    const more = item & 31;
    if (last !== undefined && length + more <= 24)
      joined[joined.length - 1] = ((((last >> 5) << more) | (item >> 5)) << 5) | (length + more);
    else joined.push(item);
  }
  return joined;
}

export class JpegEncoder {
  /** MCUs (16x16 pixels) in a row, and rows of them. The last ones may reach beyond the picture. */
  readonly columns: number;
  readonly rows: number;
  private readonly out: BitWriter;
  /** What {@link patch} multiplies its first coefficients with, for luminance and chrominance. */
  private readonly headFactors: readonly [Float32Array, Float32Array];
  /** The same for what {@link fdct} returns. */
  private readonly factors: readonly [Float32Array, Float32Array];
  private readonly previousDc = new Int32Array(3);
  private readonly head = new Float32Array(HEAD);
  private row = 0;

  constructor(width: number, height: number, quality: number) {
    this.columns = Math.ceil(width / 16);
    this.rows = Math.ceil(height / 16);
    this.out = new BitWriter(1024 + Math.ceil(width * height * 0.2));
    const luminance = quantisation(quality, 0);
    const chrominance = quantisation(quality, 1);
    this.headFactors = [headFactors(luminance), headFactors(chrominance)];
    this.factors = [fdctFactors(luminance), fdctFactors(chrominance)];
    this.header(width, height, luminance, chrominance);
  }

  /** Call before the first MCU of each row, from the top down. */
  startRow(): void {
    if (this.row > 0) {
      this.out.flush();
      this.out.append(0xff, 0xd0 | ((this.row - 1) & 7));
    }
    this.row++;
    this.previousDc.fill(0);
    this.out.reserve(this.columns * 6 * LONGEST_BLOCK);
  }

  /**
   * Appends a block as the curved surface through sample `at` of a plane, which is the block's
   * centre, and its eight neighbours, which are 8 samples of the picture away; with grain on top.
   * An MCU is four blocks of component 0, one of 1, one of 2.
   */
  patch(component: Component, plane: Plane, at: number, grain: Texture): void {
    const { samples, stride } = plane;
    const codes = component === 0 ? luminanceCodes.ac : chrominanceCodes.ac;
    const own = grain.coefficients;
    const head = this.head;
    const factors = this.headFactors[component === 0 ? 0 : 1];
    const above = at - stride;
    const below = at + stride;
    const centre = samples[at]!;
    const bendAcross = samples[at - 1]! + samples[at + 1]! - 2 * centre;
    const bendDown = samples[above]! + samples[below]! - 2 * centre;
    head[1] = samples[at + 1]! - samples[at - 1]!;
    head[2] = samples[below]! - samples[above]!;
    head[3] = bendDown;
    head[4] = samples[below + 1]! - samples[below - 1]! - samples[above + 1]! + samples[above - 1]!;
    head[5] = bendAcross;
    head[0] = centre + BEND_MEAN * (bendAcross + bendDown);
    this.dc(component, rounded(head[0] * factors[0]!) + own[0]!);
    let run = 0;
    for (let k = 1; k < HEAD; k++) {
      const value = rounded(head[k]! * factors[k]!) + own[k]!;
      if (value === 0) {
        run++;
        continue;
      }
      this.ac(codes, run, value);
      run = 0;
    }
    const tail = grain.tails[run]!;
    for (let i = 0; i < tail.length; i++) {
      const item = tail[i]!;
      this.out.put(item >> 5, item & 31);
    }
  }

  /**
   * Transforms and quantises the 8x8 samples (-128 to 127, row by row) at `at`, overwriting them,
   * into 64 coefficients in zigzag order, at the same place.
   */
  transform(component: Component, samples: Float32Array, at: number, into: Int16Array): void {
    const factors = this.factors[component === 0 ? 0 : 1];
    fdct(samples, at);
    for (let k = 0; k < 64; k++)
      into[at + k] = rounded(samples[at + zigzagOrder[k]!]! * factors[k]!);
  }

  /** Appends the block of 64 coefficients at `at`, with grain on top. */
  block(component: Component, coefficients: Int16Array, at: number, grain: Texture): void {
    const { ac } = component === 0 ? luminanceCodes : chrominanceCodes;
    const own = grain.coefficients;
    this.dc(component, coefficients[at]! + own[0]!);
    let run = 0;
    for (let k = 1; k < 64; k++) {
      const value = coefficients[at + k]! + own[k]!;
      if (value === 0) {
        run++;
        continue;
      }
      for (; run > 15; run -= 16) this.code(ac[0xf0]!);
      this.ac(ac, run, value);
      run = 0;
    }
    if (run > 0) this.code(ac[0]!);
  }

  /** Ends the file. */
  finish(): Uint8Array {
    this.out.flush();
    this.out.append(0xff, 0xd9);
    return this.out.take();
  }

  private code(item: number): void {
    this.out.put(item >> 5, item & 31);
  }

  private dc(component: Component, value: number): void {
    // An 8-bit baseline file has DC differences of at most 11 bits, so DC stays within 11 bits signed.
    const bounded = value > 1023 ? 1023 : value < -1024 ? -1024 : value;
    const difference = bounded - this.previousDc[component]!;
    this.previousDc[component] = bounded;
    const size = 32 - Math.clz32(difference < 0 ? -difference : difference);
    this.code((component === 0 ? luminanceCodes : chrominanceCodes).dc[size]!);
    if (size > 0) this.out.put(difference < 0 ? difference + (1 << size) - 1 : difference, size);
  }

  private ac(codes: Int32Array, run: number, value: number): void {
    const bounded = value > 1023 ? 1023 : value < -1023 ? -1023 : value;
    const size = 32 - Math.clz32(bounded < 0 ? -bounded : bounded);
    this.code(codes[(run << 4) | size]!);
    this.out.put(bounded < 0 ? bounded + (1 << size) - 1 : bounded, size);
  }

  /** The segments in the order in which Canon's files have them; no JFIF segment, as in those. */
  private header(width: number, height: number, luminance: number[], chrominance: number[]): void {
    const word = (value: number): number[] => [value >> 8, value & 0xff];
    const segment = (marker: number, ...body: number[]): void =>
      this.out.append(0xff, marker, ...word(body.length + 2), ...body);
    const ordered = (steps: number[]): number[] => zigzag.map((position) => steps[position] ?? 1);
    const table = (id: number, { counts, symbols }: HuffmanTable): number[] => [
      id,
      ...counts,
      ...symbols,
    ];
    this.out.append(0xff, 0xd8);
    segment(0xdb, 0, ...ordered(luminance), 1, ...ordered(chrominance));
    const size = [...word(height), ...word(width)];
    segment(0xc0, 8, ...size, 3, ...[1, 0x22, 0], ...[2, 0x11, 1], ...[3, 0x11, 1]);
    segment(
      0xc4,
      ...table(0x00, dcLuminance),
      ...table(0x10, acLuminance),
      ...table(0x01, dcChrominance),
      ...table(0x11, acChrominance),
    );
    segment(0xdd, ...word(this.columns));
    segment(0xda, 3, 1, 0x00, 2, 0x11, 3, 0x11, 0, 63, 0);
  }
}

const zigzagOrder = Uint8Array.from(zigzag);

function fdctFactors(steps: number[]): Float32Array {
  return Float32Array.from(zigzag, (position) => {
    const scale = (fdctScale[position >> 3] ?? 1) * (fdctScale[position & 7] ?? 1);
    return 1 / ((steps[position] ?? 1) * scale * 8);
  });
}

function headFactors(steps: number[]): Float32Array {
  const factors = [8, SLOPE, SLOPE, BEND, SADDLE, BEND];
  return Float32Array.from(factors, (factor, k) => factor / (steps[zigzag[k] ?? 0] ?? 1));
}

/** Math.round costs several times as much in these loops. */
function rounded(value: number): number {
  return ((value + 32768.5) | 0) - 32768;
}
