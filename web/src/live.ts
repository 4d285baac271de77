/** Live view on a canvas: a frame is asked for when the last one is drawn. */
import type { Frame } from '../../src/api/schemas.ts';
import { type Client, problemOf } from './client.ts';
import { pause, visible } from './store.ts';

export interface Watching {
  onFrame(frame: Frame): void;
  onTrouble(message: string): void;
}

const RETRY_MS = 1000;

/** Until the signal aborts. Never rejects. */
export async function watch(
  client: Client,
  camera: string,
  canvas: HTMLCanvasElement,
  signal: AbortSignal,
  { onFrame, onTrouble }: Watching,
): Promise<void> {
  const context = canvas.getContext('2d', { alpha: false });
  let after: number | undefined;
  while (!signal.aborted) {
    // Nobody sees it: the camera's battery is better used.
    if (document.hidden) await visible();
    try {
      const { facts, picture } = await client.frame(camera, after, signal);
      const bitmap = await createImageBitmap(picture);
      if (canvas.width !== bitmap.width || canvas.height !== bitmap.height) {
        canvas.width = bitmap.width;
        canvas.height = bitmap.height;
      }
      context?.drawImage(bitmap, 0, 0);
      bitmap.close();
      after = facts.number;
      if (!signal.aborted) onFrame(facts);
    } catch (error) {
      if (signal.aborted) return;
      onTrouble(problemOf(error).message);
      after = undefined;
      await pause(RETRY_MS);
    }
  }
}
