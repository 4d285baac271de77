/** A holder in the background, started by a command. */
import { HotshoeError } from '../base/errors.ts';
import { formatDuration } from '../base/time.ts';
import { type HeldState, holdInBackground, IDLE_MS } from '../holder/index.ts';
import { parseDuration } from './parse.ts';

interface HoldThereOptions {
  address: string;
  /** Without use it ends after so long. */
  idleMs: number;
  giveUpMs?: number | undefined;
  /** How long the camera may wait for OK on its screen. */
  acceptTimeoutMs?: number | undefined;
  env: NodeJS.ProcessEnv;
  signal?: AbortSignal | undefined;
  onState(state: HeldState): void;
}

/** Resolves with the process's id when the camera is connected; rejects with what failed there. */
export function holdThere(options: HoldThereOptions): Promise<number> {
  const { address, idleMs, giveUpMs, acceptTimeoutMs, env, onState } = options;
  const { signal = new AbortController().signal } = options;
  return holdInBackground({
    command: [
      ...[process.argv[1] ?? '', '--camera', address],
      ...(acceptTimeoutMs === undefined ? [] : ['--wait', `${acceptTimeoutMs}ms`]),
      ...['hold', '--foreground', '--idle', `${idleMs}ms`],
      ...(giveUpMs === undefined ? [] : ['--give-up', `${giveUpMs}ms`]),
    ],
    env,
    signal,
    onState,
  });
}

/** "held by process 4711, until `hotshoe release` or 30 min without use". */
export function heldInWords(pid: number, idleMs: number): string {
  const idle = idleMs % 60_000 === 0 ? `${idleMs / 60_000} min` : formatDuration(idleMs);
  return `held by process ${pid}, until \`hotshoe release\` or ${idle} without use`;
}

/** For the commands that come after this one, as long as HOTSHOE_IDLE says. Resolves with words. */
export async function holdForNext(
  address: string,
  env: NodeJS.ProcessEnv,
  options: Pick<HoldThereOptions, 'acceptTimeoutMs' | 'signal' | 'onState'>,
): Promise<string> {
  const { acceptTimeoutMs, signal, onState } = options;
  const idleMs = idleFrom(env) ?? IDLE_MS;
  const pid = await holdThere({ address, idleMs, acceptTimeoutMs, env, signal, onState });
  return heldInWords(pid, idleMs);
}

function idleFrom({ HOTSHOE_IDLE: text }: NodeJS.ProcessEnv): number | undefined {
  if (!text) return undefined;
  try {
    return parseDuration(text);
  } catch (cause) {
    throw new HotshoeError('USAGE', `HOTSHOE_IDLE is "${text}", which is no duration`, {
      cause,
      hint: 'A duration has a unit: 30m, 2h.',
    });
  }
}
