/** Our command line on real libusb calls: npm `usb`, with virtual cameras that umockdev plugs in. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect } from 'vitest';
import { createVirtualCamera, MemoryCard } from '../../src/virtual/index.ts';
import { hash } from '../support/gphoto2.ts';
import { peer } from '../support/peers.ts';
import { UsbHost, umockdevProbe } from '../support/usb/usb-host.ts';

const umockdev = peer('npm usb on a simulated bus', umockdevProbe);

const PROGRAM = path.resolve(import.meta.dirname, '../../dist/cli/main.js');
const TIME = 60_000;

let host: UsbHost;
afterEach(() => host.close());

async function hotshoe(...args: string[]): Promise<string> {
  const { code, output, stdout } = await host.run(process.execPath, PROGRAM, ...args);
  expect(`${code} ${output}`).toMatch(/^0 /);
  return stdout;
}

const content = (size: number) => Uint8Array.from({ length: size }, (_, i) => (i * 7) >> 3);

umockdev.it(
  'lists the camera, its card, and gives every byte of its files',
  async () => {
    const card = new MemoryCard();
    // More than the reads under way together, and one that ends with a full packet.
    const sizes = [9_000_001, (1 << 20) - 12, 0];
    sizes.forEach((size, i) => {
      card.addFile(`DCIM/100CANON/2U4A000${i + 1}.JPG`, content(size), 1_780_000_000);
    });
    host = await UsbHost.with(createVirtualCamera('eos-r6', { card }));
    expect(await hotshoe('list')).toBe('usb:001,002  Canon EOS R6\n');
    expect(await hotshoe('ls', '--camera', 'usb:04a9:32f5')).toContain(
      '/SD1/DCIM/100CANON/2U4A0003.JPG',
    );
    await hotshoe('get', '--all');
    sizes.forEach((size, i) => {
      expect(hash(host.read(`2U4A000${i + 1}.JPG`))).toBe(hash(content(size)));
    });
    expect(host.camera.state).toMatchObject({ connected: false, sessionOpen: false });
  },
  TIME,
);

umockdev.it(
  'takes a picture and downloads it',
  async () => {
    const card = new MemoryCard();
    host = await UsbHost.with(createVirtualCamera('eos-r6', { card }));
    expect(await hotshoe('shoot', '--download')).toBe('2U4A0001.JPG\n');
    const picture = host.read('2U4A0001.JPG');
    const onCard: Uint8Array[] = [];
    for await (const chunk of card.read('DCIM/100CANON/2U4A0001.JPG', 0, picture.length)) {
      onCard.push(chunk.slice());
    }
    expect(hash(picture)).toBe(hash(Buffer.concat(onCard)));
    expect([...picture.subarray(0, 2), ...picture.subarray(-2)]).toEqual([0xff, 0xd8, 0xff, 0xd9]);
  },
  TIME,
);

umockdev.it(
  'puts a file on an IXUS 180 and gets it back',
  async () => {
    const card = new MemoryCard();
    host = await UsbHost.with(createVirtualCamera('ixus-180', { card }));
    // Head and payload fill the last packet: an empty one ends them.
    for (const size of [200_001, 8 * 512 - 12]) {
      writeFileSync(path.join(host.home, `new${size}.jpg`), content(size));
      await hotshoe('put', `new${size}.jpg`);
      await hotshoe('get', `new${size}.jpg`, '--name', `back${size}.jpg`);
      expect(hash(host.read(`back${size}.jpg`))).toBe(hash(content(size)));
    }
  },
  TIME,
);
