import { basename } from 'node:path';
import { type CameraObject, type CameraStorage, HotshoeError, type Upload } from '../../index.ts';
import { fileSource } from '../../node/upload.ts';
import type { Context } from '../context.ts';
import { tellOutcomes } from '../outcomes.ts';
import { formatBytes } from '../output.ts';
import { parseU32 } from '../parse.ts';
import { downloadProgress } from '../progress.ts';
import type { AddCommand } from './command.ts';
import { displayPath } from './ls.ts';
import { needed } from './storage.ts';

export const addPut: AddCommand = (program, run) => {
  program
    .command('put')
    .description('upload files to the card, where the camera takes them')
    .argument('<file...>', 'files of this computer')
    .option('-t, --to <folder>', 'folder on the camera; default the root')
    .option('--format <code>', 'object format; default by extension, or what the body wants')
    .action(
      run((context, files: string[], options: { to?: string; format?: string }) =>
        context.withCamera(async (camera) => {
          const put = needed(camera, 'put', 'take uploads');
          const format = formatOf(options.format);
          return tellOutcomes<CameraObject>(context, camera, async (outcomes) => {
            for (const file of files) {
              try {
                const upload = { name: basename(file), format, folder: options.to };
                outcomes.done(await send(context, put, file, upload));
              } catch (error) {
                await outcomes.failed(file, error);
              }
            }
          });
        }),
      ),
    );
};

async function send(
  { output, signal }: Context,
  put: NonNullable<CameraStorage['put']>,
  file: string,
  upload: Omit<Upload, 'content'>,
): Promise<CameraObject> {
  await using source = await fileSource(file);
  const progress = await downloadProgress(output, upload.name, source.size);
  try {
    const content = source.counted((bytes) => progress.update(bytes));
    const object = await put({ ...upload, content }, { signal });
    progress.done(`${upload.name}  ${formatBytes(source.size)}`);
    output.line(displayPath(object));
    return object;
  } finally {
    progress.done();
  }
}

function formatOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const code = parseU32(text);
  if (code === undefined || code > 0xffff) {
    throw new HotshoeError('USAGE', `"${text}" is not an object format`, {
      hint: 'Formats are codes of 16 bits: 0x3801 is EXIF/JPEG.',
    });
  }
  return code;
}
