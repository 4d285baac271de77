/** Cameras as a program uses them, on virtual ones. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { memoryPipe } from '../src/base/byte-stream.ts';
import {
  type Camera,
  type CameraObject,
  type CameraStorage,
  connectIp,
  type DataSink,
  HotshoeError,
  makeGuid,
  type OpenOptions,
  open,
  openPtpCamera,
  type ShootOptions,
  type Shot,
  type Tap,
} from '../src/index.ts';
import {
  createVirtualCamera,
  MemoryCard,
  patternContent,
  type VirtualCamera,
  type VirtualCameraOptions,
} from '../src/virtual/index.ts';
import { settle } from './support/settle.ts';

const OPERATION = { RemoteReleaseOn: 0x9128, RemoteReleaseOff: 0x9129, GetObject: 0x1009 };

const opened: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

describe('a camera opened by the address virtual:eos-r6', () => {
  let camera: Camera;

  beforeAll(async () => {
    camera = await open('virtual:eos-r6');
  });

  afterAll(() => camera.close());

  it('says who it is', async () => {
    expect(camera.address).toBe('virtual:eos-r6');
    expect(camera.identity).toEqual({
      manufacturer: 'Canon.Inc',
      model: 'Canon EOS R6',
      firmware: '3-1.5.0',
      serialNumber: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    expect(await camera.details()).toEqual({
      modelId: 0x80000453,
      bodySerialNumber: '013070001234',
      lens: 'RF24-105mm F4 L IS USM',
      hostName: 'EOSR6',
      macAddress: '02:bf:c0:45:05:36',
      owner: undefined,
      batteryPercent: 100,
      shotsLeft: expect.any(Number),
      storages: [
        {
          id: 0x00010001,
          label: 'SD1',
          present: true,
          capacity: 31_914_983_424,
          free: expect.any(Number),
          readOnly: false,
        },
        {
          id: 0x00020000,
          label: 'SD2',
          present: false,
          capacity: undefined,
          free: undefined,
          readOnly: false,
        },
      ],
    });
  });

  it('has three photographs with thumbnails, and takes another', async () => {
    const { storage, capture } = abilities(camera);
    const pictures = (await listed(storage)).filter(({ kind }) => kind === 'file');
    expect(pictures.map(({ path }) => path)).toEqual([
      '/SD1/DCIM/100CANON/2U4A0001.JPG',
      '/SD1/DCIM/100CANON/2U4A0002.JPG',
      '/SD1/DCIM/100CANON/2U4A0003.JPG',
    ]);
    const [first] = pictures as [CameraObject];
    expect(isJpeg(await storage.thumbnail(first))).toBe(true);
    expect(isJpeg(await bytesOf(storage, first))).toBe(true);

    const shot = await capture.shoot();
    expect(shot.files).toMatchObject([{ name: '2U4A0004.JPG', where: 'card' }]);
    const [taken] = shot.files;
    const sink = new Collector();
    expect(await taken?.read(sink)).toBe(taken?.size);
    expect(isJpeg(sink.bytes())).toBe(true);
  });

  it('can be closed more than once, and does nothing afterwards', async () => {
    await camera.close();
    await camera[Symbol.asyncDispose]();
    expect(await camera.closed).toBeUndefined();
    await expect(camera.details()).rejects.toBeInstanceOf(HotshoeError);
  });

  it('does not exist for other models', async () => {
    await expect(open('virtual:eos-r9000')).rejects.toMatchObject({
      message: expect.stringContaining('eos-r9000'),
      hint: expect.stringContaining('eos-r6'),
    });
  });

  it('is not opened with a signal that is aborted', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(open('virtual:eos-r6', { signal })).rejects.toThrow('enough');
  });
});

describe('listing', () => {
  it('gives folders before what is in them, with full paths', async () => {
    const { storage } = await connected();
    const objects = await listed(storage);
    expect(objects.map(({ kind, path, size }) => [kind, path, size])).toEqual([
      ['folder', '/SD1/DCIM', 0],
      ['folder', '/SD1/DCIM/100CANON', 0],
      ['file', '/SD1/DCIM/100CANON/2U4A0001.JPG', 3_000_001],
      ['file', '/SD1/DCIM/100CANON/2U4A0002.JPG', 1 << 20],
      ['folder', '/SD1/DCIM/101CANON', 0],
      ['file', '/SD1/DCIM/101CANON/MVI_0001.MP4', 5 * 2 ** 30],
      ['file', '/SD1/DCIM/101CANON/MVI_0002.MP4', 40_000_000],
      ['file', '/SD1/README.TXT', 5],
      ['folder', '/SD1/MISC', 0],
    ]);
    const file = objects.find(({ name }) => name === '2U4A0001.JPG');
    expect(file).toMatchObject({ storageId: 0x00010001, protected: false });
    expect(file?.date).toBe('2020-09-13T12:26:40');
    expect(objects.find(({ handle }) => handle === file?.parent)?.path).toBe('/SD1/DCIM/100CANON');
  });

  it.each([
    ['/SD1/DCIM/101CANON', ['MVI_0001.MP4', 'MVI_0002.MP4']],
    ['dcim/101canon/', ['MVI_0001.MP4', 'MVI_0002.MP4']],
    ['DCIM/100CANON/2U4A0002.JPG', ['2U4A0002.JPG']],
    ['/SD1/MISC', []],
  ])('of %s gives what lies there', async (path, names) => {
    const { storage } = await connected();
    expect((await listed(storage, { path })).map(({ name }) => name)).toEqual(names);
  });

  it('stays in one folder when it is told to', async () => {
    const { storage } = await connected();
    const objects = await listed(storage, { path: 'DCIM', recursive: false });
    expect(objects.map(({ name }) => name)).toEqual(['100CANON', '101CANON']);
  });

  it.each(['NOPE', '/SD1/DCIM/NOPE', 'DCIM/100CANON/2U4A0002.JPG/x', '/SD9'])(
    'says that there is no %s',
    async (path) => {
      const { storage } = await connected();
      await expect(listed(storage, { path })).rejects.toMatchObject({
        code: 'NOT_FOUND',
        message: `there is no "${path}" on the camera`,
      });
    },
  );

  it.each(['/SD2', '/sd2/DCIM'])('says that no card is where %s names one', async (path) => {
    const { storage } = await connected();
    await expect(listed(storage, { path })).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: 'there is no card in SD2',
    });
  });

  it('finds one object by its handle, as it is listed', async () => {
    const { storage } = await connected();
    for (const object of await listed(storage)) {
      // Only lists tell whether a picture was downloaded before.
      const { isNew: _, ...listed } = object;
      expect(await storage.object(object.handle)).toMatchObject(listed);
    }
  });

  it('says when there is no object of that handle', async () => {
    const { storage } = await connected();
    await expect(storage.object(0x12345678)).rejects.toMatchObject({
      code: 'RESPONSE',
      responseName: 'Invalid_ObjectHandle',
    });
  });

  it('is empty without a card, and complete again with it', async () => {
    const { storage, virtual } = await connected();
    await virtual.cardOut();
    expect(await listed(storage)).toEqual([]);
    await virtual.cardIn();
    expect(await listed(storage)).toHaveLength(9);
  });
});

describe('reading', () => {
  it.each([
    ['DCIM/100CANON/2U4A0001.JPG', 0],
    ['DCIM/100CANON/2U4A0001.JPG', 1],
    ['DCIM/100CANON/2U4A0001.JPG', 3_000_000],
    ['DCIM/100CANON/2U4A0001.JPG', 3_000_001],
    ['DCIM/100CANON/2U4A0002.JPG', 0],
    ['DCIM/101CANON/MVI_0002.MP4', 12_345_678],
    // Across the end of 32 bits.
    ['DCIM/101CANON/MVI_0001.MP4', 2 ** 32 - 1_500_000],
    ['DCIM/101CANON/MVI_0001.MP4', 5 * 2 ** 30 - 3],
  ])('%s from byte %i on gives those bytes and their number', async (path, offset) => {
    const { storage } = await connected();
    const object = await one(storage, path);
    // Of the largest file three megabytes will do.
    const enough = offset + 3_000_000;
    const cut = { ...object, size: Math.min(object.size, offset > 2 ** 31 ? enough : object.size) };
    const sink = new Collector();
    const read = await storage.read(cut, sink, { offset });
    expect(read).toBe(cut.size - offset);
    expect(sink.announced).toEqual([cut.size - offset]);
    expect(samePattern(sink.bytes(), offset)).toBe(true);
  });

  it('reports what the sink cannot take, and goes on with the next file', async () => {
    const { storage } = await connected();
    const object = await one(storage, 'DCIM/100CANON/2U4A0001.JPG');
    const full = new Error('the disk is full');
    const failing: DataSink = { write: () => Promise.reject(full) };
    await expect(storage.read(object, failing)).rejects.toBe(full);
    expect(samePattern(await bytesOf(storage, object), 0)).toBe(true);
  });

  it('notices a file that ends early, and goes on with the next', async () => {
    const { storage, virtual } = await connected();
    const object = await one(storage, 'DCIM/100CANON/2U4A0001.JPG');
    virtual.fault('short-data');
    await expect(bytesOf(storage, object)).rejects.toMatchObject({ code: 'TRUNCATED' });
    expect(samePattern(await bytesOf(storage, object), 0)).toBe(true);
  });

  it.each(['long-data', 'garbage'])('gives the link up for nonsense (%s)', async (fault) => {
    const { storage, virtual, camera } = await connected();
    const object = await one(storage, 'DCIM/100CANON/2U4A0001.JPG');
    virtual.fault(fault);
    await expect(bytesOf(storage, object)).rejects.toMatchObject({ code: 'INVALID_DATA' });
    expect(await camera.closed).toMatchObject({ code: 'LINK_LOST' });
  });

  it('tells everybody when the link breaks in the middle', async () => {
    const { storage, virtual, camera } = await connected();
    const object = await one(storage, 'DCIM/100CANON/2U4A0001.JPG');
    virtual.fault('link-lost-mid-transfer');
    await expect(bytesOf(storage, object)).rejects.toMatchObject({ code: 'LINK_LOST' });
    expect(await camera.closed).toMatchObject({ code: 'LINK_LOST' });
    await expect(camera.details()).rejects.toMatchObject({ code: 'LINK_LOST' });
  });

  it('says when the camera is busy', async () => {
    const { storage, virtual } = await connected();
    virtual.fault('busy');
    await expect(listed(storage)).rejects.toMatchObject({ responseName: 'Device_Busy' });
  });
});

describe('taking a picture', () => {
  it('onto the card leaves it there', async () => {
    const { capture, storage } = await connected();
    const shot = await capture.shoot();
    expect(shot).toEqual({
      durationMs: expect.any(Number),
      files: [expect.objectContaining({ name: '2U4A0003.JPG', where: 'card' })],
    });
    expect(await storage.object(shot.files[0]?.handle ?? 0)).toMatchObject({
      path: '/SD1/DCIM/101CANON/2U4A0003.JPG',
      size: shot.files[0]?.size,
    });
  });

  it('for the computer hands it over and leaves nothing in the camera', async () => {
    const { capture, virtual, storage } = await connected();
    const before = await listed(storage);
    const { shot, received } = await receiving(capture.shoot.bind(capture), { to: 'host' });
    expect(received).toEqual([{ name: '2U4A0003.JPG', where: 'host', bytes: FAKE_SIZE }]);
    expect(shot.files).toHaveLength(1);
    expect(virtual.state.waitingPictures).toBe(0);
    expect(await listed(storage)).toEqual(before);
  });

  it('for both hands it over and leaves it on the card', async () => {
    const { capture, virtual } = await connected();
    const { shot, received } = await receiving(capture.shoot.bind(capture), { to: 'both' });
    expect(received).toEqual([{ name: '2U4A0003.JPG', where: 'host', bytes: FAKE_SIZE }]);
    expect(shot.files.map(({ where }) => where).sort()).toEqual(['card', 'host']);
    expect(virtual.state.waitingPictures).toBe(0);
  });

  it('goes where the camera is set to unless it is told otherwise', async () => {
    const { capture, camera } = await connected();
    const { shot } = await receiving(capture.shoot.bind(capture), { to: 'host' });
    expect(shot.files.map(({ where }) => where)).toEqual(['host']);
    const onCard = await capture.shoot();
    expect(onCard.files.map(({ where }) => where)).toEqual(['card']);
    await camera.settings?.set('target', 4);
    const next = await receiving(capture.shoot.bind(capture), {});
    expect(next.shot.files.map(({ where }) => where)).toEqual(['host']);
    expect((await capture.shoot({ to: 'card' })).files.map(({ where }) => where)).toEqual(['card']);
    expect(await camera.settings?.get('target')).toMatchObject({ number: 4 });
  });

  it('for nobody is refused before the camera is touched', async () => {
    const { capture, virtual } = await connected();
    await expect(capture.shoot({ to: 'host' })).rejects.toMatchObject({ code: 'USAGE' });
    expect(virtual.requests(OPERATION.RemoteReleaseOn)).toBe(0);
    expect((await capture.shoot()).files.map(({ where }) => where)).toEqual(['card']);
  });

  it('focuses half-pressed, then releases, then lets go of both', async () => {
    const { capture, requests } = await connected();
    await capture.shoot();
    expect(presses(requests)).toEqual(['on 1 0', 'on 2 0', 'off 2', 'off 1']);
  });

  it('without autofocus presses all at once', async () => {
    const { capture, requests } = await connected();
    await capture.shoot({ autofocus: false });
    expect(presses(requests)).toEqual(['on 3 1', 'off 3']);
  });

  it('fails with its reason when nothing can be focused, and succeeds without', async () => {
    const { capture, requests, virtual } = await connected({ faults: ['af-failed'] });
    await expect(capture.shoot()).rejects.toMatchObject({
      code: 'FOCUS_FAILED',
      message: 'the camera could not focus',
      hint: expect.stringContaining('--no-af'),
    });
    expect(presses(requests)).toEqual(['on 1 0', 'off 1']);
    expect(virtual.state.busy).toBe(false);
    expect((await capture.shoot({ autofocus: false })).files).toHaveLength(1);
  });

  it('fails with its reason when the card is full, and succeeds for the computer', async () => {
    const { capture, requests } = await connected({ faults: ['card-full'] });
    await expect(capture.shoot()).rejects.toMatchObject({
      code: 'CARD_FULL',
      message: 'there is no room for another picture',
      hint: expect.stringContaining('--to host'),
    });
    expect(presses(requests)).toEqual([]);
    const { received } = await receiving(capture.shoot.bind(capture), { to: 'host' });
    expect(received).toHaveLength(1);
  });

  it('fails with its reason when there is no card', async () => {
    const { capture, virtual } = await connected();
    await virtual.cardOut();
    await expect(capture.shoot()).rejects.toMatchObject({ code: 'NO_CARD' });
    await virtual.cardIn();
    expect((await capture.shoot()).files).toHaveLength(1);
  });

  it('waits until the camera is no longer busy', async () => {
    const { capture, virtual } = await connected();
    await capture.shoot();
    virtual.fault('busy');
    expect((await capture.shoot()).files).toHaveLength(1);
  });

  it('several times gives one picture each', async () => {
    const { capture } = await connected();
    const names: string[] = [];
    for (let i = 0; i < 5; i++) {
      names.push(...(await capture.shoot()).files.map(({ name }) => name));
    }
    expect(names).toEqual([3, 4, 5, 6, 7].map((n) => `2U4A000${n}.JPG`));
  });

  it('several times at once gives each its own picture, one after the other', async () => {
    const { capture } = await connected();
    const shots = await Promise.all([1, 2, 3].map(() => capture.shoot()));
    expect(shots.map(({ files }) => files.map(({ name }) => name))).toEqual([
      ['2U4A0003.JPG'],
      ['2U4A0004.JPG'],
      ['2U4A0005.JPG'],
    ]);
  });

  it('loses no event to somebody who asks for details all the while', async () => {
    const { camera, capture } = await connected();
    let shooting = true;
    const asking = (async () => {
      let asked = 0;
      for (; shooting; asked++) {
        await camera.details();
        // Nothing else has its turn where memory is copied to memory.
        await settle();
      }
      return asked;
    })();
    const names: string[] = [];
    for (let i = 0; i < 5; i++) {
      names.push(...(await capture.shoot({ timeoutMs: 5000 })).files.map(({ name }) => name));
    }
    shooting = false;
    expect(names).toEqual([3, 4, 5, 6, 7].map((n) => `2U4A000${n}.JPG`));
    expect(await asking).toBeGreaterThan(0);
  });

  it('is given up while another is being taken, which is not disturbed', async () => {
    const { capture } = await connected();
    const second = new AbortController();
    const first = capture.shoot();
    const given = expect(capture.shoot({ signal: second.signal })).rejects.toThrow('enough');
    second.abort(new Error('enough'));
    await given;
    expect((await first).files.map(({ name }) => name)).toEqual(['2U4A0003.JPG']);
  });

  it('is kept where nobody could receive it, and handed over with the next one', async () => {
    const { capture, virtual } = await connected();
    const full = new Error('the disk is full');
    const failing = capture.shoot({ to: 'host', receive: () => Promise.reject(full) });
    await expect(failing).rejects.toBe(full);
    expect(virtual.state.waitingPictures).toBe(1);
    const { shot, received } = await receiving(capture.shoot.bind(capture), { to: 'host' });
    expect(received.map(({ name }) => name)).toEqual(['2U4A0003.JPG', '2U4A0004.JPG']);
    expect(shot.files.map(({ name }) => name)).toEqual(['2U4A0003.JPG', '2U4A0004.JPG']);
    expect(virtual.state.waitingPictures).toBe(0);
  });
});

describe('a picture while a download runs', () => {
  it('is taken before the download has ended, and disturbs no byte of it', async () => {
    const { capture, storage } = await connected();
    // Five gigabytes: the download has not ended unless it kept the shot waiting.
    const object = await one(storage, 'DCIM/101CANON/MVI_0001.MP4');
    const enough = new AbortController();
    let got = 0;
    let same = true;
    const download = storage.read(
      object,
      {
        async write(chunk) {
          same &&= samePattern(chunk, got);
          got += chunk.length;
          // Nothing else has its turn where memory is copied to memory.
          await settle();
        },
      },
      { signal: enough.signal },
    );
    const ended = download.then(
      () => 'ended',
      () => 'aborted',
    );
    expect((await capture.shoot()).files).toHaveLength(1);
    const atShot = got;
    enough.abort();
    expect(await ended).toBe('aborted');
    expect(atShot).toBeGreaterThan(0);
    expect(same).toBe(true);
  });
});

/** Everything a user can begin, to be broken off at every point. */
const actions: [string, (camera: Camera, signal: AbortSignal) => Promise<unknown>][] = [
  ['asking for details', (camera, signal) => camera.details({ signal })],
  ['listing', (camera, signal) => listed(abilities(camera).storage, { signal })],
  [
    'reading',
    async (camera, signal) => {
      const { storage } = abilities(camera);
      const object = await one(storage, 'DCIM/100CANON/2U4A0001.JPG', signal);
      return storage.read(object, new Collector(), { signal });
    },
  ],
  ['shooting', (camera, signal) => abilities(camera).capture.shoot({ signal })],
  [
    'shooting without autofocus',
    (camera, signal) => abilities(camera).capture.shoot({ signal, autofocus: false }),
  ],
  [
    'shooting for the computer',
    (camera, signal) => {
      const { capture } = abilities(camera);
      return receiving(capture.shoot.bind(capture), { to: 'host', signal });
    },
  ],
];

