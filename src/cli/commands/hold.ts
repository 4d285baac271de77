import { HotshoeError } from '../../base/errors.ts';
import {
  type FromBackground,
  type HeldState,
  type Holder,
  holdCamera,
  holders,
  IDLE_MS,
  plainError,
} from '../../holder/index.ts';
import { type Context, stateInWords } from '../context.ts';
import { heldInWords, holdThere } from '../hold-there.ts';
import { parseDuration } from '../parse.ts';
import { version } from '../version.ts';
import type { AddCommand } from './command.ts';

interface HoldOptions {
  idle: number;
  giveUp?: number;
  foreground?: boolean;
}

export const addHold: AddCommand = (program, run) => {
  program
    .command('hold')
    .description(
      'keep a camera connected, so that commands are quick and several can use it at once',
    )
    .option(
      '--idle <duration>',
      'let it go when it was not used for so long',
      parseDuration,
      IDLE_MS,
    )
    .option(
      '--give-up <duration>',
      'look for it so long when it is lost; default 2m',
      parseDuration,
    )
    .option('--foreground', 'stay in this process, until Ctrl-C')
    .addHelpText('after', '\n`hotshoe release` ends it. `hotshoe list` shows what is held.')
    .action(
      run(async (context, options: HoldOptions) => {
        const address = await context.chosenCamera();
        if (options.foreground) await holdHere(context, address, options);
        else await holdInAnother(context, address, options);
        return undefined;
      }),
    );
};

/** Until Ctrl-C, `release`, or a camera that is lost for too long, with whose error it rejects. */
export async function untilReleased(
  holder: Holder,
  signal: AbortSignal,
  tell: (state: HeldState) => void,
): Promise<void> {
  const onAbort = () => void holder.close();
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    for await (const state of holder.held.states) tell(state);
    const error = await holder.closed;
    if (error) throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

async function holdHere(
  { output, env, signal, options, usb }: Context,
  address: string,
  { idle, giveUp }: HoldOptions,
): Promise<void> {
  try {
    const holder = await holdCamera({
      address,
      version: version(),
      idleMs: idle,
      giveUpMs: giveUp,
      acceptTimeoutMs: options.wait,
      env,
      ...(/^usb:/i.test(address) && { usb: await usb() }),
    });
    await untilReleased(holder, signal, (state) => {
      output.item(state);
      output.note(stateInWords(state));
      tellStarter({ state });
    });
  } catch (error) {
    tellStarter({ error: plainError(error) });
    throw error;
  }
}

/** Where this process is one in the background. */
function tellStarter(message: FromBackground): void {
  // Whoever started it may have gone meanwhile.
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}

async function holdInAnother(
  { output, env, signal, options }: Context,
  address: string,
  { idle, giveUp }: HoldOptions,
): Promise<void> {
  const there = (await holders(env)).find((holder) => holder.address === address);
  if (there) {
    throw new HotshoeError(
      'BUSY',
      `${there.model ?? address} is held already, by process ${there.pid}`,
      { hint: 'Commands use it by themselves; `hotshoe release` ends it.' },
    );
  }
  const pid = await holdThere({
    ...{ address, idleMs: idle, giveUpMs: giveUp, acceptTimeoutMs: options.wait, env, signal },
    onState: (state) => {
      if (state.name !== 'connecting') output.note(stateInWords(state));
    },
  });
  output.result({ address, pid, idleMs: idle });
  output.line(heldInWords(pid, idle));
}
