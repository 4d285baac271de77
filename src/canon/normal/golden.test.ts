/** Exchanges of a real PowerShot G3 with programs that are not ours: both directions. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fromHex } from '../../../test/support/hex-fixture.ts';
import { Reader, Writer } from '../../bytes/index.ts';
import { Group, ImageKind, ReplyKind } from './codes.ts';
import { Commands, type NormalCommand, Remote, type RemoteCommand } from './commands.ts';
import { decodeListing, encodeListing, readListing } from './directory.ts';
import { decodeEvent, encodeEvent } from './events.ts';
import {
  decodeCommand,
  decodeDataHead,
  decodeReply,
  encodeCommand,
  encodeDataHead,
  encodeReply,
  PACKET_HEAD,
  PREFIX,
  replySize,
} from './packets.ts';
import { ExtendedParameters, ReleaseParameters } from './parameters.ts';
import { chunkLimit, diskBytes, firmwareVersion, Hello } from './structures.ts';

type Exchange = Partial<Record<'host' | 'camera' | 'payload' | 'reply' | 'data', Uint8Array>>;

const exchanges = readExchanges();

function readExchanges(): Map<string, Exchange> {
  const file = new URL('../../../test/fixtures/canon/normal-mode-g3.txt', import.meta.url);
  const found = new Map<string, Exchange>();
  for (const block of readFileSync(file, 'utf8').split(/^## /m).slice(1)) {
    const [title = '', ...lines] = block.split('\n');
    const exchange: Exchange = {};
    for (const part of lines.join('\n').matchAll(/^(\w+)\n((?: {2}.*\n)+)/gm)) {
      exchange[part[1] as keyof Exchange] = fromHex(part[2] ?? '');
    }
    found.set(title.split(' ')[0] ?? '', exchange);
  }
  return found;
}

function exchange(id: string): Exchange {
  const found = exchanges.get(id);
  if (!found) throw new Error(`the fixture has no ${id}`);
  return found;
}

function payloadOf<Args>(command: NormalCommand<Args, unknown>, args: Args): Uint8Array {
  const writer = new Writer();
  command.old?.request.write(writer, args);
  return writer.finish();
}

/** The whole packet, with the serial number that the capture has. */
function packetOf<Args>(command: NormalCommand<Args, unknown>, args: Args, id: number): Uint8Array {
  const { code = 0, group = 0 } = command.old ?? {};
  const payload = payloadOf(command, args);
  return encodeCommand({ code, group, kind: command.kind, id, mark: 0, payload });
}

function idOf(packet: Uint8Array | undefined): number {
  return decodeCommand(packet ?? new Uint8Array(0)).id;
}

interface Row {
  id: string;
  command: NormalCommand<unknown, unknown>;
  args: unknown;
  value?: unknown;
}

const commands = [
  {
    id: 'S-01',
    command: Commands.IdentifyCamera,
    args: undefined,
    value: {
      unknown: fromHex('01 06 15 83'),
      firmware: fromHex('00 02 00 01'),
      model: 'Canon PowerShot G3',
      owner: 'Kiril',
    },
  },
  { id: 'GP-05', command: Commands.LockKeys, args: undefined },
  { id: 'GP-07', command: Commands.FlashGetIdent, args: undefined },
  { id: 'GP-16', command: Commands.ListDirectory, args: { depth: 0, path: 'D:' } },
  { id: 'GP-18', command: Commands.ListDirectory, args: { depth: 0, path: 'D:\\DCIM\\204CANON' } },
  {
    id: 'GP-20',
    command: Commands.SetAttributes,
    args: { attributes: 0, folder: 'D:\\DCIM\\204CANON', name: 'IMG_0408.JPG' },
  },
  {
    id: 'GP-10',
    command: Commands.RemoteControl,
    args: { subcommand: Remote.SetTransferMode.code, parameters: fromHex('08 00 00 00') },
  },
  {
    id: 'GP-11',
    command: Commands.RemoteControl,
    args: { subcommand: Remote.GetParameters.code, parameters: new Uint8Array(0) },
  },
] as unknown as Row[];

