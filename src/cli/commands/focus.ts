import { HotshoeError, messageOf, UnsupportedError } from '../../base/errors.ts';
import type { Camera, CameraFocus, FocusPlace, FocusResult } from '../../camera/camera.ts';
import { Exit } from '../exit-codes.ts';
import { parseCount, parsePlace } from '../parse.ts';
import type { AddCommand } from './command.ts';

type Deed = (focus: CameraFocus, signal: AbortSignal) => Promise<FocusResult | undefined>;

export const addFocus: AddCommand = (program, run) => {
  program
    .command('focus')
    .description('focus: `auto`, `cancel`, `near 1`, `far 3`, `at 0.5,0.3`')
    .argument('<how>', 'auto, cancel, near, far, or at')
    .argument(
      '[what]',
      'of near and far the size of a step, 1 to 3 (2); of at a place, X,Y from 0 to 1',
    )
    .option('--times <n>', 'so many steps', parseCount, 1)
    .action(
      run(
        (
          { output, signal, withCamera },
          how: string,
          what: string | undefined,
          { times }: { times: number },
        ) => {
          const deed = deedOf(how, what, times);
          return withCamera(async (camera) => {
            const result = (await deed(focusOf(camera), signal)) ?? null;
            output.result({ result });
            if (result) output.line(result === 'unknown' ? 'the camera does not tell' : result);
            return result === 'failed' ? Exit.Failed : Exit.Done;
          });
        },
      ),
    );
};

function focusOf({ focus, identity }: Camera): CameraFocus {
  if (focus) return focus;
  throw new UnsupportedError(`${identity.model} cannot be focused from here`);
}

/** What is asked for. Throws a USAGE error before a camera is opened. */
function deedOf(how: string, what: string | undefined, times: number): Deed {
  switch (how) {
    case 'auto':
      return (focus, signal) => focus.auto({ signal });
    case 'cancel':
      return (focus, signal) => focus.cancel({ signal }).then(() => undefined);
    case 'near':
    case 'far': {
      const size = stepOf(what);
      return (focus, signal) =>
        focus.drive({ direction: how, size, times }, { signal }).then(() => undefined);
    }
    case 'at': {
      const place = placeOf(what);
      return (focus, signal) => focus.at(place, { signal });
    }
    default:
      throw new HotshoeError('USAGE', `nothing focuses by "${how}"`, {
        hint: 'Give auto, cancel, near, far, or at X,Y.',
      });
  }
}

function stepOf(text = '2'): 1 | 2 | 3 {
  const size = Number(text);
  if (size === 1 || size === 2 || size === 3) return size;
  throw new HotshoeError('USAGE', `a step is of size 1, 2 or 3, not "${text}"`);
}

function placeOf(text = ''): FocusPlace {
  try {
    return parsePlace(text);
  } catch (error) {
    throw new HotshoeError('USAGE', `"${text}" is no place`, { hint: messageOf(error) });
  }
}
