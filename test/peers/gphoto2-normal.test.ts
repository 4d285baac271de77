/**
 * gphoto2's driver for cameras from before PTP ("canon", not "ptp2") with virtual ones on USB. It
 * cannot upload: our own uploads are judged by its reading them back.
 */
import { afterEach, expect } from 'vitest';
import { createVirtualCamera, MemoryCard, type Picture } from '../../src/virtual/index.ts';
import { takePicture } from '../../src/virtual/picture/index.ts';
import { hash } from '../support/gphoto2.ts';
import { peer, runs } from '../support/peers.ts';
import { UsbHost, umockdevProbe } from '../support/usb/usb-host.ts';

const gphoto2 = peer(
  'gphoto2, canon driver',
  () => runs('gphoto2', '--version') ?? umockdevProbe(),
);

const TIME = 120_000;
let host: UsbHost;
afterEach(() => host.close());

const BODIES = [
  { model: 'powershot-g3', name: 'Canon PowerShot G3 (normal mode)', folder: 'DCIM/204CANON' },
  { model: 'eos-300d', name: 'Canon EOS 300D (normal mode)', folder: 'DCIM/104CANON' },
  { model: 'eos-20d', name: 'Canon EOS 20D (normal mode)', folder: 'DCIM/104CANON' },
] as const;
const MODES = 1 << 16;

/** A whole picture with EXIF and thumbnail, of few pixels. */
const small = (): Picture =>
  takePicture({
    ...{ width: 320, height: 240, counter: 408, make: 'Canon', model: 'Canon', firmware: '1' },
    exposure: { aperture: 4, shutter: 1 / 125, iso: 800, focalLength: 7 },
    takenAt: { year: 2012, month: 1, day: 8, hour: 4, minute: 37, second: 32, milliseconds: 0 },
  });
const picture = small();
const TIME_OF_IT = Date.UTC(2012, 0, 8, 4, 37, 32) / 1000;

function bodyWith(model: string, folder: string) {
  const card = new MemoryCard({ capacity: 256 << 20 });
  card.addFile(`${folder}/IMG_0408.JPG`, picture.jpeg, TIME_OF_IT);
  return { card, camera: createVirtualCamera(model, { card, takePicture: () => picture }) };
}

for (const { model, name, folder } of BODIES) {
  gphoto2.describe(`a virtual ${model}`, () => {
    gphoto2.it(
      '--auto-detect, --summary, --list-files',
      async () => {
        host = await UsbHost.with(bodyWith(model, folder).camera);
        const { stdout } = await host.run('gphoto2', '--auto-detect');
        expect(stdout).toContain(name);
        const summary = await host.run('gphoto2', '--summary');
        expect(summary.stdout).toMatch(/Power status: on battery \(power OK\)/);
        expect(summary.stdout).toMatch(/Flash disk information:/);
        const listed = await host.run('gphoto2', '--list-files');
        expect(listed.stdout).toMatch(`There is 1 file in folder '/${folder}'`);
        expect(listed.stdout).toContain('IMG_0408.JPG');
      },
      TIME,
    );

    gphoto2.it(
      '--get-file, --get-thumbnail, --delete-file',
      async () => {
        const { camera, card } = bodyWith(model, folder);
        host = await UsbHost.with(camera);
        const where = ['--folder', `/${folder}`];
        await host.run('gphoto2', ...where, '--get-file', 'IMG_0408.JPG');
        expect(hash(host.read('IMG_0408.JPG'))).toBe(hash(picture.jpeg));
        await host.run('gphoto2', ...where, '--get-thumbnail', 'IMG_0408.JPG');
        expect(hash(host.read('thumb_IMG_0408.jpg'))).toBe(hash(picture.thumbnail));
        await host.run('gphoto2', ...where, '--delete-file', 'IMG_0408.JPG');
        expect(card.paths()).not.toContain(`${folder}/IMG_0408.JPG`);
      },
      TIME,
    );

    gphoto2.it(
      '--capture-image-and-download',
      async () => {
        host = await UsbHost.with(bodyWith(model, folder).camera);
        const file = ['--filename', 'shot.jpg'];
        const { output } = await host.run('gphoto2', '--capture-image-and-download', ...file);
        expect(output).toContain('Saving file as shot.jpg');
        expect(hash(host.read('shot.jpg'))).toBe(hash(picture.jpeg));
        // Release, and out of remote control at the end.
        expect([host.camera.requests(MODES + 4), host.camera.state.remoteMode]).toEqual([1, 0]);
      },
      TIME,
    );

    gphoto2.it(
      'settings read and written',
      async () => {
        host = await UsbHost.with(bodyWith(model, folder).camera);
        const get = async (setting: string) => {
          const { stdout } = await host.run('gphoto2', '--get-config', setting);
          return /^Current: (.*)$/m.exec(stdout)?.[1];
        };
        await host.run('gphoto2', '--set-config', 'ownername=Kiril');
        expect(await get('ownername')).toBe('Kiril');
        expect(await get('aperture')).toMatch(/^4(\.0)?$/);
        expect(await get('shutterspeed')).toBe('1/125');
        const iso = model === 'powershot-g3' ? '400' : '800';
        expect(await get('iso')).toBe(iso);
        if (model === 'powershot-g3') expect(await get('zoom')).toBe('0');
      },
      TIME,
    );
  });
}

gphoto2.it(
  'reads back what hotshoe has put on the card of a G3',
  async () => {
    const { camera } = bodyWith('powershot-g3', 'DCIM/204CANON');
    host = await UsbHost.with(camera);
    const { createUsbDevice } = await import('../../src/virtual/index.ts');
    const { openUsbCamera } = await import('../../src/camera/open-usb.ts');
    const { usbCamera } = await import('../../src/usb/cameras.ts');
    const { dataSource } = await import('../../src/index.ts');
    const bytes = Uint8Array.from({ length: 40_001 }, (_, i) => (i * 7) >> 3);
    const found = usbCamera(createUsbDevice(camera));
    if (!found) throw new Error('no camera');
    const ours = await openUsbCamera(found, {}, 'linux');
    await ours.storage?.makeFolder?.('DCIM/205CANON');
    const upload = { name: 'aut_0001.jpg', folder: 'DCIM/205CANON', content: dataSource(bytes) };
    await ours.storage?.put?.(upload);
    await ours.close();
    const where = ['--folder', '/DCIM/205CANON'];
    await host.run('gphoto2', ...where, '--get-file', 'AUT_0001.JPG');
    expect(hash(host.read('AUT_0001.JPG'))).toBe(hash(bytes));
  },
  TIME,
);