describe.each(['request', 'data'] as const)('an abort at each %s of', (moment) => {
  it.each(actions)('%s leaves the camera usable', async (_, act) => {
    const seen = new Countdown(moment);
    const { camera, capture, storage, virtual } = await connected({}, { tap: seen });
    let aborts = 0;
    for (let n = 1; n < 200; n++) {
      const abort = new AbortController();
      const enough = new Error(`enough, at ${n}`);
      // A moment later, when the request is on its way.
      seen.after(n, () => queueMicrotask(() => abort.abort(enough)));
      const outcome = await act(camera, abort.signal).then(
        () => 'done',
        (error: unknown) => error,
      );
      seen.after(0);
      // Once it ends before its turn to be broken off, every point has been tried.
      if (!abort.signal.aborted) {
        expect(outcome).toBe('done');
        break;
      }
      // What ended with the very bytes that the abort came with is done all the same.
      if (outcome !== 'done') expect(outcome).toBe(enough);
      aborts++;
    }
    expect(aborts).toBeGreaterThan(moment === 'data' ? 0 : 1);
    expect(aborts).toBeLessThan(199);

    const object = await one(storage, 'DCIM/100CANON/2U4A0002.JPG');
    expect(samePattern(await bytesOf(storage, object), 0)).toBe(true);
    const shot = await capture.shoot({ to: 'card' });
    expect(shot.files.at(-1)?.where).toBe('card');
    expect(virtual.state).toMatchObject({ busy: false, sessionOpen: true });
  });
});

