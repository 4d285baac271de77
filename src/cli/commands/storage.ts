import {
  type Camera,
  type CameraObject,
  type CameraStorage,
  HotshoeError,
  ResponseError,
  type StorageUnit,
  UnsupportedError,
} from '../../index.ts';
import { ask } from '../ask.ts';
import type { Context, RunOptions } from '../context.ts';
import { eachObject, folderAt, parseHandle, storageOf, WHAT } from '../each-object.ts';
import { table } from '../output.ts';
import type { AddCommand } from './command.ts';
import { describeUnit } from './info.ts';
import { displayPath } from './ls.ts';

export const addStorage: AddCommand = (program, run) => {
  program
    .command('storage')
    .description('list the cards and what is free on them')
    .action(
      run(({ output, signal, withCamera }) =>
        withCamera(async (camera) => {
          const units = await storageOf(camera).units({ signal });
          output.result(units);
          for (const line of table(units.map((unit) => [unit.label, describeUnit(unit)]))) {
            output.line(line);
          }
          return undefined;
        }),
      ),
    );
};

interface DryRun {
  dryRun?: boolean;
}

export const addRm: AddCommand = (program, run) => {
  program
    .command('rm')
    .description('delete pictures from the camera; folders with -r')
    .argument('<what...>', WHAT)
    .option('-r, --recursive', 'also folders, with all that is in them')
    .option('-n, --dry-run', 'only say what would be deleted')
    .action(
      run((context, what: string[], options: DryRun & { recursive?: boolean }) =>
        context.withCamera(async (camera) => {
          const storage = storageOf(camera);
          const remove = needed(camera, 'remove', 'delete anything');
          for (const target of what) await refuseTooMuch(storage, target, context, options);
          const selection = {
            targets: what,
            folders: options.recursive ? 'itself' : 'tree',
            filesOnly: !options.recursive,
            listFirst: true,
            nothing: 'nothing to delete',
          } as const;
          return eachObject(context, camera, selection, async (object) => {
            if (!options.dryRun) await remove(object, { signal: context.signal });
            return tellPath(context, object, options.dryRun ? 'would be deleted' : 'deleted');
          });
        }),
      ),
    );
};

/** A path that names a folder means all that is in it: only with -r; a whole card, never. */
async function refuseTooMuch(
  storage: CameraStorage,
  target: string,
  { signal }: Context,
  { recursive }: { recursive?: boolean },
): Promise<void> {
  const path = target.replace(/^\/+|\/+$/g, '');
  const labels = (await storage.units({ signal })).map(({ label }) => label.toLowerCase());
  if (path === '' || labels.includes(path.toLowerCase())) {
    throw new HotshoeError('USAGE', `"${target}" is a whole card`, {
      hint: 'Erase it with `hotshoe format`, or name folders and pictures.',
    });
  }
  if (!recursive && (await namesFolder(storage, target, signal))) {
    throw new HotshoeError('USAGE', `"${target}" is a folder`, {
      hint: 'Delete it with all that is in it by `hotshoe rm -r`; look first with --dry-run.',
    });
  }
}

async function namesFolder(
  storage: CameraStorage,
  target: string,
  signal: AbortSignal,
): Promise<boolean> {
  const handle = parseHandle(target);
  if (handle === undefined) return (await folderAt(storage, target, signal)) !== undefined;
  try {
    return (await storage.object(handle, { signal })).kind === 'folder';
  } catch (error) {
    // No such object: told when its turn comes.
    if (error instanceof ResponseError) return false;
    throw error;
  }
}

export const addMkdir: AddCommand = (program, run) => {
  program
    .command('mkdir')
    .description('make a folder on the card')
    .argument('<path>', 'the new folder: DCIM/200HOLID')
    .action(
      run((context, path: string) =>
        context.withCamera(async (camera) => {
          const make = needed(camera, 'makeFolder', 'make folders');
          const folder = await make(path, { signal: context.signal });
          context.output.result(folder);
          context.output.line(displayPath(folder));
          return undefined;
        }),
      ),
    );
};

