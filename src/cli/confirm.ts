/** Questions before what cannot be undone, or what changes the system. */
import { createInterface } from 'node:readline/promises';
import { HotshoeError } from '../base/errors.ts';
import type { RunOptions } from './context.ts';

/**
 * Asks on the terminal; anything but yes is a USAGE error with `refusal`, and so is the lack of a
 * terminal.
 */
export async function confirmed(
  { stdin, stderr }: RunOptions['streams'],
  question: string,
  refusal: string,
  signal: AbortSignal,
): Promise<void> {
  if (!('isTTY' in stdin && stdin.isTTY)) {
    throw new HotshoeError('USAGE', refusal, {
      hint: 'Add --yes; there is no terminal to ask on.',
    });
  }
  const lines = createInterface({ input: stdin, output: stderr });
  try {
    const answer = await lines.question(question, { signal });
    if (!/^y(es)?$/i.test(answer.trim())) throw new HotshoeError('USAGE', refusal);
  } finally {
    lines.close();
  }
}