describe('closing', () => {
  it('gives the camera back to its user', async () => {
    const { camera, virtual } = await connected();
    await camera.details();
    expect(virtual.state).toMatchObject({ connected: true, sessionOpen: true });
    await camera.close();
    expect(virtual.state).toMatchObject({ sessionOpen: false, busy: false });
    const again = await connect(virtual);
    expect(again.identity.model).toBe('Canon EOS R6');
  });

  it('in the middle of a download ends it, and the session', async () => {
    const { camera, storage, virtual } = await connected();
    const object = await one(storage, 'DCIM/101CANON/MVI_0001.MP4');
    let closing: Promise<void> | undefined;
    const read = storage.read(object, {
      write() {
        closing ??= camera.close();
      },
    });
    await expect(read).rejects.toMatchObject({ code: 'LINK_LOST' });
    await closing;
    expect(virtual.state.sessionOpen).toBe(false);
  });

  it('happens also where opening fails half-way', async () => {
    const virtual = createVirtualCamera('eos-r6', { card: card(), faults: ['busy'] });
    opened.push(() => virtual.close());
    await expect(connect(virtual)).rejects.toMatchObject({ responseName: 'Device_Busy' });
    expect(virtual.state.sessionOpen).toBe(false);
    virtual.fault('off');
    expect((await connect(virtual)).identity.model).toBe('Canon EOS R6');
  });

  it('tells why when it was the camera that went', async () => {
    const { camera, virtual } = await connected();
    await virtual.unplug();
    expect(await camera.closed).toMatchObject({ code: 'LINK_LOST', hint: expect.any(String) });
    await camera.close();
    await expect(camera.details()).rejects.toMatchObject({ code: 'LINK_LOST' });
  });
});

