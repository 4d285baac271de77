import { ignore } from '../base/time.ts';
import { formatBytes, type Output } from './output.ts';

export interface Progress {
  update(bytes: number): void;
  /** Takes the bar away; with a text, leaves that line behind. */
  done(text?: string): void;
}

/** A bar on a terminal; one plain line at the end elsewhere. */
export async function downloadProgress(
  output: Output,
  name: string,
  size: number,
): Promise<Progress> {
  if (!output.live) {
    return {
      update: ignore,
      done: (text) => {
        if (text) output.note(text);
      },
    };
  }
  // Only where somebody watches: loading it takes as long as a tenth of the whole program. It is
  // CommonJS whose names Node cannot see: they come with the default export.
  const { Format, SingleBar } = (await import('cli-progress')).default;
  const bar = new SingleBar({
    stream: output.streams.stderr,
    clearOnComplete: true,
    hideCursor: true,
    barsize: 24,
    fps: 15,
    format: (options, { progress, value, total, startTime }, payload: { name: string }) => {
      const seconds = (Date.now() - startTime) / 1000;
      const rate = seconds > 0.2 ? `  ${formatBytes(value / seconds)}/s` : '';
      return (
        `${payload.name}  ${Format.BarFormat(progress, options)}  ` +
        `${formatBytes(value)} of ${formatBytes(total)}${rate}`
      );
    },
  });
  bar.start(size, 0, { name });
  return {
    update: (bytes) => bar.update(bytes),
    done(text) {
      bar.stop();
      if (text) output.note(text);
    },
  };
}
