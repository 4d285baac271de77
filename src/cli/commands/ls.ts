import { type CameraObject, hex32, nameOf } from '../../index.ts';
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
          const code = await eachObject(context, camera, selection, (object) => {
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
