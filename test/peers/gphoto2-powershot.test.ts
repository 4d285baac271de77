/** gphoto2 with a virtual PowerShot A70 on USB, its only link. It can end with 0 in spite of failures. */
import path from 'node:path';
import { afterEach, beforeEach, expect } from 'vitest';
import { createVirtualCamera, MemoryCard } from '../../src/virtual/index.ts';
import { realListing } from '../support/a70-listing.ts';
import { peer, runs } from '../support/peers.ts';
import { TINY_JPEG } from '../support/small-pictures.ts';
import { UsbHost, umockdevProbe } from '../support/usb/usb-host.ts';

const gphoto2 = peer('gphoto2 on USB', () => runs('gphoto2', '--version') ?? umockdevProbe());
const PROGRAM = path.resolve(import.meta.dirname, '../../dist/cli/main.js');
const TIME = 60_000;
const FOLDER = '/store_00010001/DCIM/100CANON';
const CONTROL = ['--set-config', 'capture=on'];

let host: UsbHost;
let card: MemoryCard;

beforeEach(async () => {
  card = new MemoryCard();
  card.addFile('DCIM/100CANON/IMG_0001.JPG', TINY_JPEG, Date.UTC(2004, 6, 14) / 1000);
  host = await UsbHost.with(createVirtualCamera('powershot-a70', { card }));
});
afterEach(() => host.close());

const gphoto = async (...args: string[]) => (await host.run('gphoto2', ...args)).output;
/** Whole: from SOI to EOI. */
const ends = (bytes: Buffer) => [...bytes.subarray(0, 2), ...bytes.subarray(-2)];
const JPEG = [0xff, 0xd8, 0xff, 0xd9];
/** "Current: 200" -> "200". */
const currents = (output: string) =>
  [...output.matchAll(/^Current: (.*)$/gm)].map(([, value]) => value);

