/** Questions to a person, where there is one. */
import { createInterface } from 'node:readline/promises';
import { HotshoeError } from '../base/errors.ts';
import type { RunOptions } from './context.ts';

interface Question {
  text: string;
  /** The one answer that is a yes. */
  yes: string;
  /** What is not done without it. */
  otherwise: string;
}

/** Rejects with a USAGE error for any other answer, and where there is no terminal to ask on. */
export async function ask(
  { stdin, stderr }: RunOptions['streams'],
  { text, yes, otherwise }: Question,
  signal: AbortSignal,
): Promise<void> {
  if (!('isTTY' in stdin && stdin.isTTY)) {
    throw new HotshoeError('USAGE', `${otherwise} without a yes`, {
      hint: 'Add --yes; there is no terminal to ask on.',
    });
  }
  const lines = createInterface({ input: stdin, output: stderr });
  try {
    const answer = await lines.question(text, { signal });
    if (answer.trim() !== yes) throw new HotshoeError('USAGE', otherwise);
  } finally {
    lines.close();
  }
}