/** Size of the pictures that `connected` cameras take: no photographs, but quickly made. */
const FAKE_SIZE = 1_234_567;

/** A camera with a card of known bytes; the storage, the capture, and what was asked of it. */
async function connected(options: VirtualCameraOptions = {}, open: OpenOptions = {}) {
  const fake = new Uint8Array(FAKE_SIZE);
  const virtual = createVirtualCamera('eos-r6', {
    card: card(),
    takePicture: () => ({
      jpeg: fake,
      thumbnail: new Uint8Array(0),
      thumbnailWidth: 160,
      thumbnailHeight: 120,
    }),
    ...options,
  });
  opened.push(() => virtual.close());
  const requests: string[] = [];
  const record: Tap = {
    request: ({ code, params }) => void requests.push([code.toString(16), ...params].join(' ')),
  };
  const camera = await connect(virtual, { tap: record, ...open });
  return { virtual, camera, requests, ...abilities(camera) };
}

async function connect(virtual: VirtualCamera, options: OpenOptions = {}): Promise<Camera> {
  const transport = await connectIp({
    connect: async () => {
      const [here, there] = memoryPipe('the camera', 'the computer');
      void virtual.servePtpIp(there);
      return here;
    },
    guid: makeGuid(new Uint8Array(6)),
    name: 'test',
    signal: options.signal,
  });
  const camera = await openPtpCamera(transport, 'virtual:eos-r6', options);
  opened.push(() => camera.close());
  return camera;
}

