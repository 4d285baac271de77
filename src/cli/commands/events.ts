import { UnsupportedError } from '../../base/errors.ts';
import { systemClock } from '../../base/time.ts';
import { hex16, hex32, toHex } from '../../bytes/index.ts';
import type { CameraEvent } from '../../camera/camera.ts';
import { parseCount, parseDuration } from '../parse.ts';
import type { AddCommand } from './command.ts';

interface EventsOptions {
  count?: number;
  for?: number;
}

export const addEvents: AddCommand = (program, run) => {
  program
    .command('events')
    .description('what the camera tells: settings, pictures, states, until Ctrl-C')
    .option('--count <n>', 'end after so many', parseCount)
    .option('--for <duration>', 'end after so long', parseDuration)
    .action(
      run(({ output, signal, withCamera }, { count, for: ms }: EventsOptions) =>
        withCamera(async (camera) => {
          if (!camera.events) {
            throw new UnsupportedError(`${camera.identity.model} tells of nothing by itself`);
          }
          const told: unknown[] = [];
          const iterator = camera.events[Symbol.asyncIterator]();
          const end = () => void iterator.return?.();
          signal.addEventListener('abort', end, { once: true });
          const off = ms === undefined ? undefined : systemClock.after(ms, end);
          try {
            while (!signal.aborted && told.length < (count ?? Number.POSITIVE_INFINITY)) {
              const { value, done } = await iterator.next();
              if (done) break;
              const item = plain(value);
              told.push(output.options.json ? item : undefined);
              output.item(item);
              output.line(inWords(value));
              output.flush();
            }
          } finally {
            off?.();
            signal.removeEventListener('abort', end);
            await iterator.return?.();
          }
          if (!output.options.jsonl) output.result(told);
          return undefined;
        }),
      ),
    );
};

/** As programs get it. */
function plain(event: CameraEvent): unknown {
  return event.type === 'unknown' ? { ...event, payload: toHex(event.payload) } : event;
}

function inWords(event: CameraEvent): string {
  switch (event.type) {
    case 'settingchanged':
      return `${event.setting.name}=${event.setting.label}`;
    case 'allowedchanged': {
      const { name, allowed } = event.setting;
      return `${name}: ${allowed.length} choices`;
    }
    case 'objectadded':
    case 'objectchanged':
    case 'transferrequest':
      return `${event.type} ${hex32(event.handle)} ${event.name} ${event.size} bytes`;
    case 'objectremoved':
      return `objectremoved ${hex32(event.handle)}`;
    case 'status':
      return event.busy ? 'busy' : 'idle';
    case 'battery':
      return `battery ${event.percent} %`;
    case 'storage':
      return `storage ${hex32(event.storageId)} changed`;
    case 'display': {
      const { type: _, ...shown } = event;
      const words = Object.entries(shown).map(([key, value]) => `${key}=${value}`);
      return ['display', ...words].join(' ');
    }
    case 'bulbtime':
    case 'recordingtime':
    case 'shutdownsoon':
      return `${event.type} ${event.seconds} s`;
    case 'unknown':
      return `unknown ${hex16(event.code)} ${toHex(event.payload)}`.trim();
  }
}
