// @ts-check
// A capture as tcpdump makes it: a download cut into segments of 1,448 bytes. hotshoe decodes it,
// tshark reads it (its dissector of PTP/IP puts nothing together), and a loop reads the bare bytes.
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, statSync, writeSync } from 'node:fs';
import path from 'node:path';
import { calm } from './lib/calm.mjs';
import { cleanEnv } from './lib/camera.mjs';
import { makeScratch, measure, removeScratch } from './lib/children.mjs';
import { median, spread } from './lib/numbers.mjs';

const MIB = 1 << 20;
const SEGMENT = 1448;
const LIMIT_MB = 200;
const READ = `
const { openSync, readSync } = require('node:fs');
const buffer = Buffer.alloc(1 << 20);
const fd = openSync(process.argv[1], 'r');
while (readSync(fd, buffer) > 0);
`;

/** @param {import('./run.mjs').Settings} settings */
export async function inspect({ program, quick, runs }) {
  const size = (quick ? 16 : 1024) * MIB;
  const title = `A capture of ${size / MIB} MiB`;
  const bar = { name: 'inspect: peak resident MB', atMost: LIMIT_MB };
  const scratch = makeScratch(size);
  if (!scratch) {
    return { title, text: [], bars: [{ ...bar, value: Number.NaN, void: 'no room for the file' }] };
  }
  try {
    const { folder } = scratch;
    const file = path.join(folder, 'download.pcap');
    const pieces = writeCapture(file, size);
    const bytes = statSync(file).size;
    const env = cleanEnv(folder);
    const tshark = spawnSync('tshark', ['--version']).status === 0;
    /** @type {Record<string, () => ReturnType<typeof measure>>} */
    const readers = {
      hotshoe: () => measure(process.execPath, [program, 'inspect', '--summary', file], { env }),
      'bare reading': () => measure(process.execPath, ['-e', READ, file], { env }),
      ...(tshark && {
        tshark: () => measure('tshark', ['-r', file, '-q', '-z', 'io,stat,0'], { env }),
      }),
    };
    /** @type {Record<string, { mbps: number, peakMb: number }[]>} */
    const results = {};
    for (let round = 0; round <= (quick ? 0 : Math.min(runs, 3)); round++) {
      for (const [name, run] of Object.entries(readers)) {
        if (!quick) await calm();
        const { ms, peakMb, output } = await run();
        if (name === 'hotshoe' && !output.includes(`GetPartialObject`)) {
          throw new Error(`inspect found no download: ${output}`);
        }
        if (name === 'hotshoe' && !new RegExp(`GetPartialObject +${pieces} `).test(output)) {
          throw new Error(`inspect did not find all of ${pieces} pieces: ${output}`);
        }
        results[name] ??= [];
        if (round > 0 || quick) results[name].push({ mbps: bytes / 1e3 / ms, peakMb });
      }
    }
    const rows = Object.entries(results).map(([name, list]) => [
      name,
      spread(list.map(({ mbps }) => mbps)),
      median(list.map(({ peakMb }) => peakMb)).toFixed(0),
    ]);
    const rate = (/** @type {string} */ name) =>
      median((results[name] ?? []).map(({ mbps }) => mbps));
    const peak = median((results.hotshoe ?? []).map(({ peakMb }) => peakMb));
    const why = quick ? 'quick' : undefined;
    return {
      title,
      text: [`${pieces} pieces of an object, in segments of ${SEGMENT} bytes; starts included.`],
      header: ['', 'MB/s', 'peak MB'],
      rows,
      results,
      bars: [
        { ...bar, value: peak, void: why },
        {
          name: 'inspect: hotshoe / tshark',
          atLeast: 2,
          value: rate('hotshoe') / rate('tshark'),
          void: why ?? (tshark ? undefined : 'no tshark here'),
        },
      ],
    };
  } finally {
    removeScratch(scratch.folder);
  }
}

