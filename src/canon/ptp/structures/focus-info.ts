/**
 * FocusInfoEx (D1D3): the AF points and which of them are in focus. Sent while the body focuses, at
 * first without a focused point. A block of zeros means that there is nothing to tell.
 *
 * Behind the points stand three masks of one bit for each point and the word 0xFFFF: the sizes of
 * 60D, 1300D (9 points, 100 bytes), 6D (11, 116), 100D (31, 282) and 90D (143, 1220) leave nothing
 * over. The second mask marks as many points as are in use on 100D and 1300D (9 of either).
 */
import type { Codec, Reader, Writer } from '../../../bytes/index.ts';

export interface FocusPoint {
  /** Of the point's centre from the picture's. */
  x: number;
  y: number;
  width: number;
  height: number;
  /** Selected by the user or, while the body focuses, in focus. */
  focused: boolean;
  usable: boolean;
  /** Third mask, of unknown meaning. */
  flag: boolean;
}

export interface FocusInfo {
  /** 2 on 6D and 90D, 4 on 100D, 650D, 70D, 1300D. */
  version: number;
  /** Points in use; the structure has room for more on bodies that share it. */
  inUse: number;
  width: number;
  height: number;
  width2: number;
  height2: number;
  points: FocusPoint[];
}

const HEAD = 20;
const END = 0xffff;

export const focusInfo: Codec<FocusInfo> = {
  read(reader) {
    const size = reader.u32();
    if (size !== reader.bytes.length) {
      throw reader.invalid(`size ${size} in ${reader.bytes.length} bytes`, 0);
    }
    reader.u16();
    const version = reader.u16();
    const count = reader.u16();
    const inUse = reader.u16();
    const [width, height] = [reader.u16(), reader.u16()];
    const [width2, height2] = [reader.u16(), reader.u16()];
    reader.expect(count, 8, 'focus points');
    const column = (read: () => number) => Array.from({ length: count }, read);
    const heights = column(() => reader.u16());
    const widths = column(() => reader.u16());
    const xs = column(() => reader.i16());
    const ys = column(() => reader.i16());
    const [focused, usable, flags] = [readMask(reader), readMask(reader), readMask(reader)];
    const points = xs.map((x, i) => ({
      x,
      y: ys[i] ?? 0,
      width: widths[i] ?? 0,
      height: heights[i] ?? 0,
      focused: focused(i),
      usable: usable(i),
      flag: flags(i),
    }));
    reader.u16();
    return { version, inUse, width, height, width2, height2, points };

    function readMask(from: Reader): (point: number) => boolean {
      const bits = from.take(Math.ceil(count / 8));
      return (point) => (((bits[point >> 3] ?? 0) >> (point & 7)) & 1) === 1;
    }
  },
  write(writer, info) {
    const { points } = info;
    const size = HEAD + 8 * points.length + 3 * Math.ceil(points.length / 8) + 2;
    writer
      .u32(size)
      // Sixteen bits are too few for some sizes that a decoder takes.
      .u16((size - 4) & 0xffff)
      .u16(info.version)
      .u16(points.length)
      .u16(info.inUse);
    writer.u16(info.width).u16(info.height).u16(info.width2).u16(info.height2);
    for (const { height } of points) writer.u16(height);
    for (const { width } of points) writer.u16(width);
    for (const { x } of points) writer.i16(x);
    for (const { y } of points) writer.i16(y);
    writeMask(
      writer,
      points.map(({ focused }) => focused),
    );
    writeMask(
      writer,
      points.map(({ usable }) => usable),
    );
    writeMask(
      writer,
      points.map(({ flag }) => flag),
    );
    writer.u16(END);
  },
};

function writeMask(writer: Writer, bits: readonly boolean[]): void {
  for (let at = 0; at < bits.length; at += 8) {
    writer.u8(bits.slice(at, at + 8).reduce((byte, bit, i) => byte | (bit ? 1 << i : 0), 0));
  }
}
