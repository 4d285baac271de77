/** Virtual cameras from before PTP on the USB of a real kernel: gphoto2's `canon` driver, and ours. */
import { createHash } from 'node:crypto';
import path from 'node:path';
import { afterEach, expect } from 'vitest';
import { listenUsbip, type UsbipListener } from '../../src/node/usbip.ts';
import { createVirtualCamera, MemoryCard, type VirtualCamera } from '../../src/virtual/index.ts';
import { GUEST_MS, guestProbe, HOST, runInGuest } from '../support/guest/guest.ts';
import { peer } from '../support/peers.ts';

const kernel = peer('a guest with a kernel of its own', guestProbe);

const PROGRAM = path.resolve(import.meta.dirname, '../../dist/cli/main.js');
const TIME = GUEST_MS + 10_000;
const PICTURE = Uint8Array.from({ length: 60_001 }, (_, i) => (i * 5) >> 2);

let camera: VirtualCamera;
let server: UsbipListener;
afterEach(async () => {
  await server.close();
  await camera.close();
});

kernel.it(
  'a G3 is detected and read by gphoto2 and by our own commands alike',
  async () => {
    const card = new MemoryCard({ capacity: 64 << 20 });
    card.addFile('DCIM/204CANON/IMG_0408.JPG', PICTURE, 1_780_000_000);
    camera = createVirtualCamera('powershot-g3', { card });
    server = await listenUsbip([camera], { port: 0 });
    const { lines } = await runInGuest(`
      hotshoe='node ${PROGRAM}'
      usbip --tcp-port ${server.port} attach -r ${HOST} -b 1-1 >/dev/null 2>&1
      for i in $(seq 100); do grep -qs 04a9 /sys/bus/usb/devices/1-1/idVendor && break; sleep 0.1; done
      udevadm settle
      echo "detected: $(gphoto2 --auto-detect | grep Canon)"
      gphoto2 --get-file /DCIM/204CANON/IMG_0408.JPG --filename theirs.jpg >/dev/null
      echo "theirs: $(sha256sum theirs.jpg | cut -d' ' -f1)"
      # The camera is active now: this session begins warm.
      $hotshoe get IMG_0408.JPG --name ours.jpg >/dev/null
      echo "ours: $(sha256sum ours.jpg | cut -d' ' -f1)"
    `);
    const pairs = lines.map((line) => /^([a-z]+): (.*)$/.exec(line)?.slice(1));
    const told = Object.fromEntries(pairs.filter((pair) => pair !== undefined)) as object;
    const sha = createHash('sha256').update(PICTURE).digest('hex');
    expect(told).toMatchObject({
      detected: expect.stringContaining('Canon PowerShot G3 (normal mode)'),
      ...{ theirs: sha, ours: sha },
    });
  },
  TIME,
);
