import type { Camera, CameraStorage } from '../../index.ts';
import { type CameraObject, hex32, nameOf, UnsupportedError } from '../../index.ts';
import { table } from '../output.ts';
import type { AddCommand } from './command.ts';

export const addLs: AddCommand = (program, run) => {
  program
    .command('ls')
    .description('list pictures and folders; without a path, everything')
    .argument('[path]', 'a folder or file, with or without the storage before it: DCIM/100CANON')
    .option('-l, --long', 'also handle, kind, size in bytes and date')
    .option('-R, --recursive', 'also what lies in the folders of the path')
    .action(
      run(
        async (
          { output, signal, withCamera },
          path: string | undefined,
          options: { long?: boolean; recursive?: boolean },
        ) =>
          withCamera(async (camera) => {
            const objects: CameraObject[] = [];
            const names = camera.ptp?.names.formats ?? {};
            const recursive = path === undefined || options.recursive === true;
            for await (const object of storageOf(camera).list({ path, recursive, signal })) {
              objects.push(object);
              output.item(object);
              if (!options.long) output.line(displayPath(object));
            }
            if (options.long) {
              for (const line of table(
                objects.map((object) => longRow(object, names)),
                [3],
              )) {
                output.line(line);
              }
            }
            if (!output.options.jsonl) output.result(objects);
            return undefined;
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
