/** Focusing virtual bodies from here. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Camera, CameraFocus } from '../src/camera/camera.ts';
import { open } from '../src/node/index.ts';
import type { Tap } from '../src/ptp/index.ts';
import type { VirtualCamera } from '../src/virtual/index.ts';
import { commandLine } from './support/command-line.ts';
import { inNetwork, type NetworkCamera } from './support/network-camera.ts';
import { smallCamera } from './support/small-pictures.ts';

const DRIVE_LENS = 0x9155;
const TOUCH = 0x915b;

let virtual: VirtualCamera;
let network: NetworkCamera;
let address = '';
let camera: Camera;
/** Operation and parameters of each request that moves something. */
let sent: number[][] = [];

beforeEach(async () => {
  sent = [];
  virtual = smallCamera();
  network = await inNetwork(virtual);
  ({ address } = network);
  const tap: Tap = {
    request: ({ code, params }) => {
      if (code === DRIVE_LENS || code === TOUCH) sent.push([code, ...params]);
    },
  };
  camera = await open(address, { tap });
});
afterEach(async () => {
  await camera.close();
  await network.close();
});

function focusOf({ focus }: Camera): CameraFocus {
  if (!focus) throw new Error('it cannot be focused');
  return focus;
}

describe('focus', () => {
  it('by itself, and at a place, in live view that ends with it', async () => {
    expect(await focusOf(camera).auto()).toBe('focused');
    expect(await focusOf(camera).at({ x: 0.25, y: 0.5 })).toBe('focused');
    // In the coordinates of the sensor: 5472 by 3648.
    expect(sent).toEqual([[TOUCH, 3, 1368, 1824]]);
    await camera.settings?.list();
    expect(virtual.state.liveView).toBe(false);
  });

  it('tells when there is none', async () => {
    virtual.fault('af-failed');
    expect(await focusOf(camera).auto()).toBe('failed');
  });

  it('moves the lens step by step', async () => {
    await focusOf(camera).drive({ direction: 'near', size: 1, times: 3 });
    await focusOf(camera).drive({ direction: 'far', size: 3 });
    expect(sent).toEqual([
      ...[
        [DRIVE_LENS, 1],
        [DRIVE_LENS, 1],
        [DRIVE_LENS, 1],
      ],
      [DRIVE_LENS, 0x8003],
    ]);
  });

  it('is left on where somebody watches', async () => {
    const frames = camera.liveView?.frames()[Symbol.asyncIterator]();
    await frames?.next();
    await focusOf(camera).drive({ direction: 'near' });
    expect(virtual.state.liveView).toBe(true);
    await frames?.return?.();
    expect(virtual.state.liveView).toBe(false);
  });
});

describe('the command focus', () => {
  it.each([
    [['auto'], 0, 'focused\n'],
    [['at', '0.5,.3'], 0, 'focused\n'],
    [['near', '1', '--times', '2'], 0, ''],
    [['cancel'], 0, ''],
    [['at', '2,1'], 2, ''],
    [['at'], 2, ''],
    [['near', '4'], 2, ''],
    [['sideways'], 2, ''],
  ])('%j', async (args, code, stdout) => {
    await camera.close();
    const ran = await commandLine(['-c', address, 'focus', ...args]);
    expect([ran.code, ran.stdout]).toEqual([code, stdout]);
  });
});
