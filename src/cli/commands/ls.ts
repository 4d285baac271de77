import type { Camera, CameraStorage } from '../../index.ts';
import { type CameraObject, hex32, nameOf, UnsupportedError } from '../../index.ts';
import { eachObject, WHAT } from '../each-object.ts';
import { table } from '../output.ts';
import type { AddCommand } from './command.ts';

interface LsOptions {
  long?: boolean;
  recursive?: boolean;
}

export const addLs: AddCommand = (program, run) => {
  program
    .command('ls')
    .description('list pictures and folders; everything where nothing is named')
    .argument('[what...]', WHAT)
    .option('-l, --long', 'also handle, protection, kind, size in bytes and date')
    .option('-R, --recursive', 'all levels below a folder, not only what lies in it')
    .addHelpText('after', "\nA path may begin with the card's name: SD1/DCIM/100CANON.")
    .action(
      run((context, targets: string[], { long, recursive }: LsOptions) =>
        context.withCamera(async (camera) => {
          const { output } = context;
          const listed: CameraObject[] = [];
          const selection = {
            targets,
            folders: recursive ? 'tree' : 'children',
            nothing: 'nothing in it',
          } as const;
          const storage = storageOf(camera);
          const code = await eachObject(context, camera, storage, selection, (object) => {
            if (long) listed.push(object);
            else output.line(displayPath(object));
            return Promise.resolve(object);
          });
          const names = camera.ptp?.names.formats ?? {};
          const rows = listed.map((object) => longRow(object, names));
          for (const line of table(rows, [3])) output.line(line);
          return code;
        }),
      ),
    );
};

/** Folders end in a slash. */
export function displayPath(object: CameraObject): string {
  return object.kind === 'folder' ? `${object.path}/` : object.path;
}

function longRow(object: CameraObject, formats: Readonly<Record<number, string>>): string[] {
  return [
    hex32(object.handle),
    // Bodies set the flag on every folder, where it tells nothing.
    object.protected && object.kind === 'file' ? 'protected' : '-',
    nameOf(formats, object.format),
    String(object.size),
    object.date?.replace('T', ' ') ?? '-',
    displayPath(object),
  ];
}

/** The storage, or an error that says that there is none. */
export function storageOf(camera: Camera): CameraStorage {
  if (camera.storage) return camera.storage;
  throw new UnsupportedError(`${camera.identity.model} gives no access to its card`);
}
