/**
 * The table of commands: name, numbers in both generations of the protocol, what goes out and what
 * comes back. `old` is for classes 0 to 5, `new` for class 6; a command without one of them is not
 * known there. Facts: see codes.ts.
 */
import { type Codec, u8, u32, type Writer } from '../../bytes/index.ts';
import { ReplyKind } from './codes.ts';
import { joinPath } from './directory.ts';
import { RELEASE_PARAMETERS_SIZE, ReleaseParameters } from './parameters.ts';
import {
  Abilities,
  CameraTime,
  CustomFunction,
  CustomFunctions,
  DiskInfo,
  HalfWord,
  Identity,
  nothing,
  PowerStatus,
  rest,
  ValueList,
  Word,
  Zoom,
} from './structures.ts';
import { decodeText, encodeText, text, textField } from './text.ts';

export type Generation = 'old' | 'new';

export interface Wire<Args> {
  readonly code: number;
  readonly group: number;
  readonly request: Codec<Args>;
}

export interface NormalCommand<Args, Result> {
  /** "SetOwner". */
  readonly name: string;
  readonly kind: number;
  readonly old: Wire<Args> | undefined;
  readonly new: Wire<Args> | undefined;
  /** Of commands with data: what all of it means, where it is not a file. */
  readonly reply: Codec<Result>;
}

type None = undefined;

interface Declared<Args, Result> {
  kind?: number;
  old?: readonly [code: number, group: number, request: Codec<Args>];
  new?: readonly [code: number, group: number, request: Codec<Args>];
  reply: Codec<Result>;
}

/* @__NO_SIDE_EFFECTS__ */
function command<Args, Result>(
  name: string,
  declared: Declared<Args, Result>,
): NormalCommand<Args, Result> {
  const wire = (of: Declared<Args, Result>['old']): Wire<Args> | undefined =>
    of && { code: of[0], group: of[1], request: of[2] };
  return {
    name,
    kind: declared.kind ?? ReplyKind.Fixed,
    old: wire(declared.old),
    new: wire(declared.new),
    reply: declared.reply,
  };
}

/** Of `Group` and `ReplyKind`: bundlers keep what is taken out of an object. */
const Storage = 0x11;
const Camera = 0x12;
const Data = 0x202;

export interface FileRequest {
  path: string;
  /** Only the head, in which the EXIF thumbnail is. */
  head: boolean;
  /** Bytes that come at once; class 6 decides itself. */
  chunk: number;
}

const fileRequest: Codec<FileRequest> = {
  read: (r) => ({ head: r.u32() === 1, chunk: r.u32(), path: text.read(r) }),
  write(w, { path, head, chunk }) {
    w.u32(head ? 1 : 0).u32(chunk);
    text.write(w, path);
  },
};

const fileRequestNew: Codec<FileRequest> = {
  read: (r) => ({ head: r.u32() === 1, chunk: 0, path: text.read(r) }),
  write(w, { path, head }) {
    w.u32(head ? 1 : 0);
    text.write(w, path);
    w.u8(0);
  },
};

const listRequest: Codec<{ depth: number; path: string }> = {
  read: (r) => ({ depth: r.u8(), path: text.read(r) }),
  write(w, { depth, path }) {
    w.u8(depth);
    text.write(w, path);
    w.zeros(2);
  },
};

const deleteRequest: Codec<{ folder: string; names: string[] }> = {
  read(r) {
    const folder = text.read(r);
    const names: string[] = [];
    while (r.remaining > 0) {
      const name = text.read(r);
      if (name === '') break;
      names.push(name);
    }
    return { folder, names };
  },
  write(w, { folder, names }) {
    text.write(w, folder);
    for (const name of names) text.write(w, name);
    w.u8(0);
  },
};

/** Where the folder begins behind the path of a file of class 6. */
const DELETE_FIELD = 0x30;

