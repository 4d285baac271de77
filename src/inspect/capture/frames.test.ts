import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex } from '../../../test/support/hex-fixture.ts';
import { HotshoeError } from '../../base/errors.ts';
import { type Frame, FrameReader } from './frames.ts';

/** Two frames on Ethernet: "abc" of 5 bytes on the wire, and "de"; as the formats are described. */
const PCAP = {
  'little-endian, microseconds': `d4c3b2a1 0200 0400 00000000 00000000 00000400 01000000
    00e1f505 40420f00 03000000 05000000 616263
    01e1f505 01000000 02000000 02000000 6465`,
  'big-endian, microseconds': `a1b2c3d4 0002 0004 00000000 00000000 00040000 00000001
    05f5e100 000f4240 00000003 00000005 616263
    05f5e101 00000001 00000002 00000002 6465`,
  'little-endian, nanoseconds': `4d3cb2a1 0200 0400 00000000 00000000 00000400 01000000
    00e1f505 00ca9a3b 03000000 05000000 616263
    01e1f505 e8030000 02000000 02000000 6465`,
  'big-endian, nanoseconds': `a1b23c4d 0002 0004 00000000 00000000 00040000 00000001
    05f5e100 3b9aca00 00000003 00000005 616263
    05f5e101 000003e8 00000002 00000002 6465`,
};

/** draft-ietf-opsawg-pcapng: a section, an interface, an unknown block, two enhanced packets. */
const PCAPNG = {
  'pcapng, little-endian, nanoseconds by if_tsresol': `
    0a0d0d0a 1c000000 4d3c2b1a 0100 0000 ffffffffffffffff 1c000000
    01000000 20000000 0100 0000 00000400 0900 0100 09000000 0000 0000 20000000
    ad0b0000 10000000 01020304 10000000
    06000000 24000000 00000000 8a638501 00ca9a3b 03000000 05000000 61626300 24000000
    06000000 24000000 00000000 8a638501 e8939f77 02000000 02000000 64650000 24000000`,
  'pcapng, big-endian, microseconds': `
    0a0d0d0a 0000001c 1a2b3c4d 0001 0000 ffffffffffffffff 0000001c
    00000001 00000014 0001 0000 00040000 00000014
    00000006 00000024 00000000 00000000 000f4240 00000003 00000005 61626300 00000024
    00000002 00000024 0000 0000 00000000 001e8481 00000002 00000002 64650000 00000024`,
};

function read(bytes: Uint8Array, sizes: readonly number[] = [bytes.length]) {
  const frames: { time: number; text: string; size: number; linkType: number }[] = [];
  const reader = new FrameReader('test', ({ time, bytes: part, size, linkType }: Frame) => {
    frames.push({ time, text: Buffer.from(part).toString(), size, linkType });
  });
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const end = at + (sizes[i % sizes.length] ?? 1);
    reader.push(bytes.subarray(at, end));
    at = end;
  }
  reader.end();
  return { frames, fault: reader.fault, interfaces: reader.interfaces.size };
}

const facts = [
  { text: 'abc', size: 5, linkType: 1 },
  { text: 'de', size: 2, linkType: 1 },
];
const files = Object.entries({ ...PCAP, ...PCAPNG }).map(
  ([name, hex]) => [name, fromHex(hex)] as const,
);

