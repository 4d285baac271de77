/** The camera's own histogram, a few times a second. */
import { useEffect, useState } from 'preact/hooks';
import type { FrameFacts } from '../../../src/api/schemas.ts';
import type { Client } from '../client.ts';
import { pause } from '../store.ts';

const EVERY_MS = 250;
const WIDTH = 128;
const HEIGHT = 48;

export function Histogram({
  client,
  camera,
  live,
}: {
  client: Client;
  camera: string;
  live: boolean;
}) {
  const [levels, setLevels] = useState<FrameFacts['histogram']>(null);
  useEffect(() => {
    if (!live) return undefined;
    const stop = new AbortController();
    const ask = async () => {
      while (!stop.signal.aborted) {
        try {
          setLevels((await client.facts(camera, stop.signal)).histogram);
        } catch {
          // The picture tells what is wrong.
        }
        await pause(EVERY_MS);
      }
    };
    void ask();
    return () => stop.abort();
  }, [client, camera, live]);
  if (!levels) return null;
  const most = Math.max(1, ...smooth(levels.red), ...smooth(levels.green), ...smooth(levels.blue));
  return (
    <svg class="histogram" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label="Histogram">
      <path class="red" d={shape(levels.red, most)} />
      <path class="green" d={shape(levels.green, most)} />
      <path class="blue" d={shape(levels.blue, most)} />
      <path class="luma" d={shape(levels.luma, Math.max(1, ...smooth(levels.luma)))} />
    </svg>
  );
}

/** Pairs of levels: 128 columns. */
function smooth(levels: readonly number[]): number[] {
  return Array.from({ length: WIDTH }, (_, i) => (levels[2 * i] ?? 0) + (levels[2 * i + 1] ?? 0));
}

/** Roots, so that little is seen beside much. */
function shape(levels: readonly number[], most: number): string {
  const points = smooth(levels).map((value, x) => {
    return `${x},${(HEIGHT - (HEIGHT - 2) * Math.sqrt(value / most)).toFixed(1)}`;
  });
  return `M0,${HEIGHT}L${points.join(' ')} ${WIDTH},${HEIGHT}Z`;
}
