/** What commands carry, each declared once for both directions. */
import {
  array,
  bytes,
  type Codec,
  dataset,
  type Infer,
  type Reader,
  struct,
  u8,
  u16,
  u32,
  type Writer,
} from '../../bytes/index.ts';
import { textField } from './text.ts';

/** Zeros that are there and mean nothing. */
/* @__NO_SIDE_EFFECTS__ */
function zeros(size: number): Codec<undefined> {
  return {
    read(reader) {
      reader.take(Math.min(size, reader.remaining));
      return undefined;
    },
    write: (writer) => void writer.zeros(size),
  };
}

const PREFIX = 0x40;

/** What stands in front of the three blocks of the handshake: how much follows it. */
/* @__NO_SIDE_EFFECTS__ */
function prefixed(length: number): Codec<undefined> {
  return {
    read(reader) {
      reader.take(PREFIX);
      return undefined;
    },
    write: (writer) => void writer.u32(length).zeros(PREFIX - 4),
  };
}

/** The camera's first block. */
export const Hello = struct('Hello', {
  prefix: prefixed(0x18),
  /** Of the family of firmwares. */
  marker: bytes(4),
  /** Product and vendor of USB; of class 6 the model id. Some bodies tell those of another one. */
  productId: u16,
  vendorId: u16,
  limits: bytes(0x10),
});
export type Hello = Infer<typeof Hello>;

export const HELLO_SIZE = 0x58;
export const LIMITS_SIZE = 0x50;

/** The largest piece that the camera gives at once; undefined where it leaves that open. */
export function chunkLimit({ limits }: Pick<Hello, 'limits'>): number | undefined {
  const limit = new DataView(limits.buffer, limits.byteOffset).getUint32(4, true);
  return limit === 0xffffffff || limit === 0 ? undefined : limit;
}

/** What wakes the camera up wholly, and what an active one gives instead: the limits of its Hello. */
export const Limits = struct('Limits', { prefix: prefixed(0x10), limits: bytes(0x10) });

/** The camera's answer to being woken: 68 bytes in one or two pieces. */
export const Woken = struct('Woken', {
  length: u32,
  kind: u32,
  zeros: zeros(PREFIX - 8),
  value: u32,
});
export const WOKEN_SIZE = 0x44;
/** `kind` of it. */
export const WOKEN_KIND = 0x302;
/** "Tx\0\0": an answer that ends with this is complete, however short it is. */
export const WOKEN_SHORT = 0x7854;

export const Identity = struct('Identity', {
  /** Often that of `Hello`; nobody knows what it means. */
  unknown: bytes(4),
  /** Backwards: 00 02 00 01 is version 1.0.2.0. */
  firmware: bytes(4),
  model: textField(0x20),
  /** Of bodies of class 6 not the owner, but what happens to be there. */
  owner: textField(0x20),
});
export type Identity = Infer<typeof Identity>;

/** 00 02 00 01 -> "1.0.2.0". */
export function firmwareVersion({ firmware }: Pick<Identity, 'firmware'>): string {
  return Array.from(firmware).reverse().join('.');
}

export function firmwareBytes(version: string): Uint8Array {
  return Uint8Array.from(version.split('.').map(Number)).reverse();
}

export const CameraTime = struct('CameraTime', {
  /** Since 1970 by the camera's clock, which knows no zone. */
  seconds: u32,
  zeros: zeros(8),
});

export const PowerStatus = struct('PowerStatus', {
  /** 6: good, 4: to be replaced. */
  level: u8,
  unknown: bytes(2),
  /** Bit 0x20: a battery; without, the mains. */
  source: u8,
});
export type PowerStatus = Infer<typeof PowerStatus>;

export const PowerLevel = { Good: 6, Bad: 4 } as const;
export const PowerSource = { Mains: 0x10, Battery: 0x20 } as const;

export function onMains({ source }: PowerStatus): boolean {
  return (source & PowerSource.Battery) === 0;
}

