/** gphoto2 with a virtual EOS R6, over TCP. It can end with 0 in spite of failures: content counts. */
import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect } from 'vitest';
import { createVirtualCamera, MemoryCard, type VirtualCamera } from '../../src/virtual/index.ts';
import { type Picture, takePicture } from '../../src/virtual/picture/index.ts';
import { Gphoto2, type Gphoto2Run, hash } from '../support/gphoto2.ts';
import { peer, runs } from '../support/peers.ts';

const gphoto2 = peer('gphoto2');
const exiftool = peer('exiftool', () => runs('exiftool', '-ver'));

/** Two pictures of a size that is made quickly, and what they are. */
const photographs: Picture[] = [];
function photograph(counter: number): Picture {
  const made = takePicture({
    width: 720,
    height: 480,
    exposure: { aperture: 5.6, shutter: 1 / 125, iso: 400, focalLength: 50 },
    takenAt: { year: 2026, month: 11, day: 21, hour: 10, minute: 0, second: 5, milliseconds: 0 },
    counter,
    make: 'Canon',
    model: 'Canon EOS R6',
    firmware: 'Firmware Version 1.5.0',
  });
  photographs[counter] = made;
  return made;
}

let home: string;
let card: MemoryCard;
let camera: VirtualCamera;
let program: Gphoto2;

beforeEach(async () => {
  card = new MemoryCard();
  for (const i of [1, 2]) {
    const name = `DCIM/100CANON/2U4A000${i}.JPG`;
    card.addFile(name, (photographs[i] ?? photograph(i)).jpeg, Date.UTC(2026, 10, 21) / 1000);
  }
  camera = createVirtualCamera('eos-r6', { card });
  program = await Gphoto2.on(camera);
  home = program.home;
});

afterEach(() => program.close());

const TIME = 60_000;

const run = (...args: string[]): Promise<Gphoto2Run> => program.run(...args);
const read = (name: string) => program.read(name);
const jpegsOnCard = () => card.paths().filter((path) => path.endsWith('.JPG'));

