import { basename } from 'node:path';
import { HotshoeError } from '../../index.ts';
import { fileSource } from '../../node/upload.ts';
import { Exit, exitCodeOf } from '../exit-codes.ts';
import { errorOf, formatBytes } from '../output.ts';
import { parseU32 } from '../parse.ts';
import { downloadProgress } from '../progress.ts';
import type { AddCommand } from './command.ts';
import { displayPath, storageOf } from './ls.ts';
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
          const { output, signal } = context;
          const put = needed(camera, storageOf(camera).put, 'take uploads');
          const format = formatOf(options.format);
          const results: unknown[] = [];
          let done = 0;
          let failure: unknown;
          for (const file of files) {
            const name = basename(file);
            try {
              await using source = await fileSource(file);
              const progress = await downloadProgress(output, name, source.size);
              try {
                const content = source.counted((bytes) => progress.update(bytes));
                const object = await put({ name, content, format, folder: options.to }, { signal });
                progress.done(`${name}  ${formatBytes(source.size)}`);
                output.line(displayPath(object));
                results.push(object);
                output.item(object);
                done++;
              } finally {
                progress.done();
              }
            } catch (error) {
              signal.throwIfAborted();
              failure = error;
              if (!output.machine) output.error(error);
              const failed = { name: file, error: errorOf(error) };
              results.push(failed);
              output.item(failed);
            }
          }
          if (!output.options.jsonl) output.result(results);
          if (failure === undefined) return Exit.Done;
          return done > 0 ? Exit.Partly : exitCodeOf(failure);
        }),
      ),
    );
};

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
