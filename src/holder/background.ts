/** A holder in a process of its own, which goes on when the command that started it ends. */
import { spawn } from 'node:child_process';
import { type HotshoeError, LinkError } from '../base/errors.ts';
import { errorOf, type PlainError } from './frames.ts';
import type { HeldState } from './held-camera.ts';

/** What the process tells whoever started it. */
export type FromBackground = { state: HeldState } | { error: PlainError };

export interface BackgroundOptions {
  /** The script and its arguments: the command that holds in the foreground. */
  command: readonly string[];
  env: NodeJS.ProcessEnv;
  /** Ends the process, unless the camera is connected already. */
  signal: AbortSignal;
  onState(state: HeldState): void;
}

/** Resolves with the process's id when the camera is connected; rejects with what failed there. */
export async function holdInBackground(options: BackgroundOptions): Promise<number> {
  const { command, env, signal, onState } = options;
  signal.throwIfAborted();
  const child = spawn(process.execPath, [...command], {
    env,
    // A Ctrl-C is for the command that has started it.
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const onAbort = () => void child.kill('SIGTERM');
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await new Promise<void>((resolve, reject) => {
      let error: HotshoeError | undefined;
      child.on('message', (message: FromBackground) => {
        if ('error' in message) error = errorOf(message.error);
        else {
          onState(message.state);
          if (message.state.name === 'connected') resolve();
        }
      });
      child.once('error', reject);
      child.once('close', (code) => {
        const ended = `the process that was to hold the camera ended (${code})`;
        reject(signal.aborted ? signal.reason : (error ?? new LinkError(ended)));
      });
    });
  } finally {
    signal.removeEventListener('abort', onAbort);
    if (child.connected) child.disconnect();
    child.unref();
  }
  return child.pid as number;
}