gphoto2.describe('gphoto2 on a virtual EOS R6', () => {
  gphoto2.it(
    '--summary',
    async () => {
      const { output } = await run('--summary');
      expect(output).toContain('Model: Canon EOS R6');
      expect(output).toContain('Version: 3-1.5.0');
      expect(output).toContain('Canon EOS Capture, Canon EOS Capture 2');
      expect(output).toContain('StorageDescription: SD1');
      expect(output).not.toContain('SD2');
      expect(output).toMatch(/Battery Level\(0x5001\).*100%/);
      expect(camera.requests(0x9114)).toBeGreaterThan(0);
    },
    TIME,
  );

  gphoto2.it(
    '--storage-info and --list-files',
    async () => {
      const storage = await run('--storage-info');
      expect(storage.output).toContain('totalcapacity=31166976 KB');
      const { output } = await run('--list-files');
      expect(output).toContain("There are 2 files in folder '/store_00010001/DCIM/100CANON'.");
      expect(output).toMatch(/#1 +2U4A0001\.JPG +rd +\d+ KB image\/jpeg/);
      expect(output).toMatch(/#2 +2U4A0002\.JPG/);
      expect(output).toContain("/store_00010001/MISC'");
    },
    TIME,
  );

  gphoto2.it(
    '--get-file and --get-thumbnail',
    async () => {
      await run('--get-file', '2');
      expect(hash(read('2U4A0002.JPG'))).toBe(hash((photographs[2] as Picture).jpeg));
      await run('--get-thumbnail', '1');
      expect(hash(read('thumb_2U4A0001.jpg'))).toBe(hash((photographs[1] as Picture).thumbnail));
    },
    TIME,
  );

  gphoto2.it(
    '--get-all-files of more than a packet',
    async () => {
      const bytes = Uint8Array.from({ length: 5_000_001 }, (_, i) => (i * 7) >> 3);
      card.addFile('DCIM/100CANON/2U4A0003.MP4', bytes, 1);
      await run('--get-all-files');
      expect(hash(read('2U4A0003.MP4'))).toBe(hash(bytes));
      expect(hash(read('2U4A0001.JPG'))).toBe(hash((photographs[1] as Picture).jpeg));
    },
    TIME,
  );

  gphoto2.it(
    '--capture-image',
    async () => {
      const { output } = await run('--set-config', 'capturetarget=1', '--capture-image');
      expect(output).toContain('/store_00010001/DCIM/100CANON/2U4A0003.JPG');
      expect(jpegsOnCard()).toContain('DCIM/100CANON/2U4A0003.JPG');
      expect(camera.requests(0x9128)).toBe(2);
      expect(camera.requests(0x9129)).toBe(2);
      expect(camera.state).toMatchObject({ sessionOpen: false, busy: false });
    },
    TIME,
  );

  exiftool.it(
    '--capture-image-and-download to the computer, and exiftool reads it',
    async () => {
      const before = jpegsOnCard();
      const { output } = await run(
        '--set-config',
        'iso=1600',
        '--capture-image-and-download',
        '--filename=shot.jpg',
      );
      expect(output).toContain('Saving file as shot.jpg');
      const tags = spawnSync(
        'exiftool',
        [
          '-j',
          '-n',
          '-Model',
          '-ISO',
          '-FNumber',
          '-ExposureTime',
          '-ImageSize',
          '-Validate',
          'shot.jpg',
        ],
        { cwd: home, encoding: 'utf8' },
      );
      expect(JSON.parse(tags.stdout)[0]).toMatchObject({
        Model: 'Canon EOS R6',
        ISO: 1600,
        FNumber: 4,
        ExposureTime: 0.008,
        ImageSize: '5472 3648',
        Validate: '0 0 0',
      });
      expect(jpegsOnCard()).toEqual(before);
      expect(camera.requests(0x9117)).toBe(1);
    },
    TIME,
  );

  gphoto2.it(
    '--wait-event sees a press of the button',
    async () => {
      const pressed = run('--wait-event=4s');
      while (camera.requests(0x911d) === 0) await new Promise((next) => setTimeout(next, 50));
      await camera.press();
      const { output } = await pressed;
      expect(output).toMatch(/FILEADDED capt0000.jpg|FILEADDED 2U4A0003\.JPG/);
    },
    TIME,
  );

  gphoto2.it(
    '--upload-file is refused, nothing is written',
    async () => {
      writeFileSync(join(home, 'new.jpg'), (photographs[1] as Picture).jpeg);
      await run('--list-files');
      const before = card.paths();
      const folder = '/store_00010001/DCIM/100CANON';
      const { output } = await run('--folder', folder, '--upload-file', 'new.jpg');
      expect(output).toContain('PTP Access Denied');
      expect(camera.requests(0x100c)).toBe(1);
      expect(camera.requests(0x100d)).toBe(0);
      expect(card.paths()).toEqual(before);
    },
    TIME,
  );

  gphoto2.it(
    '--delete-file',
    async () => {
      await run('--folder', '/store_00010001/DCIM/100CANON', '--delete-file', '1');
      expect(jpegsOnCard()).toEqual(['DCIM/100CANON/2U4A0002.JPG']);
    },
    TIME,
  );

  gphoto2.it(
    '--list-config and --get-config: what a real R6 shows',
    async () => {
      const { output } = await run('--list-config');
      const names = output.trim().split('\n');
      // From libgphoto2's listing of an R6; actions and PTP properties of gphoto2's own left out.
      for (const name of REAL_CONFIG) expect(names).toContain(name);
      const values = await run('--get-config', 'iso', '--get-config', 'imageformat');
      expect(values.output).toMatch(/Current: 800/);
      expect(values.output).toMatch(/Choice: 31 102400/);
      expect(values.output).toMatch(/Current: Large Fine JPEG/);
      expect(values.output).toMatch(/Choice: \d+ RAW \+ Large Fine JPEG/);
    },
    TIME,
  );

  gphoto2.it(
    '--set-config',
    async () => {
      await run('--set-config', 'iso=1600', '--set-config', 'shutterspeed=1/250');
      const { output } = await run(
        ...[
          'iso',
          'shutterspeed',
          'aperture',
          'autoexposuremode',
          'lensname',
          'eosserialnumber',
        ].flatMap((name) => ['--get-config', name]),
      );
      const current = [...output.matchAll(/^Current: (.*)$/gm)].map(([, value]) => value);
      expect(current).toEqual([
        '1600',
        '1/250',
        '4',
        'Manual',
        'RF24-105mm F4 L IS USM',
        '013070001234',
      ]);
      await run('--set-config', 'iso=Auto', '--set-config', 'artist=Jane Q. Example');
      const later = await run('--get-config', 'iso', '--get-config', 'artist');
      expect(later.output).toContain('Current: Auto');
      expect(later.output).toContain('Current: Jane Q. Example');
    },
    TIME,
  );

  gphoto2.it(
    '--capture-preview',
    async () => {
      await run('--capture-preview');
      expect([...read('capture_preview.jpg').subarray(0, 3)]).toEqual([0xff, 0xd8, 0xff]);
      expect(camera.requests(0x9153)).toBeGreaterThan(1);
      expect(camera.state.liveView).toBe(false);
    },
    TIME,
  );

  gphoto2.it(
    'autofocus that fails gives no picture',
    async () => {
      camera.fault('af-failed');
      const { output } = await run('--capture-image-and-download', '--filename=shot.jpg');
      expect(output).toMatch(/ERROR|Error/);
      expect(existsSync(join(home, 'shot.jpg'))).toBe(false);
      expect(jpegsOnCard()).toHaveLength(2);
    },
    TIME,
  );
});

const REAL_CONFIG = [
  '/main/settings/ownername',
  '/main/settings/output',
  '/main/settings/evfmode',
  '/main/settings/customfuncex',
  '/main/status/lensname',
  '/main/status/eosserialnumber',
  '/main/status/availableshots',
  '/main/status/batterylevel',
  '/main/imgsettings/imageformat',
  '/main/imgsettings/imageformatsd',
  '/main/imgsettings/imageformatcf',
  '/main/imgsettings/iso',
  '/main/imgsettings/whitebalance',
  '/main/imgsettings/colortemperature',
  '/main/imgsettings/colorspace',
  '/main/capturesettings/exposurecompensation',
  '/main/capturesettings/focusmode',
  '/main/capturesettings/continuousaf',
  '/main/capturesettings/aspectratio',
  '/main/capturesettings/storageid',
  '/main/capturesettings/highisonr',
  '/main/capturesettings/autoexposuremode',
  '/main/capturesettings/drivemode',
  '/main/capturesettings/picturestyle',
  '/main/capturesettings/aperture',
  '/main/capturesettings/shutterspeed',
  '/main/capturesettings/meteringmode',
  '/main/capturesettings/aeb',
  '/main/capturesettings/alomode',
];
