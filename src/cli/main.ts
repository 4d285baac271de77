#!/usr/bin/env node
import { ignore, systemClock } from '../base/time.ts';
import { Interrupted, OutputClosed } from './exit-codes.ts';
import { runCommandLine } from './program.ts';

/** npm hands on a SIGINT that its whole process group gets too: two so close are one. */
const SAME_SIGNAL_MS = 250;
const REMIND_MS = 500;
/** How long after Ctrl-C what was printed may wait for a reader that stands still. */
const UNREAD_MS = 250;

const interrupt = new AbortController();
let interruptedAt = 0;
let stopReminder: () => void = ignore;
// The first Ctrl-C ends cleanly and leaves the camera usable, the second ends at once.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (!interrupt.signal.aborted) {
      interruptedAt = performance.now();
      interrupt.abort(new Interrupted());
      // A camera that does not answer keeps a clean end waiting.
      stopReminder = systemClock.after(REMIND_MS, () => {
        process.stderr.write('waiting for the camera; Ctrl-C again ends at once\n');
      });
    } else if (performance.now() - interruptedAt > SAME_SIGNAL_MS) process.exit(130);
  });
}
// A reader that went away (`hotshoe ls | head`) wants no more output, and no error either; the
// camera is still closed as it should be.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE' && !interrupt.signal.aborted) throw error;
  interrupt.abort(new OutputClosed());
});
// Nobody is left to be told.
process.stderr.on('error', ignore);

process.exitCode = await runCommandLine(process.argv.slice(2), {
  streams: process,
  env: process.env,
  signal: interrupt.signal,
});
stopReminder();
// Whoever reads the output may stand still, and would keep the program for ever.
if (interrupt.signal.aborted && process.stdout.writableLength > 0) {
  systemClock.after(UNREAD_MS, () => process.exit());
}
