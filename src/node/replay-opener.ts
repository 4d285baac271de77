/** Registers `replay:FILE`: a recording as the camera that it was made of. */
import { registerOpener } from '../camera/address.ts';
import { openPtpCamera } from '../camera/open-ptp.ts';
import type { Recording } from '../virtual/replay/index.ts';

registerOpener('replay', {
  form: 'replay:FILE',
  async open(file, address, options) {
    const { ReplayTransport } = await import('../virtual/replay/index.ts');
    const recording = await readRecordingFile(file, options.signal);
    return openPtpCamera(new ReplayTransport(recording), address, options);
  },
});

/** Reads a recording from a file. Rejects with a HotshoeError that names it. */
export async function readRecordingFile(file: string, signal?: AbortSignal): Promise<Recording> {
  const { readRecording } = await import('../virtual/replay/index.ts');
  const { openTraffic } = await import('./capture-file.ts');
  const capture = openTraffic(file, { signal });
  try {
    return await readRecording(file, capture.traffic);
  } finally {
    await capture[Symbol.asyncDispose]();
  }
}
