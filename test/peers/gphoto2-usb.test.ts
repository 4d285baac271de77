/** gphoto2 with virtual cameras on USB, by libusb. It can end with 0 in spite of failures. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect } from 'vitest';
import { createVirtualCamera, MemoryCard, type VirtualCamera } from '../../src/virtual/index.ts';
import { hash } from '../support/gphoto2.ts';
import { peer, runs } from '../support/peers.ts';
import { UsbHost, umockdevProbe } from '../support/usb/usb-host.ts';

const gphoto2 = peer('gphoto2 on USB', () => runs('gphoto2', '--version') ?? umockdevProbe());

const TIME = 60_000;
let host: UsbHost;
afterEach(() => host.close());

/** More than a packet, a read and a MiB, and no multiple of them; and just such a multiple. */
const SIZES = [5_000_001, (1 << 20) - 12];
const content = (size: number) => Uint8Array.from({ length: size }, (_, i) => (i * 7) >> 3);

interface Body {
  model: string;
  name: string;
  folder: string;
  make(card: MemoryCard): VirtualCamera;
}

const bodies: Body[] = [
  { model: 'eos-r6', name: 'Canon EOS R6', folder: 'DCIM/100CANON' },
  { model: 'ixus-180', name: 'Canon Digital IXUS 180', folder: 'DCIM/104___07' },
].map((body) => ({ ...body, make: (card) => createVirtualCamera(body.model, { card }) }));

for (const { model, name, folder, make } of bodies) {
  gphoto2.describe(`a virtual ${model} on USB`, () => {
    gphoto2.it(
      '--auto-detect, --summary, --list-files',
      async () => {
        host = await UsbHost.with(createVirtualCamera(model));
        const detected = await host.run('gphoto2', '--auto-detect');
        expect(detected.stdout).toMatch(new RegExp(`^${name} +usb:001,002`, 'm'));
        const summary = await host.run('gphoto2', '--summary');
        expect(summary.stdout).toContain(`Model: ${host.camera.model.name}`);
        expect(summary.stdout).toContain('File Download');
        const listed = await host.run('gphoto2', '--list-files');
        expect(listed.stdout).toMatch(/^There are 3 files in folder '\/store_00010001\/DCIM/m);
        expect(host.camera.state).toMatchObject({ connected: false, sessionOpen: false });
      },
      TIME,
    );

    gphoto2.it(
      '--get-all-files: every byte',
      async () => {
        const card = new MemoryCard();
        SIZES.forEach((size, i) => {
          card.addFile(
            `${folder}/IMG_000${i + 1}.JPG`,
            content(size),
            Date.UTC(2026, 6, 14) / 1000,
          );
        });
        host = await UsbHost.with(make(card));
        const { output } = await host.run('gphoto2', '--get-all-files');
        expect(output).not.toContain('Error');
        SIZES.forEach((size, i) => {
          expect(hash(host.read(`IMG_000${i + 1}.JPG`))).toBe(hash(content(size)));
        });
      },
      TIME,
    );
  });
}

gphoto2.it(
  '--capture-image on a virtual EOS R6 on USB',
  async () => {
    const card = new MemoryCard();
    host = await UsbHost.with(createVirtualCamera('eos-r6', { card }));
    const set = ['--set-config', 'capturetarget=1'];
    const { output } = await host.run('gphoto2', ...set, '--capture-image');
    expect(output).toContain('/store_00010001/DCIM/100CANON/2U4A0001.JPG');
    expect(card.paths()).toContain('DCIM/100CANON/2U4A0001.JPG');
    expect(host.camera.state).toMatchObject({ sessionOpen: false, busy: false });
  },
  TIME,
);

gphoto2.it(
  '--capture-image-and-download on a virtual EOS R6 on USB',
  async () => {
    host = await UsbHost.with(createVirtualCamera('eos-r6'));
    const name = '--filename=shot.jpg';
    const { output } = await host.run('gphoto2', '--capture-image-and-download', name);
    expect(output).toContain('Saving file as shot.jpg');
    const shot = host.read('shot.jpg');
    expect([...shot.subarray(0, 2), ...shot.subarray(-2)]).toEqual([0xff, 0xd8, 0xff, 0xd9]);
    expect(host.camera.requests(0x9117)).toBe(1);
  },
  TIME,
);

gphoto2.it(
  '--capture-image on a virtual IXUS 180 on USB',
  async () => {
    const card = new MemoryCard();
    host = await UsbHost.with(createVirtualCamera('ixus-180', { card }));
    // It shoots for a computer only then.
    const set = ['--set-config', 'output=MOBILE2', '--set-config', 'capturetarget=1'];
    const { output } = await host.run('gphoto2', ...set, '--capture-image');
    const picture = card.paths().find((each) => each.endsWith('.JPG')) ?? 'no picture';
    expect(output).toContain(`/store_00010001/${picture}`);
  },
  TIME,
);

gphoto2.it(
  '--upload-file to a virtual IXUS 180 on USB, read back and deleted',
  async () => {
    const card = new MemoryCard();
    host = await UsbHost.with(createVirtualCamera('ixus-180', { card }));
    const folder = ['--folder', '/store_00010001'];
    // The header and this fill their last packet: an empty one ends them.
    for (const size of [200_001, 8 * 512 - 12]) {
      const bytes = content(size);
      writeFileSync(path.join(host.home, 'new.bin'), bytes);
      await host.run('gphoto2', ...folder, '--upload-file', 'new.bin');
      const onCard: Uint8Array[] = [];
      for await (const chunk of card.read('new.bin', 0, size)) onCard.push(chunk.slice());
      expect(hash(Buffer.concat(onCard))).toBe(hash(bytes));
      await host.run('gphoto2', ...folder, '--get-file', 'new.bin', '--filename=back.bin');
      expect(hash(host.read('back.bin'))).toBe(hash(bytes));
      await host.run('gphoto2', ...folder, '--delete-file', 'new.bin');
      await host.run('rm', 'back.bin');
      expect(card.paths()).not.toContain('new.bin');
    }
  },
  TIME,
);
