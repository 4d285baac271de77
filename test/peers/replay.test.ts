/** gphoto2 is recorded with a virtual camera, and gets from the recording what it got from that. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect } from 'vitest';
import { type ByteStream, memoryPipe } from '../../src/base/byte-stream.ts';
import { openTraffic, recordTo } from '../../src/node/index.ts';
import { ReplayCamera, readRecording, type VirtualCamera } from '../../src/virtual/index.ts';
import { Gphoto2, type Gphoto2Run } from '../support/gphoto2.ts';
import { peer } from '../support/peers.ts';
import { ixusCard, smallCamera, smallIxus } from '../support/small-pictures.ts';

const gphoto2 = peer('gphoto2');
const folder = mkdtempSync(path.join(tmpdir(), 'hotshoe-replay-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The camera, with somebody in between who notes down what passes. */
function overheard(camera: VirtualCamera, file: string) {
  const recording = recordTo(file);
  return {
    finish: () => recording.finish(),
    close: () => camera.close(),
    async servePtpIp(stream: ByteStream) {
      const [here, there] = memoryPipe('camera', 'computer');
      void camera.servePtpIp(there);
      const tapped = recording.tap.stream(here);
      await Promise.all([pump(stream, tapped), pump(tapped, stream)]);
    },
  };
}

async function pump(from: ByteStream, to: ByteStream): Promise<void> {
  try {
    for (let bytes = await from.read(); bytes; bytes = await from.read()) await to.write(bytes);
  } catch {
    // The other direction is told by the end of this one.
  }
  await to.close();
}

const pictures = { 'eos-r6': smallCamera, 'ixus-180': () => smallIxus({ card: ixusCard() }) };

for (const [model, args, file] of [
  ['eos-r6', ['--summary'], undefined],
  ['eos-r6', ['--list-files'], undefined],
  ['eos-r6', ['--list-config'], undefined],
  ['eos-r6', ['--get-config', 'iso'], undefined],
  ['eos-r6', ['--get-file', '1'], '2U4A0001.JPG'],
  ['eos-r6', ['--capture-image-and-download', '--filename', 'shot.jpg'], 'shot.jpg'],
  ['ixus-180', ['--get-file', '1'], 'IMG_2798.JPG'],
] as const) {
  gphoto2.it(`gphoto2 ${args.join(' ')} on a recording of ${model}`, async () => {
    const name = path.join(folder, `${model}${args[0]}${args[1] ?? ''}.pcapng`);
    const camera = overheard(pictures[model](), name);
    const before = await runOn(camera, args, file);
    await camera.finish();
    expect(before.output).not.toContain('*** Error');
    expect(before.output.length).toBeGreaterThan(20);
    if (file) expect(before.bytes?.length).toBeGreaterThan(10);

    const log: string[] = [];
    const recording = await readRecording(name, openTraffic(name).traffic);
    const replay = new ReplayCamera(recording, { log: (line) => log.push(line) });
    const after = await runOn(replay, args, file);
    expect(after).toEqual(before);
    expect(log.filter((line) => line.includes('no answer'))).toEqual([]);
  });
}

async function runOn(
  camera: Pick<VirtualCamera, 'servePtpIp' | 'close'>,
  args: readonly string[],
  file: string | undefined,
): Promise<Gphoto2Run & { bytes: Buffer | undefined }> {
  const program = await Gphoto2.on(camera);
  try {
    const ran = await program.run(...args);
    return { ...ran, bytes: file === undefined ? undefined : program.read(file) };
  } finally {
    await program.close();
  }
}
