#!/usr/bin/env node
import { Interrupted } from './exit-codes.ts';
import { runCommandLine } from './program.ts';

const interrupt = new AbortController();
// The first Ctrl-C ends cleanly and leaves the camera usable, the second ends at once.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (interrupt.signal.aborted) process.exit(130);
    interrupt.abort(new Interrupted());
  });
}
// A reader that went away (`hotshoe ls | head`) wants no more output, and no error either.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

process.exitCode = await runCommandLine(process.argv.slice(2), {
  streams: process,
  env: process.env,
  signal: interrupt.signal,
});