describe.each(files)('%s', (_name, bytes) => {
  it('gives its frames', () => {
    const { frames, fault, interfaces } = read(bytes);
    expect([frames, fault, interfaces]).toMatchObject([facts, undefined, 1]);
  });

  it('is the same in pieces of any size', () => {
    const whole = read(bytes).frames;
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }), (sizes) => {
        expect(read(bytes, sizes).frames).toEqual(whole);
      }),
    );
  });

  it('that ends anywhere gives the whole frames, and says that it is cut', () => {
    const whole = read(bytes).frames;
    for (let end = 28; end < bytes.length; end++) {
      const { frames } = read(bytes.subarray(0, end));
      expect(frames).toEqual(whole.slice(0, frames.length));
    }
    const { frames, fault } = read(bytes.subarray(0, bytes.length - 1));
    expect(frames).toHaveLength(1);
    expect(fault).toMatch(/^it ends in the middle of a frame/);
  });

  it('with any bytes changed never throws anything but that it is no capture', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1 }), (changes) => {
        const damaged = bytes.slice();
        for (const [at, byte] of changes) damaged[at % damaged.length] = byte;
        try {
          read(damaged);
        } catch (error) {
          expect(error).toBeInstanceOf(HotshoeError);
        }
      }),
    );
  });
});

describe('times', () => {
  it.each([
    ['little-endian, microseconds', 100_000_000_000 + 1000],
    ['big-endian, nanoseconds', 100_000_000_000 + 1000],
  ] as const)('%s', (name, ms) => {
    expect(read(fromHex(PCAP[name])).frames[0]?.time).toBe(ms);
  });

  it('of pcapng by its units, which may be powers of two, and its offset', () => {
    // if_tsresol 2^-10, if_tsoffset 100 s: 2048 units are two seconds.
    const bytes = fromHex(`0a0d0d0a 1c000000 4d3c2b1a 0100 0000 ffffffffffffffff 1c000000
      01000000 2c000000 0100 0000 00000400 0900 0100 8a000000 0e00 0800 6400000000000000
      0000 0000 2c000000
      06000000 24000000 00000000 00000000 00080000 03000000 03000000 61626300 24000000`);
    expect(read(bytes).frames).toMatchObject([{ text: 'abc', time: 102_000 }]);
  });

  it('of simple packets are not known', () => {
    const bytes = fromHex(`0a0d0d0a 1c000000 4d3c2b1a 0100 0000 ffffffffffffffff 1c000000
      01000000 14000000 0100 0000 02000000 14000000
      03000000 14000000 05000000 61620000 14000000`);
    // Two bytes were kept of five.
    expect(read(bytes).frames).toEqual([{ text: 'ab', size: 5, linkType: 1, time: 0 }]);
  });
});

const SECTION = '0a0d0d0a 1c000000 4d3c2b1a 0100 0000 ffffffffffffffff 1c000000';

describe('lengths are not trusted', () => {
  it.each([
    [
      'a frame of 4 GiB',
      `d4c3b2a1 0200 0400 00000000 00000000 00000400 01000000
       00000000 00000000 ffffffff ffffffff 00`,
    ],
    ['a block that is shorter than its head', `${SECTION} 01000000 08000000 01000000`],
    ['a block of an odd size', `${SECTION} 01000000 15000000 01000000`],
    ['a block of 4 GiB', `${SECTION} 06000000 fcffffff 01000000`],
  ])('%s ends the reading', (_what, hex) => {
    const { frames, fault } = read(fromHex(hex));
    expect([frames, fault]).toEqual([[], expect.stringMatching(/^it is damaged at byte \d+: a /)]);
  });

  const ETHERNET = '01000000 14000000 0100 0000 00000400 14000000';

  it.each([
    ['more bytes than its block has', '00000000 00000000 00000000 ffffffff ffffffff'],
    ['an interface that nobody described', '01000000 00000000 00000000 00000000 00000000'],
  ])('a packet with %s ends the reading', (_what, fields) => {
    const { frames, fault } = read(
      fromHex(`${SECTION} ${ETHERNET} 06000000 20000000 ${fields} 20000000`),
    );
    expect([frames, fault]).toEqual([[], 'it is damaged at byte 48: a packet that does not fit']);
  });

  it.each(['', '00', 'ffd8ffe0 00104a46', '47455420'])('%j is no capture', (hex) => {
    expect(() => read(fromHex(hex))).toThrow(/is no capture/);
  });
});
