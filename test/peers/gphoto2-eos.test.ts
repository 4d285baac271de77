/** What gphoto2 does with an EOS body, on all three virtual ones. */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { afterEach, beforeEach, expect } from 'vitest';
import { createVirtualCamera, MemoryCard, type VirtualCamera } from '../../src/virtual/index.ts';
import { takePicture } from '../../src/virtual/picture/index.ts';
import { commandLine } from '../support/command-line.ts';
import { onUsb, overTcp, type Program } from '../support/eos-peers.ts';
import { inNetwork } from '../support/network-camera.ts';
import { peer, runs } from '../support/peers.ts';
import { umockdevProbe } from '../support/usb/usb-host.ts';

const tools = () =>
  runs('gphoto2', '--version') ?? runs('exiftool', '-ver') ?? runs('ffprobe', '-version');

/** As gphoto2 names the value, and as hotshoe does. */
type Settings = Readonly<Record<string, readonly [theirs: string, ours: string]>>;

const COMMON = {
  iso: ['400', 'iso=ISO 400'],
  whitebalance: ['Cloudy', 'white-balance=cloudy'],
  capturetarget: ['Memory card', 'target='],
} as const;

const BODIES: readonly {
  model: string;
  peer: ReturnType<typeof peer>;
  connect: (camera: VirtualCamera) => Promise<Program>;
  settings: Settings;
  raw: [label: string, extension: string, type: string];
  holds: boolean;
}[] = [
  {
    model: 'eos-r6',
    peer: peer('gphoto2, exiftool and ffmpeg', tools),
    connect: overTcp,
    settings: {
      ...COMMON,
      aperture: ['8', 'aperture=f/8'],
      shutterspeed: ['1/250', 'shutter=1/250'],
      imageformat: ['Small Fine JPEG', 'image-format=S1'],
      drivemode: ['Continuous low speed', 'drive=low-speed continuous'],
    },
    raw: ['RAW + Large Fine JPEG', 'CR3', 'CR3'],
    holds: true,
  },
  {
    model: 'eos-1300d',
    peer: peer('gphoto2, exiftool and ffmpeg', tools),
    connect: overTcp,
    settings: {
      ...COMMON,
      aperture: ['8', 'aperture=f/8'],
      shutterspeed: ['1/200', 'shutter=1/200'],
      imageformat: ['Small Fine JPEG', 'image-format=S1'],
      drivemode: ['Continuous', 'drive=continuous'],
    },
    raw: ['RAW + Large Fine JPEG', 'CR2', 'CR2'],
    holds: true,
  },
  {
    model: 'eos-40d',
    peer: peer('gphoto2 on USB, exiftool and ffmpeg', () => tools() ?? umockdevProbe()),
    connect: onUsb,
    settings: {
      ...COMMON,
      aperture: ['8', 'aperture=f/8'],
      shutterspeed: ['1/250', 'shutter=1/250'],
      imageformat: ['Small Fine JPEG', 'image-format=S'],
      drivemode: ['Continuous low speed', 'drive=low-speed continuous'],
    },
    raw: ['RAW + Large Fine JPEG', 'CR2', 'CR2'],
    // It has RemoteRelease alone, so gphoto2 shows no `eosremoterelease`, but `bulb`.
    holds: false,
  },
];

const TIME = 90_000;

