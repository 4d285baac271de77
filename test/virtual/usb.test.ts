/** Virtual cameras on USB: descriptors, packets, transactions, class requests. */
import { afterEach, describe, expect, test } from 'vitest';
import { toHex } from '../../src/bytes/index.ts';
import {
  createUsbDevice,
  MemoryCard,
  patternContent,
  type VirtualCamera,
  type VirtualCameraOptions,
} from '../../src/virtual/index.ts';
import { fromHex } from '../support/hex-fixture.ts';
import { RawUsb } from '../support/raw-usb.ts';
import { smallCamera, smallIxus } from '../support/small-pictures.ts';

let camera: VirtualCamera;
afterEach(() => camera.close());

const MOVIE = 0x51900011;

function withMovie(size: number, options: VirtualCameraOptions = {}): VirtualCamera {
  const card = new MemoryCard({ capacity: 64e9 });
  card.addFile('DCIM/100CANON/2U4A0001.MP4', patternContent(size), 1);
  return smallCamera({ card, ...options });
}

test('a session, its bytes as an EOS 60D exchanges them', async () => {
  camera = smallCamera();
  const usb = await RawUsb.claim(createUsbDevice(camera));
  await usb.write(fromHex('10000000 0100 0210 00000000 01000000'));
  expect(toHex(await usb.bytes())).toBe(toHex(fromHex('0c000000 0300 0120 00000000')));
  const info = await usb.ok(0x1001);
  expect(info.transactionId).toBe(1);
  expect(info.data?.length).toBeGreaterThan(400);
});
