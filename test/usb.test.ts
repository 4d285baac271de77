/** Cameras on USB as a program uses them, over each way there is to a virtual one. */
import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { TimeoutError } from '../src/base/errors.ts';
import {
  type Camera,
  connectUsb,
  type DataSink,
  type OpenOptions,
  openPtpCamera,
  type PtpSession,
} from '../src/index.ts';
import {
  MemoryCard,
  patternContent,
  SelfTest,
  selfTestSizes,
  type VirtualCamera,
  type VirtualCameraOptions,
} from '../src/virtual/index.ts';
import { smallCamera, smallIxus, TINY_JPEG } from './support/small-pictures.ts';
import { type UsbHost, usbHosts } from './support/usb-hosts.ts';

const opened: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

async function openOver(
  host: UsbHost,
  virtual: VirtualCamera,
  options: OpenOptions = {},
): Promise<{ camera: Camera; session: PtpSession }> {
  opened.push(() => virtual.close());
  const device = await host.plug(virtual, (end) => opened.push(end));
  const transport = await connectUsb({ device, name: virtual.model.name });
  const camera = await openPtpCamera(transport, 'usb:', options);
  opened.push(() => camera.close());
  if (!camera.ptp) throw new Error('no session');
  return { camera, session: camera.ptp };
}

function withFile(size: number, options: VirtualCameraOptions = {}): VirtualCamera {
  const card = new MemoryCard({ capacity: 64e9 });
  card.addFile('DCIM/100CANON/2U4A0001.MP4', patternContent(size), 1);
  return smallCamera({ card, ...options });
}

class Hasher implements DataSink {
  size = 0;
  #hash = createHash('sha256');
  write(chunk: Uint8Array): void {
    this.size += chunk.length;
    this.#hash.update(chunk);
  }
  get hex(): string {
    return this.#hash.digest('hex');
  }
}

/** Byte n of the file is n modulo 65521, modulo 256; see `patternContent`. */
function patternBytes(size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let i = 0; i < size; i++) bytes[i] = i % 65_521;
  return bytes;
}

function patternHash(size: number): string {
  return createHash('sha256').update(patternBytes(size)).digest('hex');
}

async function filesOf(camera: Camera) {
  const files = [];
  for await (const object of camera.storage?.list() ?? []) {
    if (object.kind === 'file') files.push(object);
  }
  return files;
}