describe('whole packets', () => {
  it.each(commands)('$id: the request is the captured one, and reads as what it means', (row) => {
    const { host } = exchange(row.id);
    const id = idOf(host);
    expect(packetOf(row.command, row.args, id)).toEqual(host);
    const packet = decodeCommand(host ?? new Uint8Array(0));
    expect(row.command.old?.request.read(new Reader(packet.payload))).toEqual(row.args);
  });

  it.each(commands.filter(({ command }) => command.kind === ReplyKind.Fixed))(
    '$id: the reply reads, and writes equal',
    ({ id, command, value }) => {
      const { camera = new Uint8Array(0) } = exchange(id);
      expect(replySize(camera.subarray(0, PREFIX))).toBe(camera.length);
      const reply = decodeReply(camera);
      expect(reply).toMatchObject({ status: 0, group: command.old?.group, kind: ReplyKind.Fixed });
      const decoded = command.reply.read(new Reader(reply.data));
      if (value !== undefined) expect(decoded).toEqual(value);
      const writer = new Writer();
      command.reply.write(writer, decoded);
      expect(encodeReply({ ...reply, data: writer.finish() })).toEqual(camera);
    },
  );

  it('S-01: firmware 1.0.2.0', () => {
    const { camera = new Uint8Array(0) } = exchange('S-01');
    const identity = Commands.IdentifyCamera.reply.read(new Reader(decodeReply(camera).data));
    expect(firmwareVersion(identity)).toBe('1.0.2.0');
  });

  it('an older body leaves the length out of the prefix; it is found all the same', () => {
    const { camera = new Uint8Array(0) } = exchange('GP-10');
    const legacy = encodeReply(decodeReply(camera), true);
    expect([...legacy.subarray(0, 4)]).toEqual([0, 0, 0, 0]);
    expect(replySize(legacy.subarray(0, PREFIX))).toBeUndefined();
    expect(replySize(legacy.subarray(0, PACKET_HEAD))).toBe(camera.length);
  });
});

describe('the handshake', () => {
  it('GP-02: hello', () => {
    const { camera = new Uint8Array(0) } = exchange('GP-02');
    const hello = Hello.decode(camera);
    expect(hello).toMatchObject({ productId: 0x306e, vendorId: 0x04a9 });
    expect(chunkLimit(hello)).toBeUndefined();
    expect(Hello.encode(hello)).toEqual(camera);
  });
});

describe('listings', () => {
  it.each([
    ['GP-16', 'D:', ['D:\\MISC', 'D:\\DCIM'], [0x4eee74f2, 0x4eedefdc]],
    ['GP-18', 'D:\\DCIM\\204CANON', ['D:\\DCIM\\204CANON\\IMG_0408.JPG'], [0x4f091d8c]],
  ] as const)('%s', (id, path, paths, times) => {
    const { camera = new Uint8Array(0) } = exchange(id);
    const data = camera.subarray(PREFIX);
    expect(decodeDataHead(camera)).toBe(data.length);
    expect(encodeDataHead(data.length)).toEqual(camera.subarray(0, PREFIX));
    const entries = decodeListing(data);
    const { self, files } = readListing(entries, path);
    expect(self?.name).toBe(path);
    expect(files.map((file) => file.path)).toEqual(paths);
    expect(files.map((file) => file.time)).toEqual(times);
    expect(encodeListing(entries)).toEqual(data);
  });

  it('GP-18: a picture that nobody has downloaded', () => {
    const { camera = new Uint8Array(0) } = exchange('GP-18');
    const entries = decodeListing(camera.subarray(PREFIX));
    expect(entries[1]).toMatchObject({ attributes: 0x20, size: 660418, name: 'IMG_0408.JPG' });
  });

  it('W-06: a folder that is not there', () => {
    const { payload, data = new Uint8Array(0) } = exchange('W-06');
    const args = { depth: 0, path: 'D:\\DC97\\MISC' };
    expect(payloadOf(Commands.ListDirectory, args)).toEqual(payload);
    const entries = decodeListing(data.subarray(PREFIX));
    expect(readListing(entries, args.path)).toEqual({ self: undefined, files: [] });
    expect(encodeListing([])).toEqual(data.subarray(PREFIX));
  });
});

describe('payloads alone', () => {
  it('W-04: the card in KiB', () => {
    const { payload, reply = new Uint8Array(0) } = exchange('W-04');
    expect(payloadOf(Commands.FlashGetInfo, 'D:\\')).toEqual(payload);
    const info = Commands.FlashGetInfo.reply.read(new Reader(reply.subarray(4)));
    expect(info).toEqual({ capacity: 251368, free: 249520 });
    expect(diskBytes(info)).toEqual({ capacity: 251368 * 1024, free: 249520 * 1024 });
    expect(diskBytes({ capacity: 0x07a7a000, free: 1024 }).capacity).toBe(128_425_984);
  });

  it.each([
    ['W-17', Commands.GetViewfinderImage, { chunk: 0x5000 }, 8655],
    ['W-18', Commands.GetCapturedImage, { chunk: 0x5000, kind: ImageKind.Thumbnail, key: 1 }, 3903],
  ] as unknown as [string, NormalCommand<unknown, unknown>, unknown, number][])(
    '%s',
    (id, command, args, size) => {
      const { payload, data = new Uint8Array(0) } = exchange(id);
      expect(payloadOf(command, args)).toEqual(payload);
      expect(decodeDataHead(data)).toBe(size);
    },
  );
});

