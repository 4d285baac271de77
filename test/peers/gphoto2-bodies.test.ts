/**
 * gphoto2 with the virtual EOS 1300D, over TCP, and the EOS 40D, which has no network, on USB. It can
 * end with 0 in spite of failures: content counts.
 */
import { spawnSync } from 'node:child_process';
import { afterEach, beforeEach, expect } from 'vitest';
import {
  createVirtualCamera,
  MemoryCard,
  type Picture,
  type VirtualCamera,
} from '../../src/virtual/index.ts';
import { takePicture } from '../../src/virtual/picture/index.ts';
import { onUsb, overTcp, type Program } from '../support/eos-peers.ts';
import { hash } from '../support/gphoto2.ts';
import { peer, runs } from '../support/peers.ts';
import { umockdevProbe } from '../support/usb/usb-host.ts';

const exiftool = (...args: string[]) => spawnSync('exiftool', args, { encoding: 'utf8' }).stdout;
const tools = () => runs('gphoto2', '--version') ?? runs('exiftool', '-ver');

const BODIES = [
  {
    model: 'eos-1300d',
    peer: peer('gphoto2 and exiftool', tools),
    connect: overTcp,
    summary: ['Canon EOS 1300D', '3-1.2.0', 'Canon EOS Capture, Canon EOS Capture 2', 'SD'],
    release: [0x9128, 0x910f],
    store: '/store_00020001',
    size: '5184 3456',
    settings: {
      iso: '1600',
      aperture: '8',
      shutterspeed: '1/200',
      whitebalance: 'Shadow',
      imageformat: 'Small Fine JPEG',
      drivemode: 'Continuous timer',
      meteringmode: 'Partial',
      picturestyle: 'Landscape',
      capturetarget: 'Memory card',
      artist: 'Jane Q. Example',
    },
  },
  {
    model: 'eos-40d',
    peer: peer('gphoto2 on USB, and exiftool', () => tools() ?? umockdevProbe()),
    connect: onUsb,
    summary: ['Canon EOS 40D', '3-1.0.5', 'No Open Capture, Canon EOS Capture\n', 'CF'],
    release: [0x910f, 0x9128],
    store: '/store_00010001',
    size: '3888 2592',
    settings: {
      iso: '1600',
      aperture: '8',
      shutterspeed: '1/8000',
      whitebalance: 'Color Temperature',
      colortemperature: '3200',
      imageformat: 'Small Normal JPEG',
      drivemode: 'Continuous low speed',
      meteringmode: 'Spot',
      capturetarget: 'Memory card',
      ownername: 'Jane Q. Example',
    },
  },
] as const;

const TIME = 60_000;
const FOLDER = 'DCIM/100CANON';

/** Two pictures of a size that is made quickly. */
const photographs: readonly Picture[] = [1, 2].map((counter) =>
  takePicture({
    width: 720,
    height: 480,
    exposure: { aperture: 5.6, shutter: 1 / 125, iso: 400, focalLength: 50 },
    takenAt: { year: 2026, month: 11, day: 21, hour: 10, minute: 0, second: 5, milliseconds: 0 },
    counter,
    make: 'Canon',
    model: 'Canon',
    firmware: 'Firmware Version 1.0.0',
  }),
);