function card(): MemoryCard {
  const time = 1_600_000_000;
  const card = new MemoryCard({ capacity: 64 * 2 ** 30 });
  card.addFile('DCIM/100CANON/2U4A0001.JPG', patternContent(3_000_001), time);
  card.addFile('DCIM/100CANON/2U4A0002.JPG', patternContent(1 << 20), time);
  card.addFile('DCIM/101CANON/MVI_0001.MP4', patternContent(5 * 2 ** 30), time);
  card.addFile('DCIM/101CANON/MVI_0002.MP4', patternContent(40_000_000), time);
  card.addFile('README.TXT', new TextEncoder().encode('hello'), time);
  return card;
}

function abilities({ storage, capture }: Camera) {
  if (!storage || !capture) throw new Error('an EOS R6 has both');
  return { storage, capture };
}

/** Shoots, reading each file that is handed over. */
async function receiving(shoot: (options: ShootOptions) => Promise<Shot>, options: ShootOptions) {
  const received: { name: string; where: string; bytes: number }[] = [];
  const shot = await shoot({
    ...options,
    async receive(file) {
      const bytes = await file.read(new Collector(), { signal: options.signal });
      received.push({ name: file.name, where: file.where, bytes });
    },
  });
  return { shot, received };
}

function presses(requests: readonly string[]): string[] {
  return requests.flatMap((request) => {
    const [code, ...params] = request.split(' ');
    if (code === OPERATION.RemoteReleaseOn.toString(16)) return [`on ${params.join(' ')}`];
    if (code === OPERATION.RemoteReleaseOff.toString(16)) return [`off ${params.join(' ')}`];
    return [];
  });
}