/** One file at a time. */
const deleteRequestNew: Codec<{ folder: string; names: string[] }> = {
  read(r) {
    const path = decodeText(r.take(Math.min(DELETE_FIELD, r.remaining)));
    const folder = decodeText(r.rest()).replace(/[/\\]+$/, '');
    return { folder, names: [path.slice(folder.length + 1)] };
  },
  write(w, { folder, names: [name = ''] }) {
    textField(DELETE_FIELD).write(w, joinPath(folder, name));
    w.put(encodeText(`${folder}\\`));
  },
};

export interface AttributesRequest {
  attributes: number;
  folder: string;
  name: string;
}

const attributesRequest: Codec<AttributesRequest> = {
  read: (r) => ({ attributes: r.u32(), folder: text.read(r), name: text.read(r) }),
  write(w, { attributes, folder, name }) {
    w.u32(attributes);
    text.write(w, folder);
    text.write(w, name);
    w.u8(0);
  },
};

const fileTimeRequest: Codec<{ time: number; path: string }> = {
  read: (r) => ({ time: r.u32(), path: text.read(r) }),
  write(w, { time, path }) {
    w.u32(time);
    text.write(w, path);
    w.u8(0);
  },
};

export interface RemoteRequest {
  subcommand: number;
  parameters: Uint8Array;
}

/* @__NO_SIDE_EFFECTS__ */
function remoteRequest(trailing: number): Codec<RemoteRequest> {
  return {
    // What a host says of their number and what it sends differ: some say four and send none.
    read(r) {
      const subcommand = r.u32();
      const size = r.remaining >= 4 ? r.u32() : 0;
      return { subcommand, parameters: r.take(Math.min(size, r.remaining)).slice() };
    },
    write(w, { subcommand, parameters }) {
      w.u32(subcommand).u32(parameters.length).put(parameters).zeros(trailing);
    },
  };
}

export interface RemoteReply {
  subcommand: number;
  result: Uint8Array;
}

const remoteReply: Codec<RemoteReply> = {
  read(r) {
    const subcommand = r.u32();
    const size = r.u32();
    return { subcommand, result: r.take(Math.min(size, r.remaining)).slice() };
  },
  write(w, { subcommand, result }) {
    w.u32(subcommand).u32(result.length).put(result);
  },
};

export interface ImageRequest {
  chunk: number;
  kind: number;
  key: number;
}

const imageRequest: Codec<ImageRequest> = {
  read(r) {
    r.u32();
    return { chunk: r.u32(), kind: r.u32(), key: r.u32() };
  },
  write: (w, { chunk, kind, key }) => void w.u32(0).u32(chunk).u32(kind).u32(key),
};

const frameRequest: Codec<{ chunk: number }> = {
  read(r) {
    r.u32();
    return { chunk: r.u32() };
  },
  write: (w: Writer, { chunk }) => void w.u32(0).u32(chunk),
};

/** What a lock of an EOS body carries, and nobody knows why. */
export const EOS_LOCK = 6;
/** What is sent to a body of class 6 behind a release. */
export const AFTER_RELEASE = 0x0f;

const field = textField(0x20);