/**
 * Classic pcap of raw IP; returns how many pieces were read in it.
 * @param {string} file
 * @param {number} size
 */
function writeCapture(file, size) {
  const fd = openSync(file, 'w');
  const head = Buffer.alloc(24);
  head.writeUInt32LE(0xa1b2c3d4, 0);
  head.writeUInt32LE(0x00040002, 4);
  head.writeUInt32LE(0x40000, 16);
  head.writeUInt32LE(101, 20);
  writeSync(fd, head);
  const next = { client: 1, server: 1 };
  let written = 24;
  let micros = 0;
  /** @type {Buffer[]} */
  let frames = [];
  /** @param {'client' | 'server'} from @param {Buffer} payload @param {number} flags */
  const send = (from, payload, flags = 0x18) => {
    const to = from === 'client' ? 'server' : 'client';
    for (let at = 0; at < Math.max(1, payload.length); at += SEGMENT) {
      const part = payload.subarray(at, at + SEGMENT);
      const frame = Buffer.alloc(16 + 40);
      micros += 10;
      frame.writeUInt32LE(1_700_000_000 + Math.floor(micros / 1e6), 0);
      frame.writeUInt32LE(micros % 1e6, 4);
      frame.writeUInt32LE(40 + part.length, 8);
      frame.writeUInt32LE(40 + part.length, 12);
      frame.writeUInt8(0x45, 16);
      frame.writeUInt16BE(40 + part.length, 18);
      frame.writeUInt8(64, 24);
      frame.writeUInt8(6, 25);
      frame.set(from === 'client' ? [10, 0, 0, 1, 10, 0, 0, 2] : [10, 0, 0, 2, 10, 0, 0, 1], 28);
      frame.writeUInt16BE(from === 'client' ? 50_000 : 15_740, 36);
      frame.writeUInt16BE(from === 'client' ? 15_740 : 50_000, 38);
      frame.writeUInt32BE(next[from] >>> 0, 40);
      frame.writeUInt32BE(next[to] >>> 0, 44);
      frame.writeUInt8(0x50, 48);
      frame.writeUInt8(flags, 49);
      frame.writeUInt16BE(0xffff, 50);
      next[from] += part.length + (flags & 2 ? 1 : 0);
      frames.push(frame, part);
      written += frame.length + part.length;
    }
  };
  /** @param {number} type @param {Buffer} payload */
  const packet = (type, payload) => {
    const bytes = Buffer.alloc(8 + payload.length);
    bytes.writeUInt32LE(bytes.length, 0);
    bytes.writeUInt32LE(type, 4);
    bytes.set(payload, 8);
    return bytes;
  };
  send('client', Buffer.alloc(0), 0x02);
  send('server', Buffer.alloc(0), 0x12);
  send('client', packet(1, Buffer.from(`${'00'.repeat(16)}6800000000000100`, 'hex')));
  const piece = Buffer.alloc(MIB);
  for (let at = 0; at < MIB; at++) piece[at] = (at * 131) >>> 3;
  const operation = Buffer.alloc(10 + 12);
  let count = 0;
  for (; written < size; count++) {
    operation.writeUInt32LE(1, 0);
    operation.writeUInt16LE(0x101b, 4);
    operation.writeUInt32LE(count, 6);
    operation.writeUInt32LE(0x91900012, 10);
    operation.writeUInt32LE((count * MIB) >>> 0, 14);
    operation.writeUInt32LE(MIB, 18);
    send('client', packet(6, operation));
    const id = Buffer.alloc(4);
    id.writeUInt32LE(count);
    const total = Buffer.alloc(8);
    total.writeUInt32LE(MIB);
    send('server', packet(9, Buffer.concat([id, total])));
    send('server', packet(12, Buffer.concat([id, piece])));
    send('server', packet(7, Buffer.concat([Buffer.from([1, 0x20]), id])));
    writeSync(fd, Buffer.concat(frames));
    frames = [];
  }
  closeSync(fd);
  return count;
}
