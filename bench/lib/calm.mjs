// @ts-check
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_MS = 250;
const LONGEST_MS = 15_000;
const IDLE_SHARE = 0.85;

let waits = 0;
let busy = 0;

/** Waits until the machine has little else to do, or has had time enough for it. */
export async function calm() {
  waits++;
  for (let waited = 0; waited < LONGEST_MS; waited += LOOK_MS) {
    const before = processorTimes();
    await sleep(LOOK_MS);
    const after = processorTimes();
    if ((after.idle - before.idle) / (after.all - before.all) >= IDLE_SHARE) return;
  }
  busy++;
}

/** How often the machine was still busy with something else. */
export const busyStarts = () => ({ waits, busy });

/** Jiffies since the start of the machine. */
function processorTimes() {
  const line = readFileSync('/proc/stat', 'utf8').split('\n', 1)[0] ?? '';
  const times = line.trim().split(/\s+/).slice(1, 9).map(Number);
  return {
    idle: (times[3] ?? 0) + (times[4] ?? 0),
    all: times.reduce((sum, time) => sum + time, 0),
  };
}
