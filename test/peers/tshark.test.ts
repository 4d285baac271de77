/**
 * tshark reads what a virtual camera writes. Its PTP/IP dissector looks at the first packet of a
 * segment only, so every packet is handed over in a segment of its own.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect } from 'vitest';
import { peer } from '../support/peers.ts';
import { RawInitiator } from '../support/raw-initiator.ts';
import { smallCamera } from '../support/small-pictures.ts';

const tshark = peer('tshark');
const folder = mkdtempSync(join(tmpdir(), 'hotshoe-tshark-'));
afterAll(() => rmSync(folder, { recursive: true }));

const PTP_IP_PORT = 15740;
/** Of an IP packet; the dump of all properties is longer than that of Ethernet. */
const LONGEST = 65_000;

/** A capture file of raw IP packets from the camera, one for each PTP/IP packet. */
function captureFile(packets: readonly Uint8Array[]): Uint8Array {
  const parts: Buffer[] = [];
  const head = Buffer.alloc(24);
  head.writeUInt32LE(0xa1b2c3d4, 0);
  head.writeUInt16LE(2, 4);
  head.writeUInt16LE(4, 6);
  head.writeUInt32LE(0x40000, 16);
  // Link type: raw IPv4.
  head.writeUInt32LE(228, 20);
  parts.push(head);
  let sequence = 1;
  packets.forEach((packet, i) => {
    const size = 40 + packet.length;
    const record = Buffer.alloc(16 + 40);
    record.writeUInt32LE(i, 0);
    record.writeUInt32LE(size, 8);
    record.writeUInt32LE(size, 12);
    const ip = record.subarray(16);
    ip.writeUInt8(0x45, 0);
    ip.writeUInt16BE(size, 2);
    ip.writeUInt8(64, 8);
    ip.writeUInt8(6, 9);
    ip.set([127, 0, 0, 1], 12);
    ip.set([127, 0, 0, 1], 16);
    ip.writeUInt16BE(PTP_IP_PORT, 20);
    ip.writeUInt16BE(50_000, 22);
    ip.writeUInt32BE(sequence, 24);
    ip.writeUInt8(0x50, 32);
    ip.writeUInt8(0x18, 33);
    ip.writeUInt16BE(65_535, 34);
    parts.push(record, Buffer.from(packet));
    sequence += packet.length;
  });
  return Buffer.concat(parts);
}

tshark.it('tshark finds nothing malformed in what a virtual EOS R6 sends', async () => {
  const camera = smallCamera();
  const initiator = await RawInitiator.open(camera);
  await initiator.op(0x1005, [0x00010001]);
  await initiator.op(0x1008, [0x51900012]);
  await initiator.op(0x1009, [0x51900012]);
  await initiator.op(0x9173, [0x00010001, 0xffffffff, 0x200000]);
  await initiator.op(0x1015, [0x5001]);
  const packets = [...initiator.command.packets, ...initiator.event.packets].map(
    ({ bytes }) => bytes,
  );
  await initiator.close();
  await camera.close();
  expect(packets.length).toBeGreaterThan(20);
  expect(Math.max(...packets.map(({ length }) => length))).toBeLessThan(LONGEST);

  const file = join(folder, 'camera.pcap');
  writeFileSync(file, captureFile(packets));
  const ask = (...options: string[]) =>
    spawnSync('tshark', ['-r', file, '-d', `tcp.port==${PTP_IP_PORT},ptpip`, ...options], {
      encoding: 'utf8',
      maxBuffer: 1 << 26,
    }).stdout.trim();
  expect(ask('-Y', '_ws.malformed')).toBe('');
  const types = ask('-T', 'fields', '-e', 'ptpip.pktType')
    .split('\n')
    .map((line) => Number.parseInt(line, 16));
  const sent = packets.map((bytes) => bytes[4]);
  expect(types).toEqual(sent);
});