gphoto2.describe('gphoto2 on a virtual PowerShot A70', () => {
  gphoto2.it(
    '--auto-detect, and --summary as of a real one',
    async () => {
      expect(await gphoto('--auto-detect')).toMatch(/^Canon PowerShot A70 \(PTP\) +usb:001,002/m);
      const idle = await gphoto('--summary');
      expect(idle).toContain('Model: Canon PowerShot A70');
      expect(idle).toContain('File Download, File Deletion, File Upload');
      expect(idle).toContain('Generic Image Capture, No Open Capture, Canon Capture');
      expect(idle).toContain('VolumeLabel: D\n');
      expect(idle).not.toContain('Flash Mode(0xd00a)');
      const summary = await gphoto(...CONTROL, '--summary');
      for (const line of realListing()) expect(summary).toContain(line);
    },
    TIME,
  );

  gphoto2.it(
    '--list-config: every setting of a camera of this kind',
    async () => {
      const config = await gphoto(...CONTROL, '--list-config');
      // As gphoto2 lists them of an SD100 (canon-digital-ixus2-cap.txt), by the names of today.
      for (const name of [
        'settings/ownername',
        'settings/capturetarget',
        'status/firmwareversion',
        'imgsettings/imagequality',
        'imgsettings/imageformat',
        'imgsettings/imagesize',
        'imgsettings/iso',
        'imgsettings/whitebalance',
        'imgsettings/photoeffect',
        'capturesettings/zoom',
        'capturesettings/assistlight',
        'capturesettings/exposurecompensation',
        'capturesettings/flashmode',
        'capturesettings/shootingmode',
        'capturesettings/aperture',
        'capturesettings/focusingpoint',
        'capturesettings/shutterspeed',
        'capturesettings/meteringmode',
        'capturesettings/afdistance',
        'actions/focuslock',
      ]) {
        expect(config).toContain(`/main/${name}\n`);
      }
    },
    TIME,
  );

  gphoto2.it(
    '--set-config, read back, also by another run, and zoom',
    async () => {
      const set = (name: string, value: string) => ['--set-config', `${name}=${value}`];
      const get = (name: string) => ['--get-config', name];
      const output = await gphoto(
        ...CONTROL,
        ...[...set('iso', '200'), ...get('iso')],
        ...[...set('whitebalance', 'Cloudy'), ...get('whitebalance')],
        ...[...set('exposurecompensation', '+1/3'), ...get('exposurecompensation')],
        ...[...set('shootingmode', 'AV'), ...set('aperture', '5.6'), ...get('aperture')],
        ...[...set('zoom', '7'), ...get('zoom')],
        ...[...set('focuslock', '1'), ...set('ownername', 'Ann'), ...get('ownername')],
      );
      expect(output).not.toContain('Error');
      expect(currents(output)).toEqual(['200', 'Cloudy', '+1/3', '5.6', '7', 'Ann']);
      expect(output).toMatch(/^Bottom: 0\nTop: 11\nStep: 1$/m);
      expect(host.camera.requests(0x9014)).toBe(1);
      // It leaves release control on.
      expect(currents(await gphoto(...get('iso'), ...get('zoom')))).toEqual(['200', '7']);
    },
    TIME,
  );

  gphoto2.it(
    '--capture-image-and-download, from the card and from memory',
    async () => {
      const name = (file: string) => `--filename=${file}`;
      const target = (place: number) => ['--set-config', `capturetarget=${place}`];
      const capture = '--capture-image-and-download';
      const fromCard = await gphoto(...target(1), capture, '--keep', name('card.jpg'));
      expect(fromCard).toContain(`New file is in location ${FOLDER}/IMG_0002.JPG on the camera`);
      expect(ends(host.read('card.jpg'))).toEqual(JPEG);
      expect(card.paths()).toContain('DCIM/100CANON/IMG_0002.JPG');
      const before = card.paths();
      const fromMemory = await gphoto(...target(0), capture, name('memory.jpg'));
      expect(fromMemory).toContain('New file is in location /store_80000001/capt0000.jpg');
      expect(ends(host.read('memory.jpg'))).toEqual(JPEG);
      expect(card.paths()).toEqual(before);
      expect(host.camera.state).toMatchObject({ busy: false, sessionOpen: false });
    },
    TIME,
  );

  gphoto2.it(
    '--capture-preview, three times, and a picture behind it',
    async () => {
      const preview = ['--capture-preview', '--force-overwrite', '--filename=preview.jpg'];
      const output = await gphoto(...preview, ...preview, ...preview);
      expect(output).not.toContain('Error');
      expect(ends(host.read('thumb_preview.jpg'))).toEqual(JPEG);
      expect(host.camera.requests(0x900b)).toBe(1);
      expect(host.camera.requests(0x901d)).toBe(3);
      expect(await gphoto('--capture-image')).toContain(`${FOLDER}/IMG_0002.JPG`);
    },
    TIME,
  );

  gphoto2.it(
    '--list-files, --get-file and --delete-file',
    async () => {
      expect(await gphoto('--list-files')).toMatch(/There is 1 file in folder '.*100CANON'/);
      await gphoto('--folder', FOLDER, '--get-file', 'IMG_0001.JPG');
      expect(host.read('IMG_0001.JPG')).toEqual(Buffer.from(TINY_JPEG));
      await gphoto('--folder', FOLDER, '--delete-file', 'IMG_0001.JPG');
      expect(card.paths()).not.toContain('DCIM/100CANON/IMG_0001.JPG');
    },
    TIME,
  );

  gphoto2.it(
    'leaves release control on, and hotshoe clears it up',
    async () => {
      await gphoto(...CONTROL, '--capture-preview');
      expect(host.camera.state.remoteMode).toBe(1);
      const info = await host.run(process.execPath, PROGRAM, 'info');
      expect(info.stdout).toContain('Canon PowerShot A70');
      expect(host.camera.state).toMatchObject({ remoteMode: 0, liveView: false });
    },
    TIME,
  );
});