export const Commands = {
  GetFile: command('GetFile', {
    kind: Data,
    old: [0x01, Storage, fileRequest],
    new: [0x01, Storage, fileRequestNew],
    reply: rest,
  }),
  MakeDirectory: command('MakeDirectory', { old: [0x05, Storage, text], reply: nothing }),
  RemoveDirectory: command('RemoveDirectory', { old: [0x06, Storage, text], reply: nothing }),
  FlashGetInfo: command('FlashGetInfo', {
    old: [0x09, Storage, text],
    new: [0x0d, Storage, text],
    reply: DiskInfo,
  }),
  FlashGetIdent: command<None, string>('FlashGetIdent', {
    kind: Data,
    old: [0x0a, Storage, nothing],
    new: [0x0e, Storage, nothing],
    reply: textField(4),
  }),
  ListDirectory: command('ListDirectory', {
    kind: Data,
    old: [0x0b, Storage, listRequest],
    new: [0x0b, Storage, listRequest],
    reply: rest,
  }),
  DeleteFile: command('DeleteFile', {
    old: [0x0d, Storage, deleteRequest],
    new: [0x0a, Storage, deleteRequestNew],
    reply: nothing,
  }),
  /** Of class 6 a guess: it answers OK and changes nothing. */
  SetAttributes: command('SetAttributes', {
    old: [0x0e, Storage, attributesRequest],
    new: [0x07, Storage, attributesRequest],
    reply: nothing,
  }),
  SetFileTime: command('SetFileTime', { old: [0x0f, Storage, fileTimeRequest], reply: nothing }),

  IdentifyCamera: command('IdentifyCamera', {
    old: [0x01, Camera, nothing],
    new: [0x01, Camera, nothing],
    reply: Identity,
  }),
  GetTime: command('GetTime', {
    old: [0x03, Camera, nothing],
    new: [0x03, Camera, nothing],
    reply: CameraTime,
  }),
  SetTime: command('SetTime', {
    old: [0x04, Camera, CameraTime],
    new: [0x04, Camera, CameraTime],
    reply: nothing,
  }),
  SetOwner: command('SetOwner', {
    old: [0x05, Camera, text],
    new: [0x06, Camera, text],
    reply: nothing,
  }),
  /** Older bodies tell it with their identity. */
  GetOwner: command('GetOwner', { new: [0x05, Camera, nothing], reply: field }),
  CheckPower: command('CheckPower', {
    old: [0x0a, Camera, nothing],
    new: [0x13, Camera, nothing],
    reply: PowerStatus,
  }),
  RemoteControl: command('RemoteControl', {
    old: [0x13, Camera, remoteRequest(0)],
    new: [0x25, Camera, remoteRequest(1)],
    reply: remoteReply,
  }),
  GetCapturedImage: command('GetCapturedImage', {
    kind: Data,
    old: [0x17, Camera, imageRequest],
    new: [0x26, Camera, imageRequest],
    reply: rest,
  }),
  GetViewfinderImage: command('GetViewfinderImage', {
    kind: Data,
    old: [0x18, Camera, frameRequest],
    reply: rest,
  }),
  EosLockKeys: command('EosLockKeys', {
    old: [0x1b, Camera, Word],
    new: [0x35, Camera, Word],
    reply: rest,
  }),
  EosUnlockKeys: command('EosUnlockKeys', {
    old: [0x1c, Camera, nothing],
    new: [0x36, Camera, nothing],
    reply: nothing,
  }),
  EosGetBodyId: command('EosGetBodyId', {
    old: [0x1d, Camera, nothing],
    new: [0x23, Camera, nothing],
    reply: Word,
  }),
  GetCustomFunctions: command('GetCustomFunctions', {
    new: [0x1d, Camera, Word],
    reply: CustomFunctions,
  }),
  GetPictureAbilities: command('GetPictureAbilities', {
    old: [0x1f, Camera, nothing],
    new: [0x24, Camera, nothing],
    reply: Abilities,
  }),
  /** Also switches the display off. PowerShots get their keys back when the cable is pulled. */
  LockKeys: command('LockKeys', { old: [0x20, Camera, nothing], reply: nothing }),
  /** Unknown; libgphoto2 sends it behind a release. */
  AfterRelease: command('AfterRelease', { new: [0x22, Camera, Word], reply: rest }),
} as const;

/** The echo of LockKeys has another code on many bodies. */
export const LOCK_KEYS_ECHO = 0x1f;

export function findCommand(
  generation: Generation,
  code: number,
  group: number,
): NormalCommand<unknown, unknown> | undefined {
  const all = Object.values(Commands) as readonly NormalCommand<unknown, unknown>[];
  return all.find((each) => each[generation]?.code === code && each[generation].group === group);
}