for (const body of BODIES) {
  let card: MemoryCard;
  let camera: VirtualCamera;
  let program: Program;
  const run = (...args: string[]) => program.run(...args);
  const pictures = () => card.paths().filter((each) => /\.(JPG|CR.)$/.test(each));

  body.peer.describe(`gphoto2 with a virtual ${body.model}`, () => {
    beforeEach(async () => {
      card = new MemoryCard();
      camera = createVirtualCamera(body.model, {
        card,
        // Small ones are made quickly.
        takePicture: (request) => takePicture({ ...request, width: 720, height: 480 }),
      });
      program = await body.connect(camera);
    });
    afterEach(() => program.close());

    body.peer.it(
      '--list-all-config',
      async () => {
        const output = await run('--list-all-config');
        const entries = output.split(/^(?=\/main\/)/m).filter((each) => each.startsWith('/main/'));
        expect(entries.length).toBeGreaterThan(50);
        for (const entry of entries) expect(entry).toMatch(/^Label: .*\n(?:.*\n)*END$/m);
        expect(output).not.toContain('*** Error');
      },
      TIME,
    );

    body.peer.it(
      '--set-config of what photographers set, read by another gphoto2 and by hotshoe',
      async () => {
        const settings = Object.entries(body.settings);
        const set = settings.flatMap(([name, [value]]) => ['--set-config', `${name}=${value}`]);
        expect(await run(...set)).not.toContain('Error');
        const read = await run(...settings.flatMap(([name]) => ['--get-config', name]));
        const current = [...read.matchAll(/^Current: (.*)$/gm)].map(([, value]) => value);
        expect(current).toEqual(settings.map(([, [value]]) => value));
        const network = await inNetwork(camera);
        try {
          const names = Object.keys(body.settings);
          const { stdout } = await commandLine(['-c', network.address, 'config', ...names]);
          for (const [, [, ours]] of settings) {
            // Where pictures go is chosen for the session by whoever is connected.
            if (!ours.startsWith('target=')) expect(stdout).toContain(`${ours}\n`);
          }
        } finally {
          await network.stopListening();
        }
      },
      TIME,
    );

    body.peer.it(
      'viewfinder, eoszoom, manualfocusdrive',
      async () => {
        const output = await run(
          ...['--set-config', 'viewfinder=1', '--capture-preview', '--set-config', 'eoszoom=5'],
          ...['--set-config', 'manualfocusdrive=Near 2', '--get-config', 'viewfinder'],
          ...['--set-config', 'viewfinder=0'],
        );
        expect(output).not.toContain('*** Error');
        expect(camera.requests(0x9158)).toBe(1);
        expect(camera.requests(0x9155)).toBe(1);
        expect(camera.state.liveView).toBe(false);
      },
      TIME,
    );

    body.peer.it(
      '--capture-movie, whose frames ffmpeg decodes',
      async () => {
        await run('--capture-movie=5s');
        const probe = execFileSync(
          'ffprobe',
          [
            ...['-v', 'error', '-f', 'mjpeg', '-count_frames', '-of', 'json'],
            ...['-show_entries', 'stream=nb_read_frames,width,height'],
            path.join(program.home, 'movie.mjpg'),
          ],
          { encoding: 'utf8' },
        );
        const [stream] = JSON.parse(probe).streams;
        expect(Number(stream.nb_read_frames)).toBeGreaterThan(20);
        const size = { 'eos-r6': 960, 'eos-1300d': 1056, 'eos-40d': 1024 }[body.model];
        expect(stream.width).toBe(size);
      },
      TIME,
    );

    body.peer.it(
      '--capture-tethered sees the button pressed',
      async () => {
        const tethered = run('--capture-tethered=6s', '--keep');
        while (camera.requests(0x9116) < 6) await new Promise((done) => setTimeout(done, 20));
        await camera.press();
        expect(await tethered).toMatch(/Saving file as .*jpg/i);
        // It has set the camera to give pictures to the computer.
        expect(camera.requests(0x9117)).toBe(1);
      },
      TIME,
    );

    body.peer.it(
      'RAW and JPEG of one exposure',
      async () => {
        const [label, extension, type] = body.raw;
        const output = await run(
          ...['--set-config', `imageformat=${label}`, '--set-config', 'capturetarget=1'],
          ...['--keep', '--capture-image-and-download', '--wait-event-and-download=2s'],
          '--filename=shot.%C',
        );
        expect(output).not.toContain('*** Error');
        expect(pictures().map((each) => path.extname(each))).toEqual([`.${extension}`, '.JPG']);
        const raw = path.join(program.home, `shot.${extension}`);
        const tags = ['-j', '-FileType', '-Model', '-Validate', '-n'];
        const [facts] = JSON.parse(execFileSync('exiftool', [...tags, raw], { encoding: 'utf8' }));
        expect(facts).toMatchObject({ FileType: type, Validate: '0 0 0' });
        expect(facts.Model).toMatch(/^Canon EOS/);
        for (const tag of ['-PreviewImage', '-ThumbnailImage']) {
          const jpeg = execFileSync('exiftool', ['-b', tag, raw]);
          expect([...jpeg.subarray(0, 3)]).toEqual([0xff, 0xd8, 0xff]);
        }
      },
      TIME,
    );

    body.peer.it(
      'bulb',
      async () => {
        const [press, release] = body.holds
          ? ['eosremoterelease=Press Full', 'eosremoterelease=Release Full']
          : ['bulb=1', 'bulb=0'];
        const output = await run(
          ...['--set-config', 'shutterspeed=bulb', '--set-config', 'capturetarget=1', '--keep'],
          ...['--set-config', press, '--wait-event=2s', '--set-config', release],
          ...['--wait-event-and-download=3s', '--filename=bulb.jpg'],
        );
        expect(output).not.toContain('*** Error');
        const file = path.join(program.home, 'bulb.jpg');
        const [tags] = JSON.parse(
          execFileSync('exiftool', ['-j', '-n', '-ExposureTime', file], { encoding: 'utf8' }),
        );
        expect(tags.ExposureTime).toBeGreaterThan(1.8);
        expect(tags.ExposureTime).toBeLessThan(4);
      },
      TIME,
    );

    if (!body.holds) return;
    body.peer.it(
      'eosremoterelease',
      async () => {
        const output = await run(
          '--set-config',
          'capturetarget=1',
          '--set-config',
          'eosremoterelease=Immediate',
          '--wait-event=2s',
        );
        expect(output).not.toContain('*** Error');
        expect(pictures()).toHaveLength(1);
        const half = await run('--set-config', 'eosremoterelease=Press Half', '--wait-event=1s');
        expect(half).not.toContain('*** Error');
        expect(camera.state.busy).toBe(false);
      },
      TIME,
    );
  });
}
