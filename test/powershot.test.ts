/** PowerShots of the older extension as a program uses them: by a virtual A70 on USB, and worse. */
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import {
  type Camera,
  type CameraEvent,
  connectUsb,
  DeviceInfo,
  openPtpCamera,
  type ShotFile,
} from '../src/index.ts';
import { createUsbDevice, MemoryCard, type VirtualCamera } from '../src/virtual/index.ts';
import { fromHex } from './support/hex-fixture.ts';
import { scriptedTransport } from './support/scripted-transport.ts';
import { smallA70, TINY_JPEG } from './support/small-pictures.ts';

const TERMINATE_RELEASE_CONTROL = 0x9009;
const VIEWFINDER_ON = 0x900b;
const VIEWFINDER_OFF = 0x900c;
const CAPTURE = 0x901a;

const opened: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

async function connect(virtual: VirtualCamera): Promise<Camera> {
  const device = createUsbDevice(virtual);
  const transport = await connectUsb({ device, name: 'A70' });
  const camera = await openPtpCamera(transport, 'usb:');
  opened.push(() => camera.close());
  return camera;
}

function virtualA70(options: Parameters<typeof smallA70>[0] = {}): VirtualCamera {
  const virtual = smallA70(options);
  opened.push(() => virtual.close());
  return virtual;
}

/** The capabilities that the tests are about; a camera that lacks one fails them. */
function parts(camera: Camera) {
  const { capture, liveView, focus, zoom, settings, events, storage } = camera;
  if (!(capture && liveView && focus && zoom && settings && events && storage)) {
    throw new Error('something is missing');
  }
  return { capture, liveView, focus, zoom, settings, events, storage };
}

async function bytesOf(file: ShotFile): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  await file.read({ write: (chunk) => void chunks.push(chunk.slice()) });
  return Buffer.concat(chunks);
}

describe('release control', () => {
  it('is entered for what needs it, and left on the way out', async () => {
    const virtual = virtualA70();
    const camera = await connect(virtual);
    await camera.details();
    expect(virtual.state.remoteMode).toBe(0);
    await parts(camera).settings.get('iso');
    expect(virtual.state.remoteMode).toBe(1);
    await camera.close();
    expect(virtual.state.remoteMode).toBe(0);
    expect(virtual.requests(TERMINATE_RELEASE_CONTROL)).toBe(1);
  });

  it('that a broken session has left behind ends with the next one', async () => {
    const virtual = virtualA70();
    const first = await connect(virtual);
    for await (const _frame of parts(first).liveView.frames()) break;
    await parts(first).settings.set('iso', '200');
    // As a program that is killed: neither the session nor release control is ended.
    await first.ptp?.transport.close();
    expect(virtual.state.remoteMode).toBe(1);

    const second = await connect(virtual);
    expect(virtual.state).toMatchObject({ remoteMode: 0, liveView: false });
    // The factory's: what it was before nobody knows.
    const mode = await second.ptp?.getDevicePropValue(0xd045, 4);
    expect(mode).toBe(4);
    const { files } = await parts(second).capture.shoot();
    expect(files).toHaveLength(1);
  });
});