export const addRmdir: AddCommand = (program, run) => {
  program
    .command('rmdir')
    .description('delete an empty folder from the card')
    .argument('<path>', 'the folder')
    .action(
      run((context, path: string) =>
        context.withCamera(async (camera) => {
          const { signal, output } = context;
          const storage = storageOf(camera);
          const remove = needed(camera, 'remove', 'delete anything');
          const folder = await folderAt(storage, path, signal);
          if (!folder) {
            throw new HotshoeError('NOT_FOUND', `there is no folder "${path}" on the camera`, {
              hint: '`hotshoe ls` lists what is there.',
            });
          }
          // A camera deletes what is in it as well: it must be known to be empty.
          for await (const _ of storage.list({ path: folder.path, recursive: false, signal })) {
            throw new HotshoeError('USAGE', `${displayPath(folder)} is not empty`, {
              hint: 'Delete what is in it first, or all together with `hotshoe rm -r`.',
            });
          }
          await remove(folder, { signal });
          output.result({ path: folder.path });
          output.line(displayPath(folder));
          return undefined;
        }),
      ),
    );
};

export const addProtect: AddCommand = (program, run) => {
  program
    .command('protect')
    .description('protect pictures from deletion, or free them')
    .argument('<what...>', WHAT)
    .option('--off', 'free them')
    .action(
      run((context, what: string[], options: { off?: boolean }) =>
        context.withCamera(async (camera) => {
          const protect = needed(camera, 'protect', 'protect files');
          const selection = {
            targets: what,
            folders: 'tree',
            filesOnly: true,
            nothing: 'nothing to protect',
          } as const;
          return eachObject(context, camera, selection, async (object) => {
            await protect(object, !options.off, { signal: context.signal });
            return tellPath(context, object, options.off ? 'free' : 'protected');
          });
        }),
      ),
    );
};

export const addFormat =
  ({ streams }: RunOptions): AddCommand =>
  (program, run) => {
    program
      .command('format')
      .description('erase a card')
      .argument('<storage>', 'which one: SD1')
      .option('-y, --yes', 'do not ask')
      .option('-n, --dry-run', 'only say which card would be erased')
      .action(
        run((context, label: string, options: DryRun & { yes?: boolean }) =>
          context.withCamera(async (camera) => {
            const { output, signal } = context;
            const storage = storageOf(camera);
            const format = needed(camera, 'format', 'format cards');
            const unit = unitOf(await storage.units({ signal }), label);
            const what = `${unit.label} (${describeUnit(unit)}) of ${camera.identity.model}`;
            if (options.dryRun) {
              output.note(`${what} would be erased`);
            } else {
              // Only the card's own name is a yes.
              const question = {
                text: `Erase everything on ${what}? Type ${unit.label} to do it: `,
                yes: unit.label,
                otherwise: `${what} is not erased`,
              };
              if (!options.yes) await ask(streams, question, signal);
              await format(unit, { signal });
              output.note(`${what} is erased`);
            }
            output.result({ storage: unit.label, id: unit.id, erased: !options.dryRun });
            return undefined;
          }),
        ),
      );
  };

function unitOf(units: readonly StorageUnit[], label: string): StorageUnit {
  const unit = units.find((each) => each.label.toLowerCase() === label.toLowerCase());
  if (unit?.present) return unit;
  throw new HotshoeError(
    'NOT_FOUND',
    unit ? `there is no card in ${unit.label}` : `the camera has no storage "${label}"`,
    { hint: `It has ${units.map((each) => each.label).join(', ')}.` },
  );
}

function tellPath(
  { output }: Context,
  object: CameraObject,
  state: string,
): { path: string; handle: number; state: string } {
  output.line(displayPath(object));
  return { path: object.path, handle: object.handle, state };
}

/** What the storage of some cameras lacks. */
type Capability = 'put' | 'remove' | 'makeFolder' | 'protect' | 'format';

/** A method of the camera's storage, bound to it, or an error that says that there is none. */
export function needed<K extends Capability>(
  camera: Camera,
  capability: K,
  what: string,
): NonNullable<CameraStorage[K]> {
  const storage = storageOf(camera);
  const method = storage[capability];
  if (method !== undefined) return method.bind(storage) as NonNullable<CameraStorage[K]>;
  throw new UnsupportedError(`${camera.identity.model} lists no operation to ${what}`);
}