const remote = [
  ['W-10a', Remote.GetZoom, undefined, { position: 0, maximum: 17 }],
  ['W-11a', Remote.GetExtendedSize, undefined, { value: 0x2c }],
  ['W-14a', Remote.AfLock, undefined, undefined],
  ['W-16b', Remote.SelectCameraOutput, { value: 3 }, undefined],
  ['W-12a', Remote.GetListSize, { value: 0x0c }, { value: 10 }],
  ['W-12b', Remote.GetList, { value: 0x0c }, { width: 1, values: [1, 3] }],
  ['W-12c', Remote.GetList, { value: 0x08 }, { width: 1, values: [] }],
  ['W-12d', Remote.GetList, { value: 0x17 }, { width: 2, values: [0x40, 0x48, 0x50, 0x58, 0] }],
  ['W-13a', Remote.GetFileSize, { size: 0, format: 1, quality: 5 }, { value: 0x1f4800 }],
] as unknown as [string, RemoteCommand<unknown, unknown>, unknown, unknown][];

describe('remote control', () => {
  it.each(remote)('%s', (id, command, args, value) => {
    const { payload, reply = new Uint8Array(0) } = exchange(id);
    const writer = new Writer();
    command.parameters.write(writer, args);
    const request = { subcommand: command.code, parameters: writer.finish() };
    expect(payloadOf(Commands.RemoteControl, request)).toEqual(payload);
    const answer = Commands.RemoteControl.reply.read(new Reader(reply.subarray(4)));
    expect(answer.subcommand).toBe(command.code);
    const decoded = command.result.read(new Reader(answer.result));
    expect(decoded).toEqual(value);
    const result = new Writer();
    command.result.write(result, decoded);
    const again = new Writer();
    Commands.RemoteControl.reply.write(again, { ...answer, result: result.finish() });
    expect(again.finish()).toEqual(reply.subarray(4));
  });

  it('GP-11: f/4, 1/125, ISO 50, P, evaluative', () => {
    const { camera = new Uint8Array(0) } = exchange('GP-11');
    const parameters = ReleaseParameters.decode(camera.subarray(0x5c));
    expect(parameters).toMatchObject({
      ...{ iso: 0x40, aperture: 0x28, shutter: 0x70, shootingMode: 1, metering: 3, flash: 0 },
      ...{ quality: 3, fileFormat: 1, imageSize: 0, selfTimer: 100, afDistance: 1 },
      ...{ focusPoint: 0x3003, focalLength: 230, focalLengthTele: 922, focalUnits: 32 },
      ...{ exposureCompensation: 0x18, apertureOpen: 0x18, apertureMax: 0x38 },
    });
    expect(ReleaseParameters.encode(parameters)).toEqual(camera.subarray(0x5c));
  });

  it('W-19: macro is one byte of them', () => {
    const before = ReleaseParameters.decode(
      (exchange('GP-11').camera ?? new Uint8Array(0)).subarray(0x5c),
    );
    const parameters = ReleaseParameters.encode({ ...before, afDistance: 3 });
    const request = { subcommand: Remote.SetParameters.code, parameters };
    expect(payloadOf(Commands.RemoteControl, request)).toEqual(exchange('W-19').payload);
  });

  it('W-11b: the extended parameters', () => {
    const { reply = new Uint8Array(0) } = exchange('W-11b');
    const block = ExtendedParameters.decode(reply.subarray(12));
    expect(block).toMatchObject({
      ...{ size: 0x2c, version: 0x40000, apertureOpen: 0x18, apertureMax: 0x38 },
      ...{ digitalZoomReference: 2272, digitalZoomWidth: 640, focalLengthTele: 922 },
    });
    expect(ExtendedParameters.encode(block)).toEqual(reply.subarray(12));
  });
});

describe('events', () => {
  it.each([
    ['GP-14a', { kind: 'capture', state: 0x1c, error: undefined }],
    ['GP-14b', { kind: 'capture', state: 0x1d, error: undefined }],
  ] as const)('%s', (id, event) => {
    const { camera = new Uint8Array(0) } = exchange(id);
    expect(decodeEvent(camera)).toEqual(event);
    expect(encodeEvent(event)).toEqual(camera);
  });

  it.each([
    // libgphoto2's Protocol.xml: a G2 and a 20D.
    ['02000000 08000000 17000000 01000000 01 090c0000 00b0', 'thumbnail', 1, 0x0c09],
    ['02000000 0c000000 17000000 01000000 01 5acb0900 00b0', 'full', 1, 0x09cb5a],
    ['02000000 0c000000 17000000 07000000 02 2da48100 83ad', 'full', 7, 0x81a42d],
  ])('%s', (hex, what, key, size) => {
    expect(decodeEvent(fromHex(hex))).toEqual({ kind: 'image', what, key, size });
  });
});

it('the new generation marks its commands', () => {
  const { code = 0, group } = Commands.FlashGetIdent.new ?? {};
  expect([code, group]).toEqual([0x0e, Group.Storage]);
});