for (const body of BODIES) {
  const [released, notReleased] = body.release;
  let card: MemoryCard;
  let camera: VirtualCamera;
  let program: Program;
  const run = (...args: string[]) => program.run(...args);
  const pictures = () => card.paths().filter((path) => path.endsWith('.JPG'));

  body.peer.describe(`gphoto2 on a virtual ${body.model}`, () => {
    beforeEach(async () => {
      card = new MemoryCard();
      for (const [i, { jpeg }] of photographs.entries()) {
        card.addFile(`${FOLDER}/IMG_000${i + 1}.JPG`, jpeg, Date.UTC(2026, 10, 21) / 1000);
      }
      camera = createVirtualCamera(body.model, { card });
      program = await body.connect(camera);
    });
    afterEach(() => program.close());

    body.peer.it(
      '--summary',
      async () => {
        const [model, version, capture, storage] = body.summary;
        const output = await run('--summary');
        expect(output).toContain(`Model: ${model}\n`);
        expect(output).toContain(`Version: ${version}\n`);
        expect(output).toContain(capture);
        expect(output).toContain(`StorageDescription: ${storage}\n`);
        expect(output).toContain(`Property 0xd402:(read only) (type=0xffff) '${model}'`);
        expect(output).not.toContain('Error');
      },
      TIME,
    );

    body.peer.it(
      '--list-config shows what one of a real body of its kind does',
      async () => {
        const names = (await run('--list-config')).trim().split('\n');
        for (const name of CONFIG) expect(names).toContain(name);
        for (const name of ONLY[body.model]) expect(names).toContain(name);
        for (const name of ABSENT[body.model]) expect(names).not.toContain(name);
      },
      TIME,
    );

    body.peer.it(
      '--set-config, read back by another gphoto2',
      async () => {
        const settings = Object.entries(body.settings);
        const set = await run(...settings.flatMap((each) => ['--set-config', each.join('=')]));
        expect(set).not.toContain('Error');
        const output = await run(...settings.flatMap(([name]) => ['--get-config', name]));
        const current = [...output.matchAll(/^Current: (.*)$/gm)].map(([, value]) => value);
        expect(current).toEqual(settings.map(([, value]) => value));
      },
      TIME,
    );

    body.peer.it(
      '--capture-image to the card',
      async () => {
        const output = await run('--set-config', 'capturetarget=1', '--capture-image');
        expect(output).toContain(`${body.store}/${FOLDER}/IMG_0003.JPG`);
        expect(pictures()).toContain(`${FOLDER}/IMG_0003.JPG`);
        expect(camera.requests(released)).toBeGreaterThan(0);
        expect(camera.requests(notReleased)).toBe(0);
        expect(camera.state).toMatchObject({ sessionOpen: false, busy: false });
      },
      TIME,
    );

    body.peer.it(
      '--capture-image-and-download from the card: every byte',
      async () => {
        const output = await run(
          ...['--set-config', 'capturetarget=1', '--keep'],
          ...['--capture-image-and-download', '--filename=shot.jpg'],
        );
        expect(output).toContain('Saving file as shot.jpg');
        const onCard: Uint8Array[] = [];
        for await (const part of card.read(`${FOLDER}/IMG_0003.JPG`, 0, 1e8)) {
          onCard.push(part.slice());
        }
        expect(hash(program.read('shot.jpg'))).toBe(hash(Buffer.concat(onCard)));
      },
      TIME,
    );

    body.peer.it(
      '--capture-image-and-download to the computer, and exiftool reads it',
      async () => {
        const output = await run(
          ...['--set-config', 'iso=400', '--set-config', 'aperture=5.6'],
          ...['--capture-image-and-download', '--filename=shot.jpg'],
        );
        expect(output).toContain('Saving file as shot.jpg');
        const fields = ['-Model', '-ISO', '-FNumber', '-ImageSize', '-Validate'];
        const [tags] = JSON.parse(exiftool('-j', '-n', ...fields, `${program.home}/shot.jpg`));
        expect(tags).toMatchObject({
          Model: body.summary[0],
          ISO: 400,
          FNumber: 5.6,
          ImageSize: body.size,
          Validate: '0 0 0',
        });
        expect(pictures()).toHaveLength(2);
        expect(camera.requests(0x9117)).toBe(1);
      },
      TIME,
    );

    body.peer.it(
      '--capture-preview',
      async () => {
        await run('--capture-preview');
        const preview = program.read('capture_preview.jpg');
        expect([...preview.subarray(0, 3)]).toEqual([0xff, 0xd8, 0xff]);
        expect(camera.state.liveView).toBe(false);
      },
      TIME,
    );

    body.peer.it(
      'no picture where autofocus fails',
      async () => {
        camera.fault('af-failed');
        const output = await run('--capture-image');
        expect(output).toContain('Error');
        expect(pictures()).toHaveLength(2);
        expect(camera.state).toMatchObject({ sessionOpen: false, busy: false });
      },
      TIME,
    );

    body.peer.it(
      '--list-files, --get-file, --get-thumbnail, --delete-file',
      async () => {
        const folder = `${body.store}/${FOLDER}`;
        const listed = await run('--list-files');
        expect(listed).toContain(`There are 2 files in folder '${folder}'.`);
        expect(listed).toMatch(/#2 +IMG_0002\.JPG +rd +\d+ KB image\/jpeg/);
        await run('--get-file', '2');
        expect(hash(program.read('IMG_0002.JPG'))).toBe(hash((photographs[1] as Picture).jpeg));
        await run('--get-thumbnail', '1');
        const thumbnail = (photographs[0] as Picture).thumbnail;
        expect(hash(program.read('thumb_IMG_0001.jpg'))).toBe(hash(thumbnail));
        await run('--folder', folder, '--delete-file', '1');
        expect(pictures()).toEqual([`${FOLDER}/IMG_0002.JPG`]);
      },
      TIME,
    );
  });
}

/** In libgphoto2's listings of an EOS 1000D and of an EOS 2000D alike. */
const CONFIG = [
  '/main/actions/uilock',
  '/main/actions/autofocusdrive',
  '/main/actions/manualfocusdrive',
  '/main/actions/eoszoom',
  '/main/actions/eoszoomposition',
  '/main/settings/datetime',
  '/main/settings/reviewtime',
  '/main/settings/output',
  '/main/settings/evfmode',
  '/main/settings/ownername',
  '/main/settings/capturetarget',
  '/main/settings/capture',
  '/main/status/model',
  '/main/status/ptpversion',
  '/main/status/batterylevel',
  '/main/status/serialnumber',
  '/main/status/shuttercounter',
  '/main/status/availableshots',
  '/main/imgsettings/imageformat',
  '/main/imgsettings/iso',
  '/main/imgsettings/whitebalance',
  '/main/imgsettings/whitebalanceadjusta',
  '/main/imgsettings/whitebalanceadjustb',
  '/main/imgsettings/whitebalancexa',
  '/main/imgsettings/whitebalancexb',
  '/main/imgsettings/colorspace',
  '/main/capturesettings/exposurecompensation',
  '/main/capturesettings/focusmode',
  '/main/capturesettings/autoexposuremode',
  '/main/capturesettings/drivemode',
  '/main/capturesettings/picturestyle',
  '/main/capturesettings/aperture',
  '/main/capturesettings/meteringmode',
  '/main/capturesettings/bracketmode',
  '/main/other/d402',
  '/main/other/d407',
  '/main/other/d406',
];

/** In the listing of the EOS 2000D alone, and in that of the EOS 1000D alone. */
const MODERN = [
  '/main/actions/eosremoterelease',
  '/main/actions/cancelautofocus',
  '/main/settings/datetimeutc',
  '/main/settings/artist',
  '/main/settings/copyright',
  '/main/settings/focusinfo',
  '/main/settings/movierecordtarget',
  '/main/status/lensname',
  '/main/capturesettings/aeb',
  '/main/other/d303',
  '/main/other/5001',
];
const OLD = ['/main/actions/bulb', '/main/status/dpofversion'];
const ONLY = { 'eos-1300d': MODERN, 'eos-40d': OLD } as const;
const ABSENT = { 'eos-1300d': OLD, 'eos-40d': MODERN } as const;
