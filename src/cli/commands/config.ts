import { readFile, unlink, writeFile } from 'node:fs/promises';
import { HotshoeError, UnsupportedError } from '../../base/errors.ts';
import { ignore } from '../../base/time.ts';
import type { Camera, CameraSettings, Setting } from '../../camera/camera.ts';
import { nameFile } from '../../node/download.ts';
import { fileError } from '../../node/file-error.ts';
import type { Context } from '../context.ts';
import { Exit, exitCodeOf } from '../exit-codes.ts';
import { errorOf, table } from '../output.ts';
import type { AddCommand } from './command.ts';

interface ConfigOptions {
  all?: boolean;
  long?: boolean;
  save?: string;
  restore?: string;
}

/** What --save writes. */
interface SavedSettings {
  model: string;
  settings: Record<string, string>;
}

/** No lists of values are known for them, so that they cannot be set. */
const GUESSES = `
With cameras from before PTP some fields are guesses, and can only be read: focus-mode,
digital-zoom, contrast, color-gain, sharpness, bracket. So are the choices of an EOS 300D.`;

export const addConfig: AddCommand = (program, run) => {
  program
    .command('config')
    .description('show and change the settings: `config iso shutter=1/250`')
    .argument('[name[=value]...]', 'hotshoe’s, gphoto2’s or Canon’s names; #3 is the third choice')
    .option('-a, --all', 'also those that photographers have no name for')
    .option('-l, --long', 'also what is allowed')
    .option('--save <file>', 'write the settings to a file')
    .option('--restore <file>', 'set what such a file holds')
    .addHelpText('after', GUESSES)
    .action(
      run((context, words: string[], options: ConfigOptions) => {
        const { save, restore } = options;
        if ((save ?? restore) !== undefined && (words.length > 0 || (save && restore))) {
          throw new HotshoeError(
            'USAGE',
            '--save and --restore are for all settings, one at a time',
            {
              hint: 'Give names, or one of the two.',
            },
          );
        }
        return context.withCamera(async (camera) => {
          const settings = settingsOf(camera);
          if (save !== undefined) return saveTo(context, camera, settings, save);
          if (restore !== undefined) return restoreFrom(context, settings, restore);
          if (words.length > 0) return setAndShow(context, settings, words, options);
          return showAll(context, settings, options);
        });
      }),
    );
};

export function settingsOf({ settings, identity }: Camera): CameraSettings {
  if (settings) return settings;
  throw new UnsupportedError(`${identity.model} has no settings that hotshoe can reach`);
}

/** Structures that nobody understands are long; `config NAME` shows them whole. */
const LONGEST_LABEL = 48;

function shorten(label: string): string {
  return label.length > LONGEST_LABEL ? `${label.slice(0, LONGEST_LABEL - 1)}…` : label;
}

async function showAll(
  { output, signal }: Context,
  settings: CameraSettings,
  { all, long }: ConfigOptions,
): Promise<number> {
  const list = await settings.list({ signal });
  const shown = list
    .filter(({ name }) => all || hasOwnName(name))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  output.result(shown);
  const rows = shown.map((setting) => [
    setting.name,
    shorten(setting.label),
    allowedText(setting, long),
  ]);
  for (const line of table(rows)) output.line(line.trimEnd());
  return Exit.Done;
}

/** Photographers' names are small and have no code in them. */
function hasOwnName(name: string): boolean {
  return /^[a-z][a-z-]*$/.test(name);
}

function allowedText({ allowed, writable }: Setting, long = false): string {
  if (!writable) return '';
  if (allowed.length === 0) return '(any)';
  return long ? allowed.map(({ label }) => label).join(', ') : `(${allowed.length} choices)`;
}

