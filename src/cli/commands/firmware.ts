import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { HotshoeError, UnsupportedError } from '../../index.ts';
import { fileError } from '../../node/file-error.ts';
import { formatBytes } from '../output.ts';
import { downloadProgress } from '../progress.ts';
import type { AddCommand } from './command.ts';

/** More than any firmware: a film chosen by mistake is not read into memory. */
const LARGEST = 0x10000000;

export const addFirmware: AddCommand = (program, run) => {
  program
    .command('firmware')
    .description('send a firmware to a virtual camera (.FIR of its own model)')
    .argument('<file>', 'as Canon publishes it: EOSR6150.FIR')
    .option('--i-know-this-can-brick-the-camera', 'do it')
    .action(
      run((context, file: string, options: { iKnowThisCanBrickTheCamera?: true }) => {
        const { output, signal } = context;
        if (!options.iKnowThisCanBrickTheCamera) {
          throw new HotshoeError('USAGE', 'another firmware can make a camera useless', {
            hint: 'If that is what you want, say --i-know-this-can-brick-the-camera.',
          });
        }
        return context.withCamera(async ({ firmware, identity }) => {
          if (!firmware)
            throw new UnsupportedError(`${identity.model} takes no firmware from here`);
          const name = basename(file);
          const bytes = await contentOf(file);
          const progress = await downloadProgress(output, name, bytes.length);
          try {
            await firmware.update(
              { name, bytes },
              {
                iKnowThisCanBrickTheCamera: true,
                onProgress: (sent) => progress.update(sent),
                signal,
              },
            );
            progress.done(`${name}  ${formatBytes(bytes.length)}`);
          } finally {
            progress.done();
          }
          output.line(`${identity.model} has ${name}, and asks on its screen whether to update`);
          output.result({ name, bytes: bytes.length });
          return undefined;
        });
      }),
    );
};

async function contentOf(file: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(file);
    if (size > LARGEST) {
      throw new HotshoeError('USAGE', `${file} is too large for a firmware`, {
        hint: 'Is it the right file?',
      });
    }
    return await readFile(file);
  } catch (error) {
    throw fileError(error, 'read', file, 'Name the file that Canon publishes for this camera.');
  }
}
