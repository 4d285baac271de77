/** A holder in the background, started by a command. */
import { formatDuration } from '../base/time.ts';
import { type HeldState, holdInBackground } from '../holder/index.ts';

export interface HoldThereOptions {
  address: string;
  /** Without use it ends after so long. */
  idleMs: number;
  giveUpMs?: number | undefined;
  /** How long the camera may wait for OK on its screen. */
  acceptTimeoutMs?: number | undefined;
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
  onState(state: HeldState): void;
}

/** Resolves with the process's id when the camera is connected; rejects with what failed there. */
export function holdThere(options: HoldThereOptions): Promise<number> {
  const { address, idleMs, giveUpMs, acceptTimeoutMs, env, signal, onState } = options;
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
