import type { Command } from 'commander';
import type { Context } from '../context.ts';

/** Each file of this folder adds one command; `run` hands it the context of the call. */
export type AddCommand = (
  program: Command,
  run: <Args extends unknown[]>(
    action: (context: Context, ...args: Args) => Promise<number | undefined>,
  ) => (...args: Args) => Promise<void>,
) => void;