async function listed(
  storage: CameraStorage,
  options: Parameters<CameraStorage['list']>[0] = {},
): Promise<CameraObject[]> {
  const objects: CameraObject[] = [];
  for await (const object of storage.list(options)) objects.push(object);
  return objects;
}

async function one(storage: CameraStorage, path: string, signal?: AbortSignal) {
  const [object] = await listed(storage, { path, signal });
  return object ?? expect.fail(`no ${path}`);
}

async function bytesOf(storage: CameraStorage, object: CameraObject): Promise<Uint8Array> {
  const sink = new Collector();
  await storage.read(object, sink);
  return sink.bytes();
}

/** Keeps what it is given, and what was announced. */
class Collector implements DataSink {
  announced: (number | undefined)[] = [];
  #parts: Uint8Array[] = [];

  start(size: number | undefined): void {
    this.announced.push(size);
  }

  write(chunk: Uint8Array): void {
    this.#parts.push(chunk.slice());
  }

  bytes(): Uint8Array {
    return Buffer.concat(this.#parts);
  }
}

/** Calls back at the n-th moment of its kind. */
class Countdown implements Tap {
  readonly request?: () => void;
  readonly data?: () => void;
  #left = 0;
  #run: (() => void) | undefined;

  constructor(moment: 'request' | 'data') {
    this[moment] = () => {
      this.#left--;
      if (this.#left === 0) this.#run?.();
    };
  }

  after(count: number, run?: () => void): void {
    this.#left = count;
    this.#run = run;
  }
}

function samePattern(bytes: Uint8Array, offset: number): boolean {
  const content = patternContent(offset + bytes.length);
  for (let at = 0; at < bytes.length; ) {
    const expected = content.read(offset + at, bytes.length - at);
    if (Buffer.compare(expected, bytes.subarray(at, at + expected.length)) !== 0) return false;
    at += expected.length;
  }
  return true;
}

function isJpeg(bytes: Uint8Array): boolean {
  return bytes.length > 1000 && bytes[0] === 0xff && bytes[1] === 0xd8;
}
