/** Cameras from before PTP over a cable in memory: the driver, the faults, the library. */
import { afterEach, describe, expect, it } from 'vitest';
import type { OpenOptions } from '../src/camera/address.ts';
import type { Camera, CameraObject } from '../src/camera/camera.ts';
import { openUsbCamera } from '../src/camera/open-usb.ts';
import { dataSource } from '../src/index.ts';
import { find } from '../src/node/normal.ts';
import { usbCamera } from '../src/usb/cameras.ts';
import {
  createUsbBus,
  createUsbDevice,
  createVirtualCamera,
  MemoryCard,
  type VirtualCamera,
  type VirtualCameraOptions,
} from '../src/virtual/index.ts';
import { NOW, TINY_JPEG } from './support/small-pictures.ts';

const PICTURE = Uint8Array.from({ length: 30_000 }, (_, i) => (i * 5) >> 2);
const FULL = Uint8Array.from({ length: 70_000 }, (_, i) => (i * 3) >> 1);
const REMOTE = 0x10000;
const MODELS = ['powershot-g3', 'eos-300d', 'eos-20d'] as const;

const open: Camera[] = [];
const bodies: VirtualCamera[] = [];
afterEach(async () => {
  for (const camera of open.splice(0)) await camera.close();
  for (const body of bodies.splice(0)) await body.close();
});

function bodyOf(model: string, options: VirtualCameraOptions = {}): VirtualCamera {
  const body = createVirtualCamera(model, {
    card: cardWith(),
    now: () => NOW,
    takePicture: () => ({
      ...{ jpeg: FULL, thumbnail: TINY_JPEG, thumbnailWidth: 160, thumbnailHeight: 120 },
    }),
    ...options,
  });
  bodies.push(body);
  return body;
}

function cardWith(): MemoryCard {
  const card = new MemoryCard({ capacity: 64 << 20 });
  card.addFile('DCIM/204CANON/IMG_0408.JPG', PICTURE, NOW / 1000 - 60);
  return card;
}

async function openBody(
  body: VirtualCamera,
  options: OpenOptions = {},
  transfers = true,
): Promise<Camera> {
  const found = usbCamera(createUsbDevice(body, { transfers }));
  if (!found) throw new Error('the virtual body is no camera');
  const camera = await openUsbCamera(found, options, 'linux');
  open.push(camera);
  return camera;
}

async function all(camera: Camera): Promise<CameraObject[]> {
  const found: CameraObject[] = [];
  for await (const object of camera.storage?.list() ?? []) found.push(object);
  return found;
}

async function bytesOf(read: (sink: { write(chunk: Uint8Array): void }) => Promise<number>) {
  const parts: Uint8Array[] = [];
  await read({ write: (chunk) => void parts.push(chunk.slice()) });
  return Buffer.concat(parts);
}

async function pictureOf(camera: Camera): Promise<CameraObject> {
  const picture = (await all(camera)).find(({ kind }) => kind === 'file');
  if (!picture) throw new Error('no picture');
  return picture;
}