/** In bytes on bodies until 2002, in KiB on later ones. */
export const DiskInfo = struct('DiskInfo', { capacity: u32, free: u32 });
export type DiskInfo = Infer<typeof DiskInfo>;

/** No card has less than 4 MiB, none of these bodies takes one of more than 2 GiB. */
const SMALLEST_IN_BYTES = 0x400000;

/** Both numbers in bytes, whatever the unit was. */
export function diskBytes({ capacity, free }: DiskInfo): DiskInfo {
  const unit = capacity < SMALLEST_IN_BYTES ? 1024 : 1;
  return { capacity: capacity * unit, free: free * unit };
}

const PictureAbility = struct('PictureAbility', {
  /** "Large" and the like. */
  name: textField(20),
  height: u32,
  width: u32,
  /** 1 superfine, 2 fine, 3 normal, 4 RAW: not the codes of the release parameters. */
  compression: u32,
});
export type PictureAbility = Infer<typeof PictureAbility>;

export interface Abilities {
  /** Of the whole structure. */
  size: number;
  modelId: number;
  name: string;
  entries: PictureAbility[];
}

const abilityEntries = array(u32, PictureAbility, 0x20);
const abilityName = textField(0x20);

/** Which pictures the camera can take. */
export const Abilities = dataset<Abilities>('Abilities', {
  read: (reader) => ({
    size: reader.u16(),
    modelId: reader.u32(),
    name: abilityName.read(reader),
    entries: abilityEntries.read(reader),
  }),
  write(writer, { size, modelId, name, entries }) {
    const from = writer.length;
    writer.u16(size).u32(modelId);
    abilityName.write(writer, name);
    abilityEntries.write(writer, entries);
    writer.zeros(Math.max(0, size - (writer.length - from)));
  },
});

/** Pairs of index and value behind their length in bytes. */
export const CustomFunctions = dataset<[index: number, value: number][]>('CustomFunctions', {
  read(reader) {
    const size = Math.min(reader.u32(), reader.remaining);
    return Array.from({ length: size >> 1 }, () => [reader.u8(), reader.u8()]);
  },
  write(writer, pairs) {
    writer.u32(2 * pairs.length);
    for (const [index, value] of pairs) writer.u8(index).u8(value);
  },
});

export interface ValueList {
  /** Bytes of an element. */
  width: 1 | 2;
  values: number[];
}

const WIDTHS: Readonly<Record<number, ValueList['width']>> = { 2: 1, 4: 2 };

/** What a setting may be; without values it cannot be chosen, and a filler stands there. */
export const ValueList = dataset<ValueList>('ValueList', {
  read(reader) {
    const count = reader.u32();
    const type = reader.u32();
    const width = WIDTHS[type];
    if (!width) throw reader.invalid(`no list has elements of type ${type}`, 4);
    reader.expect(count, width, 'values');
    return { width, values: Array.from({ length: count }, () => element(reader, width)) };
  },
  write(writer, { width, values }) {
    writer.u32(values.length).u32(2 * width);
    const written = values.length > 0 ? values : [0xffff];
    for (const value of written) {
      if (width === 1) writer.u8(value & 0xff);
      else writer.u16(value);
    }
  },
});

function element(reader: Reader, width: ValueList['width']): number {
  return width === 1 ? reader.u8() : reader.u16();
}

export const Zoom = struct('Zoom', { position: u16, maximum: u16 });
export type Zoom = Infer<typeof Zoom>;

export const CustomFunction = struct('CustomFunction', {
  index: u16,
  indexAgain: u16,
  value: u16,
  zeros: zeros(4),
});

/** A number of four bytes, for commands that carry nothing else. */
export const Word = struct('Word', { value: u32 });
export const HalfWord = struct('HalfWord', { value: u16 });

export const nothing: Codec<undefined> = {
  read: () => undefined,
  write: (_writer: Writer) => undefined,
};

/** As they are, to the end. */
export const rest: Codec<Uint8Array> = {
  read: (reader) => reader.rest().slice(),
  write: (writer, value) => void writer.put(value),
};