describe.each(usbHosts)('over USB $name', (host) => {
  it('says who it is, and lists what is on its card', async () => {
    const { camera } = await openOver(host, smallCamera());
    expect(camera.identity.model).toBe('Canon EOS R6');
    expect((await camera.details()).bodySerialNumber).toBe('013070001234');
    expect((await filesOf(camera)).map(({ path }) => path)).toEqual([
      '/SD1/DCIM/100CANON/2U4A0001.JPG',
    ]);
  });

  it.each([8, 16, 32, 64, 512, 1024])(
    'gives a file byte for byte at packets of %d',
    async (usbPacketSize) => {
      const size = usbPacketSize < 64 ? 50_001 : 3_000_001;
      const { camera } = await openOver(host, withFile(size, { usbPacketSize }));
      const [file] = await filesOf(camera);
      if (!file) throw new Error('no file');
      const sink = new Hasher();
      expect(await camera.storage?.read(file, sink)).toBe(size);
      expect([sink.size, sink.hex]).toEqual([size, patternHash(size)]);
    },
  );

  it('takes a picture, and the picture’s bytes', async () => {
    const { camera } = await openOver(host, smallCamera());
    const shot = await camera.capture?.shoot({ to: 'card' });
    const [file] = shot?.files ?? [];
    const sink = new Hasher();
    await file?.read(sink);
    expect(sink.hex).toBe(createHash('sha256').update(TINY_JPEG).digest('hex'));
  });

  it('puts files of every size on an IXUS 180, and reads them back', async () => {
    const { camera } = await openOver(host, smallIxus());
    for (const size of [1, 500, 511, 512, 513, 1_000_003]) {
      const put = await camera.storage?.put?.({
        name: `UP${size}.JPG`,
        content: { size, chunks: [patternBytes(size)] },
      });
      if (!put) throw new Error('nothing was put');
      const sink = new Hasher();
      await camera.storage?.read(put, sink);
      expect([put.size, sink.hex]).toEqual([size, patternHash(size)]);
    }
  });

  it.each([8, 64, 512, 1024])(
    'carries payloads of every awkward size both ways at packets of %d',
    async (usbPacketSize) => {
      const { session } = await openOver(host, smallCamera({ usbPacketSize, selfTest: true }));
      for (const size of selfTestSizes) {
        const data = patternBytes(size);
        const put = await session.transaction(SelfTest.Put, [], { data });
        expect([put.code, put.params[0]]).toEqual([0x2001, size]);
        const got = await session.transaction(SelfTest.Get, []);
        expect(got.data).toEqual(data);
      }
    },
  );

  it('goes on after a download that was given up, in the same session', async () => {
    const { camera, session } = await openOver(host, withFile(100e6));
    const [file] = await filesOf(camera);
    const enough = new Error('enough');
    const abort = new AbortController();
    let seen = 0;
    const sink = {
      write(chunk: Uint8Array) {
        seen += chunk.length;
        if (seen > 5e6) abort.abort(enough);
      },
    };
    const whole = session.transaction(0x1009, [file?.handle ?? 0], { sink, signal: abort.signal });
    await expect(whole).rejects.toBe(enough);
    expect((await session.getDeviceInfo()).model).toBe('Canon EOS R6');
    expect(await filesOf(camera)).toHaveLength(1);
  });

  it.each([
    'missing-zlp',
    'surplus-byte',
    'split-header',
    'late-data',
    'stall-command',
    'interrupt-garbage',
    'answered-cancel',
  ])('does not mind a camera with the fault "%s"', async (fault) => {
    const virtual = withFile(1_500_500);
    const { camera } = await openOver(host, virtual);
    virtual.fault(fault);
    const [file] = await filesOf(camera);
    if (!file) throw new Error('no file');
    const sink = new Hasher();
    await camera.storage?.read(file, sink);
    expect(sink.hex).toBe(patternHash(1_500_500));
    const shot = await camera.capture?.shoot({ to: 'card' });
    expect(shot?.files).toHaveLength(1);
  });

  it.each([
    ['garbage', 'INVALID_DATA'],
    ['babble', 'INVALID_DATA'],
    ['wrong-container-type', 'TIMEOUT'],
    ['wrong-transaction-id', 'TIMEOUT'],
    ['short-data', 'TRUNCATED'],
  ])('tells of the fault "%s" as %s, and goes on', async (fault, code) => {
    const virtual = withFile(100_000);
    const { camera, session } = await openOver(host, virtual);
    const [file] = await filesOf(camera);
    virtual.fault(fault);
    const failing = session.transaction(0x1009, [file?.handle ?? 0], { timeoutMs: 300 });
    await expect(failing).rejects.toMatchObject({ code });
    virtual.fault('off');
    expect((await session.getDeviceInfo()).model).toBe('Canon EOS R6');
  });

  it('notices the cable: idle, in a listing, in a download, and in a capture', async () => {
    const lost = { name: 'LinkError', code: 'LINK_LOST' };
    const idle = await openOver(host, smallCamera());
    await opened.at(-2)?.();
    expect(await idle.session.closed).toMatchObject(lost);

    const many = new MemoryCard();
    for (let i = 1; i <= 5000; i++) many.addFile(`DCIM/100CANON/F${i}.JPG`, patternContent(1), 1);
    const big = smallCamera({ card: many });
    const listing = (await openOver(host, big)).camera.storage?.list()[Symbol.asyncIterator]();
    await listing?.next();
    void big.unplug();
    const rest = async () => {
      while (!(await listing?.next())?.done);
    };
    await expect(rest()).rejects.toMatchObject(lost);

    const virtual = withFile(50e6);
    const { session, camera } = await openOver(host, virtual);
    const [file] = await filesOf(camera);
    let unplugged: Promise<void> | undefined;
    const sink = {
      write() {
        unplugged ??= virtual.unplug();
      },
    };
    const running = session.transaction(0x1009, [file?.handle ?? 0], { sink });
    await expect(running).rejects.toMatchObject(lost);
    await unplugged;

    const other = smallCamera();
    const shooting = await openOver(host, other);
    const shot = shooting.camera.capture?.shoot({ to: 'card' });
    void other.unplug();
    await expect(shot).rejects.toMatchObject(lost);
  });

  it('opens a camera that a program left in mid-sentence', async () => {
    const virtual = withFile(20e6);
    const device = await host.plug(virtual, (end) => opened.push(end));
    const transport = await connectUsb({ device, name: 'first' });
    const first = await openPtpCamera(transport, 'usb:');
    const [file] = await filesOf(first);
    let stop: () => void = () => {};
    const begun = new Promise<void>((resolve) => {
      stop = resolve;
    });
    const sink = { write: () => stop() };
    first.ptp?.transaction(0x1009, [file?.handle ?? 0], { sink }).catch(() => {});
    await begun;
    // As the system does it for a program that was killed: nothing is said to the camera.
    await transport.close();
    const { camera } = await openOver(host, virtual);
    expect(await filesOf(camera)).toHaveLength(1);
  });

  it('gives up a camera that does not answer', async () => {
    const virtual = smallCamera();
    const { session } = await openOver(host, virtual);
    virtual.fault('silent');
    await expect(session.transaction(0x1001, [], { timeoutMs: 300 })).rejects.toBeInstanceOf(
      TimeoutError,
    );
    virtual.fault('off');
    expect((await session.getDeviceInfo()).model).toBe('Canon EOS R6');
  });
});