describe.each(MODELS)('%s', (model) => {
  it('says who it is, what is on its card, and gives it', async () => {
    const camera = await openBody(bodyOf(model));
    expect(camera.identity.model).toMatch(/^Canon (PowerShot G3|EOS 300D DIGITAL|EOS 20D)$/);
    const picture = await pictureOf(camera);
    expect(picture.path).toMatch(/^\/[ACD]\/DCIM\/204CANON\/IMG_0408\.JPG$/);
    expect(picture.date).toBe('2026-11-21T10:31:04');
    expect(await bytesOf((sink) => camera.storage?.read(picture, sink) as Promise<number>)).toEqual(
      Buffer.from(PICTURE),
    );
    const details = await camera.details();
    expect(details.storages[0]).toMatchObject({ present: true, capacity: 64 << 20 });
    expect(details.bodySerialNumber !== undefined).toBe(model !== 'powershot-g3');
  });

  it.each(['card', 'host', 'both'] as const)('shoots to %s', async (to) => {
    const body = bodyOf(model);
    const camera = await openBody(body);
    const received: string[] = [];
    const shot = await camera.capture?.shoot({
      to,
      async receive(file) {
        expect(await bytesOf((sink) => file.read(sink))).toEqual(Buffer.from(FULL));
        received.push(file.where);
      },
    });
    expect(received).toEqual(to === 'both' ? ['host', 'card'] : [to]);
    if (to !== 'host') expect(shot?.files.at(-1)?.name).toBe('IMG_0409.JPG');
    await camera.close();
    expect(body.state).toMatchObject({ remoteMode: 0, busy: false });
  });

  it('takes a new owner and a new clock', async () => {
    const camera = await openBody(bodyOf(model));
    expect((await camera.settings?.set('owner', 'Kiril'))?.label).toBe('Kiril');
    const set = await camera.settings?.set('clock', '2012-01-08T04:37:32');
    expect(set?.label).toBe('2012-01-08T04:37:32');
  });

  it('takes settings, by their lists', async () => {
    const camera = await openBody(bodyOf(model));
    expect((await camera.settings?.set('iso', '100'))?.label).toBe('ISO 100');
    expect((await camera.settings?.set('compensation', '-1'))?.label).toBe('-1');
    const format = await camera.settings?.set('image-format', 'small fine');
    expect(format?.label).toBe('small fine');
    await expect(camera.settings?.set('iso', '12800')).rejects.toMatchObject({ code: 'USAGE' });
  });

  it('without a card, and with a full one', async () => {
    const body = bodyOf(model);
    const camera = await openBody(body);
    body.fault('card-full');
    await expect(camera.capture?.shoot({ to: 'card' })).rejects.toMatchObject({
      code: 'CARD_FULL',
    });
    body.fault('off');
    await body.control('card out');
    await expect(camera.capture?.shoot({ to: 'card' })).rejects.toMatchObject({ code: 'NO_CARD' });
    expect((await camera.storage?.units())?.[0]?.present).toBe(false);
    const shot = await camera.capture?.shoot({ to: 'host' });
    expect(shot?.files[0]?.size).toBe(FULL.length);
  });

  it('when it cannot focus', async () => {
    const camera = await openBody(bodyOf(model, { faults: ['af-failed'] }));
    await expect(camera.capture?.shoot()).rejects.toMatchObject({ code: 'FOCUS_FAILED' });
  });
});

