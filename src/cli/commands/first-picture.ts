import { resolve } from 'node:path';
import { HotshoeError } from '../../index.ts';
import { listenTcp } from '../../node/tcp.ts';
import type { GlobalOptions } from '../context.ts';
import { Exit } from '../exit-codes.ts';
import type { AddCommand } from './command.ts';

/**
 * Runs the real commands against a virtual camera behind a real socket; `runCommand` runs one
 * command line and resolves with its exit code.
 */
export const addFirstPicture =
  (runCommand: (args: readonly string[]) => Promise<number>): AddCommand =>
  (program, run) => {
    program
      .command('first-picture')
      .description('take and download a picture with a virtual EOS R6, without any hardware')
      .option('-o, --output <folder>', 'where to put the picture', 'pictures')
      .action(
        run(async ({ output, options: global }, options: { output: string }) => {
          if (global.json) {
            throw new HotshoeError('USAGE', 'first-picture has more than one result', {
              hint: 'Take --jsonl instead of --json.',
            });
          }
          const { createVirtualCamera } = await import('../../virtual/index.ts');
          const virtual = createVirtualCamera('eos-r6');
          const server = await listenTcp({ port: 0 }, (stream) => void virtual.servePtpIp(stream));
          try {
            const address = `ptpip://${server.host}:${server.port}`;
            const shared = ['--camera', address, ...passedOn(global)];
            const steps = [['info'], ['ls'], ['shoot', '--download', '--output', options.output]];
            output.line(
              `A virtual Canon EOS R6 listens at ${address}; what follows treats it as a real one.`,
            );
            for (const step of steps) {
              output.line(`\n$ hotshoe ${step.join(' ')}`);
              const code = await runCommand([...shared, ...step]);
              if (code !== Exit.Done) return code;
            }
            output.line(farewell(resolve(options.output)));
            return Exit.Done;
          } finally {
            await server.close();
            await virtual.close();
          }
        }),
      );
  };

/** The options of this command line that each of its commands gets too. */
function passedOn({ jsonl, quiet, verbose = 0, log }: GlobalOptions): string[] {
  return [
    ...(jsonl ? ['--jsonl'] : []),
    ...(quiet ? ['--quiet'] : []),
    ...Array<string>(verbose).fill('--verbose'),
    ...(log === undefined ? [] : ['--log', log]),
  ];
}

function farewell(folder: string): string {
  return `
The picture is in ${folder}.

With a real EOS in the same network (Wi-Fi function "Remote control (EOS Utility)"):
  npx hotshoe --camera ptpip://192.168.1.20 shoot --download
With this one again, made inside the command, or as a camera for other programs:
  npx hotshoe --camera virtual:eos-r6 info
  npx hotshoe virtual eos-r6`;
}
