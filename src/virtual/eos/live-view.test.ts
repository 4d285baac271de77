import { afterEach, expect, test, vi } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { RawInitiator } from '../../../test/support/raw-initiator.ts';
import { NOW, smallCamera, TINY_JPEG } from '../../../test/support/small-pictures.ts';
import { createVirtualCamera } from '../index.ts';
import type { LiveFrameRequest } from '../picture/index.ts';
import type { VirtualCamera } from '../virtual-camera.ts';

const requests: LiveFrameRequest[] = [];
vi.mock('../picture/index.ts', async (original) => ({
  ...(await original<typeof import('../picture/index.ts')>()),
  liveFrame(request: LiveFrameRequest) {
    requests.push(request);
    const none = Array.from({ length: 256 }, () => 0);
    const histogram = () => ({ luma: none, red: none, green: none, blue: none });
    return { jpeg: TINY_JPEG, histogram };
  },
}));

let camera: VirtualCamera;
afterEach(() => camera.close());

test('frames rise in number, and the time in them is that of the wall', async () => {
  const clock = new FakeClock();
  const started = clock.now();
  camera = smallCamera({ clock, now: () => NOW + clock.now() - started });
  const opened = RawInitiator.open(camera);
  await clock.advance(1);
  const initiator = await opened;
  await initiator.set(0xd1b0, 3);
  await initiator.op(0x9153, [0x200000]);
  for (let i = 0; i < 40; i++) {
    const frame = initiator.ok(0x9153, [0x200000]);
    await clock.advance(50);
    await frame;
  }
  const numbers = requests.map(({ frame }) => frame);
  expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
  // Two seconds by the wall; the request says when frame 0 was, and the scene counts from there.
  const shown = requests.map(
    ({ takenAt, frame }) =>
      takenAt.minute * 60 + takenAt.second + takenAt.milliseconds / 1000 + frame / 30,
  );
  const length = (shown.at(-1) ?? 0) - (shown[0] ?? 0);
  expect(length).toBeGreaterThan(1.8);
  expect(length).toBeLessThan(2.1);
});

test('live view of a 1300D goes off by a value that its list leaves out', async () => {
  camera = createVirtualCamera('eos-1300d');
  const initiator = await RawInitiator.open(camera);
  expect((await initiator.set(0xd1b0, 2)).code).toBe(0x2001);
  expect(camera.state.liveView).toBe(true);
  expect((await initiator.set(0xd1b0, 0)).code).toBe(0x2001);
  expect(camera.state.liveView).toBe(false);
  expect((await initiator.set(0xd1b0, 0x20)).code).toBe(0x201c);
});