async function setAndShow(
  { output, signal }: Context,
  settings: CameraSettings,
  words: readonly string[],
  { long }: ConfigOptions,
): Promise<number> {
  const told: unknown[] = [];
  let failed: unknown;
  for (const word of words) {
    const equals = word.indexOf('=');
    const name = equals < 0 ? word : word.slice(0, equals);
    try {
      const setting =
        equals < 0
          ? await settings.get(name, { signal })
          : await settings.set(name, word.slice(equals + 1), { signal });
      told.push(setting);
      output.item(setting);
      output.line(`${setting.name}=${setting.label}`);
      if (equals < 0 || long) {
        setting.allowed.forEach(({ label }, i) => {
          output.line(`  ${label === setting.label ? '*' : ' '} #${i + 1} ${label}`);
        });
      }
    } catch (error) {
      // Nothing to show: the error stands alone. The settings behind it may depend on it.
      if (told.length === 0) throw error;
      failed = error;
      const item = { name, error: errorOf(error) };
      told.push(item);
      output.item(item);
      output.warn(error, errorOf(error).hint ?? '');
      break;
    }
  }
  if (!output.options.jsonl) output.result(told);
  return failed === undefined ? Exit.Done : Exit.Partly;
}

/** Not of the photographer: what a computer switches, and what runs by itself. */
const NOT_SAVED = new Set(['clock', 'clock-utc', 'live-view-output', 'recording', 'mode-dial']);

async function saveTo(
  { output, signal }: Context,
  camera: Camera,
  settings: CameraSettings,
  file: string,
): Promise<number> {
  const list = await settings.list({ signal });
  const kept = list.filter(
    ({ name, writable, number, allowed }) =>
      writable && !NOT_SAVED.has(name) && (allowed.length > 1 || number === undefined),
  );
  const saved: SavedSettings = {
    model: camera.identity.model,
    settings: Object.fromEntries(kept.map(({ name, label }) => [name, label])),
  };
  const part = `${file}.${process.pid}.part`;
  try {
    await writeFile(part, `${JSON.stringify(saved, undefined, 2)}\n`);
  } catch (error) {
    await unlink(part).catch(ignore);
    throw fileError(error, 'write', file, 'Choose another file with --save.');
  }
  const path = await nameFile(part, file);
  output.result({ file: path, settings: kept.length });
  output.line(`${kept.length} settings in ${path}`);
  return Exit.Done;
}

async function restoreFrom(
  { output, signal }: Context,
  settings: CameraSettings,
  file: string,
): Promise<number> {
  const saved = await readSaved(file);
  // The mode decides what else may be set.
  const wanted = Object.entries(saved.settings).sort(([a], [b]) => rank(a) - rank(b));
  const changed: Setting[] = [];
  let failed: [name: string, error: unknown][] = [];
  // Some depend on others: what was refused is tried once more at the end.
  for (let rounds = 0, left = wanted; rounds < 2 && left.length > 0; rounds++) {
    failed = [];
    const again: typeof wanted = [];
    for (const [name, value] of left) {
      try {
        const before = await settings.get(name, { signal });
        if (before.label === value) continue;
        changed.push(await settings.set(name, value, { signal }));
      } catch (error) {
        if (signal.aborted || exitCodeOf(error) === Exit.LinkLost) throw error;
        again.push([name, value]);
        failed.push([name, error]);
      }
    }
    left = again;
  }
  output.result([...changed, ...failed.map(([name, error]) => ({ name, error: errorOf(error) }))]);
  for (const { name, label } of changed) output.line(`${name}=${label}`);
  for (const [name, error] of failed) {
    output.warn(error, `${name} is left as it is. ${errorOf(error).hint ?? ''}`.trim());
  }
  return failed.length > 0 ? Exit.Partly : Exit.Done;
}

function rank(name: string): number {
  return name === 'mode' ? 0 : 1;
}

async function readSaved(file: string): Promise<SavedSettings> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw fileError(error, 'read', file);
  }
  const hint = 'Make one: `hotshoe config --save FILE`.';
  let saved: unknown;
  try {
    saved = JSON.parse(text);
  } catch {
    throw new HotshoeError('USAGE', `${file} is no file of settings`, { hint });
  }
  const { settings } = (saved ?? {}) as Partial<SavedSettings>;
  const sound =
    typeof settings === 'object' &&
    settings !== null &&
    Object.values(settings).every((value) => typeof value === 'string');
  if (!sound) throw new HotshoeError('USAGE', `${file} is no file of settings`, { hint });
  return saved as SavedSettings;
}
