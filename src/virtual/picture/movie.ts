/**
 * The movies of virtual cameras: frames of live view as Motion JPEG in an ISO base media file (ISO
 * 14496-12), or in QuickTime's form of it. Real bodies encode H.264 or H.265; containers, times and
 * sizes are alike. The scene moves for a second, and then again.
 */
import { sleep } from '../../base/time.ts';
import { box, chars, fullBox, join, MATRIX, u32, u64 } from './boxes.ts';
import { type LiveFrameRequest, type LocalTime, liveFrame } from './index.ts';

export type MovieRequest = Omit<LiveFrameRequest, 'frame' | 'label'> & {
  /** Number of the file, drawn into it. */
  readonly counter: number;
};

export interface MovieOptions {
  durationMs: number;
  /** Frames a second, a whole number. */
  frameRate: number;
  /** By the name of the file. */
  container: 'MP4' | 'MOV';
}

/** Units of a second in which the file counts. */
const TIMESCALE = 90_000;
const LARGE_BOX_HEAD = 16;

/** The file in chunks; frames are rendered before the first one. */
export async function* movieFile(
  request: MovieRequest,
  options: MovieOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { durationMs, frameRate } = options;
  const count = Math.max(1, Math.round((durationMs * frameRate) / 1000));
  const label = `MOVIE ${String(request.counter).padStart(4, '0')}`;
  const frames: Uint8Array[] = [];
  for (let frame = 0; frame < Math.min(count, frameRate); frame++) {
    frames.push(liveFrame({ ...request, frame, label }).jpeg);
    // Others are answered while it renders.
    await sleep(0);
  }
  const sizes = Array.from({ length: count }, (_, i) => frames[i % frames.length]?.length ?? 0);
  const head = brand(options.container);
  // Its length does not depend on the offsets in it.
  const indexSize = index(request, options, sizes, 0).length;
  const dataAt = head.length + indexSize + LARGE_BOX_HEAD;
  yield head;
  yield index(request, options, sizes, dataAt);
  yield dataHead(sizes.reduce((sum, size) => sum + size, LARGE_BOX_HEAD));
  for (let i = 0; i < count; i++) yield frames[i % frames.length] as Uint8Array;
}

function brand(container: MovieOptions['container']): Uint8Array {
  return container === 'MOV'
    ? box('ftyp', chars('qt  '), u32(0x20110700), chars('qt  '), chars('CAEP'))
    : box('ftyp', chars('mp42'), u32(1), chars('mp42'), chars('isom'), chars('CAEP'));
}

/** Sizes beyond 32 bits stand behind the name. */
function dataHead(size: number): Uint8Array {
  return join([u32(1), chars('mdat'), u64(size)]);
}

function index(
  request: MovieRequest,
  { frameRate, container }: MovieOptions,
  sizes: readonly number[],
  dataAt: number,
): Uint8Array {
  const { width, height, takenAt } = request;
  const time = secondsSince1904(takenAt);
  const step = TIMESCALE / frameRate;
  const duration = sizes.length * step;
  const times = [u32(time), u32(time)];
  const offsets: Uint8Array[] = [];
  let at = dataAt;
  for (const size of sizes) {
    offsets.push(u64(at));
    at += size;
  }
  const samples = box(
    'stbl',
    fullBox('stsd', 0, u32(1), sampleEntry(width, height, container)),
    fullBox('stts', 0, u32(1), u32(sizes.length), u32(step)),
    fullBox('stsc', 0, u32(1), u32(1), u32(1), u32(1)),
    fullBox('stsz', 0, u32(0), u32(sizes.length), ...sizes.map(u32)),
    fullBox('co64', 0, u32(offsets.length), ...offsets),
  );
  const reference = box('dinf', fullBox('dref', 0, u32(1), fullBox('url ', 1)));
  const media = box(
    'mdia',
    fullBox('mdhd', 0, ...times, u32(TIMESCALE), u32(duration), u32(0)),
    fullBox('hdlr', 0, chars('\0\0\0\0vide'), u32(0), u32(0), u32(0), chars('\0')),
    box('minf', fullBox('vmhd', 1, u32(0), u32(0)), reference, samples),
  );
  const track = box(
    'trak',
    fullBox(
      'tkhd',
      // Enabled, in the movie, in the preview.
      7,
      ...[...times, u32(1), u32(0), u32(duration)],
      ...[u32(0), u32(0), u32(0), u32(0)],
      ...MATRIX,
      ...[u32(width * 0x10000), u32(height * 0x10000)],
    ),
    media,
  );
  const user = box(
    'udta',
    // International text: length, language 0, and the words.
    ...[...Object.entries({ mak: request.make, mod: request.model })].map(([name, words]) =>
      box(`\xa9${name}`, u32((words.length << 16) | 0), chars(words)),
    ),
  );
  return box(
    'moov',
    fullBox(
      'mvhd',
      0,
      ...[...times, u32(TIMESCALE), u32(duration)],
      // Normal speed and volume; reserved.
      ...[u32(0x10000), u32(0x01000000), u32(0), u32(0)],
      ...MATRIX,
      ...Array.from({ length: 6 }, () => u32(0)),
      u32(2),
    ),
    track,
    user,
  );
}

function sampleEntry(
  width: number,
  height: number,
  container: MovieOptions['container'],
): Uint8Array {
  const name = container === 'MOV' ? 'jpeg' : 'mp4v';
  const visual = [
    // Reserved, and the first data reference.
    ...[u32(0), u32(1), u32(0), u32(0), u32(0), u32(0)],
    u32(width * 0x10000 + height),
    // 72 dpi, one frame a sample, no name of a compressor, 24 bits, no colour table.
    ...[u32(0x480000), u32(0x480000), u32(0), u32(0x10000)],
    new Uint8Array(30),
    u32(0x0018ffff),
  ];
  return container === 'MOV' ? box(name, ...visual) : box(name, ...visual, jpegDescriptor());
}

/** ISO 14496-1: an elementary stream whose object type is JPEG (0x6c). */
function jpegDescriptor(): Uint8Array {
  const decoder = [0x6c, 0x11, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
  const stream = [0, 1, 0, 0x04, decoder.length, ...decoder, 0x06, 1, 2];
  return fullBox('esds', 0, Uint8Array.from([0x03, stream.length, ...stream]));
}

function secondsSince1904(time: LocalTime): number {
  const { year, month, day, hour, minute, second } = time;
  return (Date.UTC(year, month - 1, day, hour, minute, second) - Date.UTC(1904, 0, 1)) / 1000;
}