describe('shooting', () => {
  it('goes to the card where nothing else is said, and is read from there', async () => {
    const camera = await connect(virtualA70());
    const { files } = await parts(camera).capture.shoot();
    expect(files).toMatchObject([{ name: 'IMG_0002.JPG', where: 'card', storageId: 0x10001 }]);
    expect(await bytesOf(files[0] as ShotFile)).toEqual(Buffer.from(TINY_JPEG));
  });

  it('to the computer leaves nothing on the card; to both it comes twice', async () => {
    const card = new MemoryCard();
    const camera = await connect(virtualA70({ card }));
    const received: ShotFile[] = [];
    const receive = async (file: ShotFile) => {
      expect(await bytesOf(file)).toEqual(Buffer.from(TINY_JPEG));
      received.push(file);
    };
    await parts(camera).capture.shoot({ to: 'host', receive });
    // The body calls it VirtualObject.
    expect(received).toMatchObject([{ where: 'host', name: 'IMG_20261121_103205.JPG' }]);
    expect(card.paths().filter((path) => path.endsWith('.JPG'))).toEqual([]);
    const { files } = await parts(camera).capture.shoot({ to: 'both', receive });
    expect(files.map(({ where }) => where).sort()).toEqual(['card', 'host']);
    expect(card.paths()).toContain('DCIM/100CANON/IMG_0002.JPG');
  });

  it('goes on while somebody watches, with the viewfinder off meanwhile', async () => {
    const virtual = virtualA70();
    const camera = await connect(virtual);
    const { capture, liveView } = parts(camera);
    let frames = 0;
    for await (const { jpeg } of liveView.frames()) {
      expect([...jpeg.subarray(0, 2)]).toEqual([0xff, 0xd8]);
      if (frames++ === 1) await capture.shoot();
      if (frames === 4) break;
    }
    expect(virtual.requests(VIEWFINDER_ON)).toBe(2);
    expect(virtual.requests(VIEWFINDER_OFF)).toBe(2);
    expect(virtual.requests(CAPTURE)).toBe(1);
    expect(virtual.state.liveView).toBe(false);
  });

  it('says why there is no picture', async () => {
    const virtual = virtualA70();
    const camera = await connect(virtual);
    const { capture } = parts(camera);
    virtual.fault('card-full');
    await expect(capture.shoot()).rejects.toMatchObject({ code: 'CARD_FULL' });
    virtual.fault('off');
    await virtual.cardOut();
    await expect(capture.shoot({ to: 'card' })).rejects.toMatchObject({ code: 'NO_CARD' });
    // Without a card it is the computer that they go to.
    await expect(capture.shoot()).rejects.toMatchObject({ code: 'USAGE' });
    const { files } = await capture.shoot({ receive: async () => {} });
    expect(files).toMatchObject([{ where: 'host' }]);
    for (const way of [{ autofocus: false }, { bulbMs: 10 }, { burst: 2 }, { selfTimerMs: 2000 }]) {
      expect(() => capture.release(way)).toThrow(/this camera/);
      await expect(capture.shoot(way)).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    }
  });

  it('waits out a camera that is busy', async () => {
    const virtual = virtualA70();
    const camera = await connect(virtual);
    await parts(camera).capture.shoot();
    virtual.fault('busy');
    const { files } = await parts(camera).capture.shoot();
    expect(files).toHaveLength(1);
  });

  it('holds focus', async () => {
    const virtual = virtualA70();
    const camera = await connect(virtual);
    const { capture, focus } = parts(camera);
    {
      await using press = await capture.half?.();
      expect(press?.focus).toBe('unknown');
      await capture.shoot();
    }
    expect([virtual.requests(0x9014), virtual.requests(0x9015)]).toEqual([1, 1]);
    virtual.fault('af-failed');
    expect(await focus.auto()).toBe('failed');
    await expect(focus.drive({ direction: 'near' })).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    await expect(focus.at({ x: 0.5, y: 0.5 })).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  });

  it('tethers: the button on the camera has the computer take the picture', async () => {
    const virtual = virtualA70();
    const camera = await connect(virtual);
    const end = new AbortController();
    const names: string[] = [];
    let listening!: () => void;
    const ready = new Promise<void>((resolve) => {
      listening = resolve;
    });
    const tethering = parts(camera).capture.tether({
      to: 'both',
      signal: end.signal,
      onListening: async () => listening(),
      async receive(file) {
        names.push(file.where);
        if (names.length === 2) end.abort();
      },
    });
    await ready;
    await virtual.press();
    while (names.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await parts(camera).capture.release();
    await tethering;
    expect(names).toEqual(['host', 'host']);
  });
});

describe('settings', () => {
  it('by the words of photographers, confirmed by the camera', async () => {
    const camera = await connect(virtualA70());
    const { settings, zoom } = parts(camera);
    expect(await settings.set('iso', '200')).toMatchObject({ label: 'ISO 200', number: 0x50 });
    expect(await settings.set('mode', 'Av')).toMatchObject({ label: 'Av' });
    expect(await settings.set('aperture', 'f/5.6')).toMatchObject({ label: 'f/5.6' });
    expect(await settings.set('compensation', '+1/3')).toMatchObject({ number: 0x15 });
    expect(await settings.set('owner', 'Ann')).toMatchObject({ label: 'Ann' });
    expect((await camera.details()).owner).toBe('Ann');
    await zoom.set(7);
    expect(await zoom.get()).toMatchObject({ kind: 'lens', position: 7 });
    await expect(zoom.set(12)).rejects.toMatchObject({ code: 'USAGE' });
    await expect(settings.set('iso', 300)).rejects.toMatchObject({ code: 'USAGE' });
    await expect(settings.set('shutter', '1/60')).rejects.toMatchObject({ code: 'USAGE' });
    await expect(settings.get('mirror-lockup')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const names = (await settings.list()).map(({ name }) => name);
    expect(names).toContain('flash');
    expect(names).not.toContain('EventEmulateMode');
  });

  it('tells of changes at the camera', async () => {
    const virtual = virtualA70();
    const camera = await connect(virtual);
    const { settings } = parts(camera);
    const watched = settings.watch()[Symbol.asyncIterator]();
    const first = watched.next();
    await settings.get('mode');
    virtual.dial('Tv');
    expect((await first).value).toMatchObject({ name: 'mode', label: 'Tv' });
    await watched.return?.();
  });
});

describe('events', () => {
  const until = async (events: AsyncIterable<CameraEvent>, type: CameraEvent['type']) => {
    for await (const event of events) if (event.type === type) return event;
    return undefined;
  };

  it('of pictures that somebody takes, without release control', async () => {
    const virtual = virtualA70();
    const camera = await connect(virtual);
    const { events } = parts(camera);
    const iterator = events[Symbol.asyncIterator]();
    const first = iterator.next();
    await new Promise((resolve) => setTimeout(resolve, 100));
    await virtual.press();
    expect((await first).value).toMatchObject({ type: 'objectadded', name: 'IMG_0002.JPG' });
    expect(virtual.state.remoteMode).toBe(0);
    await iterator.return?.();
  });

  it('come once where the body sends them by both ways', async () => {
    const virtual = virtualA70();
    const camera = await connect(virtual);
    const seen = until(parts(camera).events, 'status');
    const { files } = await parts(camera).capture.shoot();
    // Behind hotshoe's back: interrupt pipe and CheckEvent from now on.
    await camera.ptp?.setDevicePropValue(0xd045, 4, 4);
    const again = await parts(camera).capture.shoot();
    expect([files.length, again.files.length]).toEqual([1, 1]);
    expect(await seen).toEqual({ type: 'status', busy: false });
  });
});

describe('files', () => {
  it('are listed by folder, and marked as downloaded', async () => {
    const virtual = virtualA70();
    const camera = await connect(virtual);
    const { storage, capture } = parts(camera);
    await capture.shoot();
    const objects = [];
    for await (const object of storage.list()) objects.push(object);
    const files = objects.filter(({ kind }) => kind === 'file');
    expect(files.map(({ path, isNew }) => [path, isNew])).toEqual([
      ['/D/DCIM/100CANON/2U4A0001.JPG', false],
      ['/D/DCIM/100CANON/IMG_0002.JPG', true],
    ]);
    expect(virtual.requests(0x1008)).toBe(1);
    const [, taken] = files;
    if (!taken) throw new Error('no picture');
    await storage.markDownloaded?.(taken);
    expect((await storage.object(taken.handle)).isNew).toBe(false);
    // The memory for pictures is no card.
    expect(await storage.units()).toMatchObject([{ label: 'D', present: true }]);
  });
});

describe('a camera that answers at random', () => {
  /** An A70 as far as its DeviceInfo goes. */
  const info = (properties: readonly number[]) =>
    DeviceInfo.encode({
      standardVersion: 100,
      vendorExtensionId: 0x0b,
      vendorExtensionVersion: 100,
      vendorExtensionDesc: '',
      functionalMode: 0,
      operationsSupported: [
        ...[0x1001, 0x1002, 0x1003, 0x1004, 0x1005, 0x1007, 0x1008, 0x1009, 0x1014, 0x1015, 0x1016],
        ...[0x9002, 0x9003, 0x9008, 0x9009, 0x900b, 0x900c, 0x900d, 0x9013, 0x9014, 0x9015, 0x901a],
        ...[0x901b, 0x901d, 0x9020, 0x9021],
      ],
      eventsSupported: [],
      devicePropertiesSupported: [...properties],
      captureFormats: [],
      imageFormats: [],
      manufacturer: 'Canon Inc.',
      model: 'Canon PowerShot',
      deviceVersion: '1',
      serialNumber: '',
    });

  const codes = [0x2001, 0x2001, 0x2001, 0x2002, 0x2005, 0x200a, 0xa005, 0xa009, 0xa102];
  /** A whole event of CheckEvent, written by hand. */
  const checkEvent = fromHex('10000000 0400 0240 07000000 10000080');
  const answer = fc.record({
    code: fc.constantFrom(...codes),
    params: fc.array(fc.nat(0xffff), { maxLength: 3 }),
    data: fc.oneof(
      fc.constant(checkEvent),
      fc.constant(new Uint8Array(0)),
      fc.uint8Array({ maxLength: 80 }),
    ),
  });

  it('neither hangs nor crashes hotshoe: it fails with an error of its own', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(answer, { minLength: 1, maxLength: 40 }), async (answers) => {
        let next = 0;
        const quiet = new Set([0x1002, 0x1003]);
        const transport = scriptedTransport((operation) => {
          if (operation === 0x1001) return { data: info([0xd045, 0xd00a, 0xd01c, 0xd02a, 0xd033]) };
          if (quiet.has(operation)) return {};
          // In the end it falls silent.
          const given = answers[next++];
          return given ?? { data: new Uint8Array(0) };
        });
        const camera = await openPtpCamera(transport, 'x').catch(told);
        if (!camera) return;
        const signal = AbortSignal.timeout(400);
        const wait = { signal, timeoutMs: 30 };
        const { capture, liveView, focus, zoom, settings, storage } = parts(camera);
        await camera.details({ signal }).catch(told);
        await settings.list({ signal }).catch(told);
        await settings.set('iso', '200', wait).catch(told);
        await zoom.get({ signal }).catch(told);
        await focus.auto({ signal }).catch(told);
        await capture.shoot({ ...wait, receive: async () => {} }).catch(told);
        await all(storage.list({ signal })).catch(told);
        await firstFrame(liveView.frames(wait)).catch(told);
        await camera.close();
      }),
      { numRuns: 25 },
    );
  }, 60_000);

  async function all(objects: AsyncIterable<unknown>): Promise<void> {
    for await (const _object of objects);
  }

  async function firstFrame(frames: AsyncIterable<unknown>): Promise<void> {
    for await (const _frame of frames) return;
  }

  /** Everything that is thrown has a code, or is the reason of an abort. */
  function told(error: unknown): undefined {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const aborted = error instanceof DOMException && error.name === 'TimeoutError';
    if (typeof code !== 'string' && !aborted) throw error;
    return undefined;
  }
});
