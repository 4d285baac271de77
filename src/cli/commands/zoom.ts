import {
  type CameraLiveView,
  HotshoeError,
  UnsupportedError,
  type ZoomState,
} from '../../index.ts';
import { parsePlace } from '../parse.ts';
import type { AddCommand } from './command.ts';

const GUESS = `
With cameras from before PTP it is a guess which of two focal lengths is the present one; the
position is none.`;

export const addZoom: AddCommand = (program, run) => {
  program
    .command('zoom')
    .description('the zoom of the lens, where it has a motor, or of live view; set it, or show it')
    .argument('[n]', 'position: of live view 1, 5 or 10')
    .option('--at <x,y>', 'where live view is enlarged: 0,0 is left and top', parsePlace)
    .addHelpText('after', GUESS)
    .action(
      run(
        (
          { output, signal, withCamera },
          text: string | undefined,
          { at }: { at?: { x: number; y: number } },
        ) => {
          const position = positionOf(text);
          return withCamera(async ({ zoom, liveView, identity }) => {
            if (!zoom) throw new UnsupportedError(`${identity.model} has no zoom for computers`);
            // Until what it was set to has been read again.
            await using watched = liveView && (await watch(liveView, signal));
            void watched;
            if (position !== undefined) await zoom.set(position, { signal, ...(at && { at }) });
            const state = await zoom.get({ signal });
            output.result(state);
            output.line(describe(state));
            if (position !== undefined && state.kind === 'live-view') {
              output.note(
                'Live view is enlarged while somebody watches it: `hotshoe live --zoom` does.',
              );
            }
            return undefined;
          });
        },
      ),
    );
};

/** Keeps live view on, for what lasts only as long as that. */
export async function watch(
  liveView: CameraLiveView,
  signal: AbortSignal,
): Promise<AsyncDisposable> {
  const frames = liveView.frames({ signal })[Symbol.asyncIterator]();
  await frames.next();
  return { [Symbol.asyncDispose]: async () => void (await frames.return?.()) };
}

function describe({ kind, position, positions }: ZoomState): string {
  const of = kind === 'lens' ? 'lens' : 'live view';
  const range =
    positions.length > 12 ? `${positions[0]} to ${positions.at(-1)}` : positions.join(', ');
  return `${of}  ${position ?? 'unknown'}  (${range})`;
}

function positionOf(text: string | undefined): number | undefined {
  if (text === undefined || /^\d+$/.test(text)) return text === undefined ? text : Number(text);
  throw new HotshoeError('USAGE', `"${text}" is no zoom`, { hint: 'It is a number: `zoom 5`.' });
}