describe('powershot-g3', () => {
  it('puts, protects, deletes, makes and removes folders', async () => {
    const { storage } = await openBody(bodyOf('powershot-g3'));
    const folder = await storage?.makeFolder?.('DCIM/205CANON');
    const put = await storage?.put?.({
      ...{ name: 'aut_0001.jpg', folder: 'DCIM/205CANON', content: dataSource(PICTURE) },
    });
    expect(put).toMatchObject({ name: 'AUT_0001.JPG', size: PICTURE.length, isNew: true });
    if (!storage || !put || !folder) throw new Error('not there');
    expect(await bytesOf((sink) => storage.read(put, sink))).toEqual(Buffer.from(PICTURE));
    await storage.protect?.(put, true);
    await expect(storage.remove?.(put)).rejects.toThrow(/protected/);
    await storage.protect?.(put, false);
    await storage.remove?.(folder);
    await expect(storage.object(put.handle)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(
      storage.put?.({ name: 'a long name.jpg', content: dataSource(PICTURE) }),
    ).rejects.toMatchObject({ code: 'USAGE' });
  });

  it('shows live view, zooms, locks the focus, sets macro', async () => {
    const body = bodyOf('powershot-g3');
    const camera = await openBody(body);
    let frames = 0;
    for await (const { jpeg } of camera.liveView?.frames() ?? []) {
      expect([...jpeg.subarray(0, 2), ...jpeg.subarray(-2)]).toEqual([0xff, 0xd8, 0xff, 0xd9]);
      if (++frames === 3) break;
    }
    expect(body.state.liveView).toBe(false);
    await camera.zoom?.set(13);
    expect((await camera.zoom?.get())?.position).toBe(13);
    await using held = await camera.capture?.half?.();
    expect(held?.focus).toBe('unknown');
    expect([body.requests(REMOTE + 0x16), body.requests(REMOTE + 0x17)]).toEqual([1, 0]);
    expect((await camera.settings?.set('macro', 'on'))?.label).toBe('on');
  });

  it('goes on after a session that was cut in remote control', async () => {
    const body = bodyOf('powershot-g3');
    const device = createUsbDevice(body);
    const found = usbCamera(device);
    if (!found) throw new Error('no camera');
    const first = await openUsbCamera(found, {}, 'linux');
    await first.settings?.get('iso');
    // As when a program is killed: the interface is let go, and nothing is said.
    await device.close();
    const camera = await openBody(body);
    expect(body.state.remoteMode).toBe(1);
    expect((await camera.capture?.shoot())?.files).toHaveLength(1);
  });

  it('finds out that the first answer of such a session is spoilt', async () => {
    const body = bodyOf('powershot-g3');
    const first = await openBody(body);
    await first.close();
    body.fault('spoilt-first-answer');
    const camera = await openBody(body);
    expect(camera.identity.firmware).toBe('1.0.2.0');
  });

  it.each(['garbage', 'wrong-transaction-id', 'short-data', 'stall-data', 'babble'])(
    'an answer goes wrong (%s): an error, and the next one is right',
    async (fault) => {
      const body = bodyOf('powershot-g3');
      const camera = await openBody(body);
      const picture = await pictureOf(camera);
      body.fault(fault);
      const read = () => bytesOf((sink) => camera.storage?.read(picture, sink) as Promise<number>);
      const settings = () => camera.settings?.get('clock');
      await expect(fault.endsWith('data') ? read() : settings()).rejects.toThrow();
      expect(await read()).toEqual(Buffer.from(PICTURE));
    },
    30_000,
  );

  it('is unplugged within a file', async () => {
    const body = bodyOf('powershot-g3');
    const camera = await openBody(body);
    const picture = await pictureOf(camera);
    body.fault('link-lost-mid-transfer');
    await expect(
      bytesOf((sink) => camera.storage?.read(picture, sink) as Promise<number>),
    ).rejects.toMatchObject({ code: 'LINK_LOST' });
    expect(await camera.closed).toMatchObject({ code: 'LINK_LOST' });
  });

  it('breaks off a download, and goes on', async () => {
    const camera = await openBody(bodyOf('powershot-g3'));
    const picture = await pictureOf(camera);
    const stop = new AbortController();
    const sink = { write: () => stop.abort(new Error('enough')) };
    const options = { signal: stop.signal };
    await expect(camera.storage?.read(picture, sink, options)).rejects.toThrow('enough');
    expect((await camera.settings?.get('owner'))?.label).toBe('');
  });

  it('a lens that does not come out is told', async () => {
    const camera = await openBody(bodyOf('powershot-g3', { faults: ['lens-error'] }));
    await expect(camera.capture?.shoot()).rejects.toMatchObject({ code: 'LENS_ERROR' });
  });

  it('works where reads cannot be taken back, as in a browser', async () => {
    const camera = await openBody(bodyOf('powershot-g3'), {}, false);
    const picture = await pictureOf(camera);
    expect(await bytesOf((sink) => camera.storage?.read(picture, sink) as Promise<number>)).toEqual(
      Buffer.from(PICTURE),
    );
  });

  it('does not pretend to speak PTP', async () => {
    await expect(openBody(bodyOf('powershot-g3'), { mode: 'ptp' })).rejects.toMatchObject({
      code: 'UNSUPPORTED',
    });
  });
});

it('canon-remote’s library', async () => {
  const body = bodyOf('powershot-g3');
  await using camera = await find({ productId: 0x306e, usb: createUsbBus([body]) });
  await camera.initialize();
  expect(`${camera}`).toBe('<Canon PowerShot G3 v1.0.2.0>');
  await camera.setOwner('Kiril');
  expect(await camera.owner).toBe('Kiril');
  await camera.setCameraTime(new Date('2012-01-08T04:37:32Z'));
  expect((await camera.cameraTime).toISOString()).toBe('2012-01-08T04:37:32.000Z');
  expect(await camera.onAcPower).toBe(false);
  expect((await camera.abilities)[0]).toMatchObject({ width: 2272, height: 1704 });
  const walked: string[] = [];
  for await (const { path, files } of camera.storage.walk()) {
    walked.push(path, ...files.map(({ name }) => name));
  }
  expect(walked).toContain('IMG_0408.JPG');
  camera.capture.transferMode = 3;
  await camera.capture.start();
  const { image, thumbnail } = await camera.capture.shoot();
  expect([image?.length, thumbnail?.length]).toEqual([FULL.length, TINY_JPEG.length]);
  await camera.capture.setMacro(true);
  expect(await camera.capture.macro).toBe(true);
  await camera.capture.stop();
  expect(body.state.remoteMode).toBe(0);
});
