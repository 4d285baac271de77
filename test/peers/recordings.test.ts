/** Wireshark's dissectors read our recordings, and find what our sessions saw. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect } from 'vitest';
import { openPtpCamera } from '../../src/camera/open-ptp.ts';
import { open, recordTo } from '../../src/node/index.ts';
import { listenTcp } from '../../src/node/tcp.ts';
import { connectUsb, type Tap } from '../../src/ptp/index.ts';
import { createUsbDevice, MemoryCard, patternContent } from '../../src/virtual/index.ts';
import { peer } from '../support/peers.ts';
import { smallCamera } from '../support/small-pictures.ts';

const tshark = peer('tshark');
const folder = mkdtempSync(path.join(tmpdir(), 'hotshoe-wireshark-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** More than one IP packet holds. */
const SIZE = 200_000;

/** Values of fields in each frame; '' where a frame has none. */
function fields(file: string, filter: string, ...names: string[]): string[][] {
  const { stdout, status } = spawnSync(
    'tshark',
    [
      ...['-r', file, '-Y', filter, '-T', 'fields', '-E', 'separator=/t'],
      ...names.flatMap((name) => ['-e', name]),
    ],
    { encoding: 'utf8', maxBuffer: 1 << 26 },
  );
  expect(status).toBe(0);
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split('\t'));
}

interface Seen {
  requests: [code: number, id: number][];
  responses: [code: number, id: number][];
  bytes: number;
}

function witness(): Seen & { tap: Tap } {
  const seen: Seen = { requests: [], responses: [], bytes: 0 };
  const tap: Tap = {
    request: ({ code, transactionId }) => void seen.requests.push([code, transactionId]),
    response(_transaction, { code, transactionId }, bytes) {
      seen.responses.push([code, transactionId]);
      seen.bytes += bytes;
    },
  };
  return Object.assign(seen, { tap });
}

/** A bit of everything: a listing, events, large data, data to the camera, refusals. */
async function session(camera: Awaited<ReturnType<typeof open>>): Promise<void> {
  for await (const object of camera.storage?.list({ recursive: true }) ?? []) {
    if (object.kind === 'file') await camera.ptp?.transaction(0x1009, [object.handle]);
  }
  const block = Uint8Array.of(12, 0, 0, 0, 0x1c, 0xd1, 0, 0, 4, 0, 0, 0);
  await camera.ptp?.transaction(0x9110, [], { data: block });
  await camera.ptp?.transaction(0x9116, []);
  await camera.ptp?.transaction(0x1008, [0xdead]);
  await camera.ptp?.transaction(0x9999, [1, 2, 3]);
  await camera.close();
}

function cardOf(size: number): MemoryCard {
  const card = new MemoryCard();
  card.addFile('DCIM/100CANON/2U4A0001.JPG', patternContent(size), 1);
  return card;
}

tshark.it('tshark sees in a recording of PTP/IP what the session saw', async () => {
  const camera = smallCamera({ card: cardOf(SIZE) });
  const server = await listenTcp({ port: 0 }, (stream) => void camera.servePtpIp(stream));
  const file = path.join(folder, 'ip.pcapng');
  const recording = recordTo(file);
  const seen = witness();
  const address = `ptpip://127.0.0.1:${server.port}`;
  await session(await open(address, { tap: seen.tap, traffic: recording.tap }));
  await recording.finish();
  await server.close();
  await camera.close();

  // By port: a virtual camera for tests has another than 15740.
  const decodeAs = `tcp.port==${server.port},ptpip`;
  const ask = (filter: string, ...names: string[]) => {
    const { stdout } = spawnSync(
      'tshark',
      [
        ...['-r', file, '-d', decodeAs, '-Y', filter, '-T', 'fields'],
        ...names.flatMap((name) => ['-e', name]),
      ],
      { encoding: 'utf8', maxBuffer: 1 << 26 },
    );
    return stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => line.split('\t').map(Number));
  };
  expect(seen.requests.length).toBeGreaterThan(10);
  expect(ask('ptpip.pktType==6', 'ptpip.opcode', 'ptpip.transactionID')).toEqual(seen.requests);
  // It calls the code of a response so, too.
  expect(ask('ptpip.pktType==7', 'ptpip.opcode', 'ptpip.transactionID')).toEqual(seen.responses);
  expect(ask('_ws.malformed', 'frame.number')).toEqual([]);
  // Nothing is missing, nothing came twice, and every checksum is right.
  const trouble = 'tcp.analysis.flags || tcp.checksum.status==0 || ip.checksum.status==0';
  const checked = ['-o', 'tcp.check_checksum:TRUE', '-o', 'ip.check_checksum:TRUE'];
  const { stdout } = spawnSync('tshark', ['-r', file, ...checked, '-Y', trouble], {
    encoding: 'utf8',
  });
  expect(stdout).toBe('');
  const payload = fields(file, 'tcp.len > 0', 'tcp.len').reduce((sum, [n]) => sum + Number(n), 0);
  expect(seen.bytes).toBeGreaterThan(SIZE);
  expect(payload).toBeGreaterThan(seen.bytes);
});

tshark.it('tshark sees in a recording of USB what the session saw', async () => {
  const camera = smallCamera({ card: cardOf(SIZE) });
  const file = path.join(folder, 'usb.pcapng');
  const recording = recordTo(file);
  const seen = witness();
  const device = recording.tap.usb(createUsbDevice(camera));
  const transport = await connectUsb({ device, name: 'recorded' });
  await session(await openPtpCamera(transport, 'usb:', { tap: seen.tap }));
  await recording.finish();
  await camera.close();

  expect(seen.requests.length).toBeGreaterThan(10);
  // Bulk transfers to the camera that are commands, and their ends: u32 length, u16 type 1 or 3,
  // u16 code, u32 transaction id.
  const containers = (filter: string, type: number) =>
    fields(file, `usb.transfer_type==3 && ${filter}`, 'usb.capdata')
      .map(([data = '']) => Buffer.from(data.replaceAll(':', ''), 'hex'))
      .filter((bytes) => bytes.length >= 12 && bytes.length <= 32)
      .filter((bytes) => bytes.readUInt32LE(0) === bytes.length && bytes.readUInt16LE(4) === type)
      .map((bytes) => [bytes.readUInt16LE(6), bytes.readUInt32LE(8)]);
  expect(containers("usb.endpoint_address.direction==0 && usb.urb_type=='S'", 1)).toEqual(
    seen.requests,
  );
  expect(containers("usb.endpoint_address.direction==1 && usb.urb_type=='C'", 3)).toEqual(
    seen.responses,
  );
  // Each request has its end.
  const urbs = fields(file, 'usb', 'usb.urb_type', 'usb.urb_id');
  const ids = (type: string) => urbs.filter(([one]) => one?.includes(type)).map(([, id]) => id);
  expect(ids('C').sort()).toEqual(ids('S').sort());
  expect(fields(file, '_ws.malformed', 'frame.number')).toEqual([]);
});
