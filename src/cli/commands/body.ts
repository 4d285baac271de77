/** The camera's clock and its owner. */
import { HotshoeError, UnsupportedError } from '../../base/errors.ts';
import type { Camera, Setting } from '../../camera/camera.ts';
import type { AddCommand } from './command.ts';
import { settingsOf } from './config.ts';

export const addOwner: AddCommand = (program, run) => {
  program
    .command('owner')
    .description('whose camera it is')
    .argument('[name]', 'the new owner; "" for nobody')
    .action(
      run(({ output, signal, withCamera }, name: string | undefined) =>
        withCamera(async (camera) => {
          const settings = settingsOf(camera);
          const { label } =
            name === undefined
              ? await settings.get('owner', { signal })
              : await settings.set('owner', name, { signal });
          output.result({ owner: label });
          output.line(label);
          return undefined;
        }),
      ),
    );
};

export const addClock: AddCommand = (program, run) => {
  program
    .command('clock')
    .description('what time the camera has; `clock sync` gives it this computer’s')
    .argument('[sync]', 'set it')
    .action(
      run(({ output, signal, withCamera }, what: string | undefined) => {
        if (what !== undefined && what !== 'sync') {
          throw new HotshoeError('USAGE', `"${what}" cannot be done to a clock`, {
            hint: '`hotshoe clock` shows it, `hotshoe clock sync` sets it.',
          });
        }
        return withCamera(async (camera) => {
          const clock = await clockOf(camera, signal);
          const set = async () =>
            settingsOf(camera).set(clock.setting.name, nowFor(clock), { signal });
          const { number = 0 } = what === 'sync' ? await set() : clock.setting;
          const seconds = number - nowFor(clock);
          const time = new Date(number * 1000).toISOString().slice(0, 19);
          output.result({ time, utc: clock.utc, offBySeconds: seconds });
          const off =
            Math.abs(seconds) <= 1
              ? 'as here'
              : `${Math.abs(seconds)} s ${seconds < 0 ? 'behind' : 'ahead'}`;
          output.line(`${time}${clock.utc ? 'Z' : ''}  ${off}`);
          return undefined;
        });
      }),
    );
};

interface BodyClock {
  setting: Setting;
  /** The camera knows its zone; else it has local time only. */
  utc: boolean;
}

async function clockOf(camera: Camera, signal: AbortSignal): Promise<BodyClock> {
  const settings = settingsOf(camera);
  for (const [name, utc] of [
    ['clock-utc', true],
    ['clock', false],
  ] as const) {
    const setting = await settings.get(name, { signal }).catch((error: unknown) => {
      if (error instanceof HotshoeError && error.code === 'NOT_FOUND') return undefined;
      throw error;
    });
    if (setting?.number !== undefined) return { setting, utc };
  }
  throw new UnsupportedError(`${camera.identity.model} tells no time`);
}

/** Seconds since 1970; of local time, where the camera has no other. */
function nowFor({ utc }: BodyClock): number {
  const minutes = utc ? 0 : new Date().getTimezoneOffset();
  return Math.floor(Date.now() / 1000) - 60 * minutes;
}
