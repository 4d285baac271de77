/**
 * A program of the user's that hears what happens, as gphoto2's `--hook-script`: ACTION says what
 * (init, start, download, stop), ARGUMENT which file. One at a time, and nobody waits for it but
 * the end.
 */
import { spawn } from 'node:child_process';
import { HotshoeError } from '../base/errors.ts';

export type HookAction = 'init' | 'start' | 'download' | 'stop';

export class Hook {
  #script: string;
  #failed: (error: unknown) => void;
  #last: Promise<void> = Promise.resolve();

  constructor(script: string, failed: (error: unknown) => void) {
    this.#script = script;
    this.#failed = failed;
  }

  /** Runs it when those before have ended. */
  run(action: HookAction, argument = ''): void {
    this.#last = this.#last.then(() => this.#run(action, argument).catch(this.#failed));
  }

  /** All have ended. */
  done(): Promise<void> {
    return this.#last;
  }

  #run(action: HookAction, argument: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const env = { ...process.env, ACTION: action, ARGUMENT: argument };
      // What it prints is no result of ours.
      const child = spawn(this.#script, { env, stdio: ['ignore', 2, 2] });
      child.once('error', (cause) => {
        reject(
          new HotshoeError('FILE', `cannot run ${this.#script}: ${cause.message}`, {
            cause,
            hint: 'Give the path of a program that may be executed.',
          }),
        );
      });
      child.once('close', (code) => {
        if (code === 0) resolve();
        else reject(new HotshoeError('FILE', `${this.#script} ended with ${code} (${action})`));
      });
    });
  }
}