export interface RemoteCommand<Args, Result> {
  readonly name: string;
  readonly code: number;
  readonly parameters: Codec<Args>;
  readonly result: Codec<Result>;
}

/* @__NO_SIDE_EFFECTS__ */
function remote<Args, Result>(
  code: number,
  name: string,
  parameters: Codec<Args>,
  result: Codec<Result>,
): RemoteCommand<Args, Result> {
  return { name, code, parameters, result };
}

/** In the order of Canon's software. */
const fileSizeRequest: Codec<{ size: number; format: number; quality: number }> = {
  read: (r) => ({ size: r.u8(), format: r.u8(), quality: r.u8() }),
  write: (w, { size, format, quality }) => void w.u8(size).u8(format).u8(quality),
};

/** Hosts that send a byte too few are served. */
const releaseParameters: Codec<Uint8Array> = {
  read(r) {
    const block = new Uint8Array(RELEASE_PARAMETERS_SIZE);
    block.set(r.take(Math.min(RELEASE_PARAMETERS_SIZE, r.remaining)));
    return block;
  },
  write: (w, value) => void w.put(value),
};

const byte: Codec<{ value: number }> = {
  read: (r) => ({ value: u8.read(r) }),
  write: (w, { value }) => u8.write(w, value),
};

/** A number of two or four bytes. */
const position: Codec<{ value: number }> = {
  read: (r) => ({ value: r.remaining >= 4 ? u32.read(r) : r.u16() }),
  write: (w, { value }) => u32.write(w, value),
};

export const Remote = {
  Start: remote(0x00, 'Start', nothing, nothing),
  Stop: remote(0x01, 'Stop', nothing, nothing),
  ViewfinderStart: remote(0x02, 'ViewfinderStart', nothing, nothing),
  ViewfinderStop: remote(0x03, 'ViewfinderStop', nothing, nothing),
  Release: remote(0x04, 'Release', nothing, nothing),
  SetParameters: remote(0x07, 'SetParameters', releaseParameters, nothing),
  SetTransferMode: remote(0x09, 'SetTransferMode', Word, nothing),
  GetParameters: remote(0x0a, 'GetParameters', nothing, ReleaseParameters),
  GetZoom: remote(0x0b, 'GetZoom', nothing, Zoom),
  SetZoom: remote(0x0c, 'SetZoom', position, nothing),
  GetAvailableShots: remote(0x0d, 'GetAvailableShots', nothing, Word),
  /** From one source alone. */
  SetCustomFunction: remote(0x0e, 'SetCustomFunction', CustomFunction, rest),
  GetCustomFunction: remote(0x0f, 'GetCustomFunction', CustomFunction, CustomFunction),
  GetExtendedSize: remote(0x10, 'GetExtendedSize', nothing, Word),
  GetExtended: remote(0x12, 'GetExtended', Word, rest),
  SetExtended: remote(0x13, 'SetExtended', rest, nothing),
  SelectCameraOutput: remote(0x14, 'SelectCameraOutput', byte, nothing),
  /** Which bit is which nobody knows; 7 is all. */
  DoAeAfAwb: remote(0x15, 'DoAeAfAwb', Word, nothing),
  AfLock: remote(0x16, 'AfLock', nothing, nothing),
  AfUnlock: remote(0x17, 'AfUnlock', nothing, nothing),
  GetListSize: remote(0x1b, 'GetListSize', Word, HalfWord),
  GetList: remote(0x1c, 'GetList', Word, ValueList),
  GetFileSize: remote(0x1d, 'GetFileSize', fileSizeRequest, Word),
} as const;

export function findRemote(code: number): RemoteCommand<unknown, unknown> | undefined {
  const all = Object.values(Remote) as readonly RemoteCommand<unknown, unknown>[];
  return all.find((each) => each.code === code);
}
