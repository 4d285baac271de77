/** PowerShots with EOS operations: they shoot for a computer in a mode of their own. */
import { afterEach, describe, expect, it } from 'vitest';
import type { Camera } from '../src/camera/camera.ts';
import { open } from '../src/node/index.ts';
import type { VirtualCamera } from '../src/virtual/index.ts';
import { inNetwork } from './support/network-camera.ts';
import { smallIxus } from './support/small-pictures.ts';

const ended: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ended.splice(0).reverse()) await end();
});

async function connect(): Promise<{ virtual: VirtualCamera; camera: Camera }> {
  const virtual = smallIxus();
  const network = await inNetwork(virtual);
  const camera = await open(network.address);
  ended.push(
    () => network.close(),
    () => camera.close(),
  );
  return { virtual, camera };
}

describe('an IXUS 180', () => {
  it('is brought into its shooting mode for pictures, and back on the way out', async () => {
    const { virtual, camera } = await connect();
    await camera.details();
    expect(virtual.state.liveView).toBe(false);
    const shot = await camera.capture?.shoot();
    expect(shot?.files).toMatchObject([{ name: 'IMG_2800.JPG', where: 'card' }]);
    // Bit 8 of EVFOutputDevice is that mode, and live view's.
    expect(virtual.state.liveView).toBe(true);
    const again = await camera.capture?.shoot();
    expect(again?.files).toHaveLength(1);
    expect(virtual.requests(0x9110)).toBe(1);
    await camera.close();
    expect(virtual.state).toMatchObject({ liveView: false, sessionOpen: false });
  });

  it('shoots while and after somebody watches', async () => {
    const { virtual, camera } = await connect();
    for await (const _frame of camera.liveView?.frames() ?? []) {
      expect((await camera.capture?.shoot())?.files).toHaveLength(1);
      break;
    }
    expect(virtual.state.liveView).toBe(false);
    expect((await camera.capture?.shoot())?.files).toHaveLength(1);
  });

  it('gives pictures to the computer, holds focus, and is tethered', async () => {
    const { virtual, camera } = await connect();
    const places: string[] = [];
    const receive = async ({ where }: { where: string }) => void places.push(where);
    await camera.capture?.shoot({ to: 'host', receive });
    await expect(camera.capture?.shoot({ to: 'both', receive })).rejects.toMatchObject({
      code: 'UNSUPPORTED',
    });
    {
      await using press = await camera.capture?.half?.();
      expect(press?.focus).toBe('focused');
    }
    const end = new AbortController();
    let listening!: () => void;
    const ready = new Promise<void>((resolve) => {
      listening = resolve;
    });
    const tethering = camera.capture?.tether({
      to: 'host',
      signal: end.signal,
      onListening: async () => listening(),
      async receive(file) {
        await receive(file);
        end.abort();
      },
    });
    await ready;
    await virtual.press();
    await tethering;
    expect(places).toEqual(['host', 'host']);
  });

  it('says so where somebody cannot be brought there', async () => {
    const { camera } = await connect();
    const stop = AbortSignal.abort(new Error('enough'));
    await expect(camera.capture?.shoot({ signal: stop })).rejects.toThrow('enough');
    await camera.capture?.tether({ signal: stop, receive: async () => {} });
  });
});
