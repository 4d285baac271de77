/** The command line as a whole: options that every command has, errors, exit codes. */
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import type { AddCommand } from './commands/command.ts';
import { addFirstPicture } from './commands/first-picture.ts';
import { addGet } from './commands/get.ts';
import { addInfo } from './commands/info.ts';
import { addLs } from './commands/ls.ts';
import { addShoot } from './commands/shoot.ts';
import { addTransact } from './commands/transact.ts';
import { addVirtual } from './commands/virtual.ts';
import { type Context, type GlobalOptions, makeContext, type RunOptions } from './context.ts';
import { Exit, exitCodeOf } from './exit-codes.ts';
import { Output, type Streams } from './output.ts';
import { parseDuration } from './parse.ts';

/** Runs one command line (without node and script name); resolves with the exit code. */
export async function runCommandLine(args: readonly string[], run: RunOptions): Promise<number> {
  let exitCode: number = Exit.Done;
  let context: Context | undefined;
  const program = makeProgram(run.streams);
  const wrap: Parameters<AddCommand>[1] =
    (action) =>
    async (...args) => {
      context = makeContext(program.opts<GlobalOptions>(), run);
      exitCode = (await action(context, ...args)) ?? Exit.Done;
    };
  for (const add of [
    addInfo,
    addLs,
    addGet,
    addShoot,
    addTransact,
    addVirtual(run),
    addFirstPicture((args) => runCommandLine(args, run)),
  ]) {
    add(program, wrap);
  }
  // Commander makes its own output settings per command; they are those of the program here.
  for (const command of program.commands) {
    command.copyInheritedSettings(program);
  }
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? Exit.Done : Exit.Usage;
    const code = exitCodeOf(error);
    const output =
      context?.output ?? new Output(run.streams, program.opts<GlobalOptions>(), run.env);
    if (code === Exit.Interrupted) output.note('interrupted');
    else output.error(error);
    return code;
  }
}

function makeProgram(streams: Streams): Command {
  return new Command('hotshoe')
    .description('Control every generation of Canon camera, over Wi-Fi and in this process.')
    .version(version(), '-V, --version')
    .option(
      '-c, --camera <address>',
      'the camera: ptpip://HOST, virtual:eos-r6 (or HOTSHOE_CAMERA)',
    )
    .option('--json', 'print the result as one JSON document')
    .option('--jsonl', 'print results as JSON, one document a line, as they come')
    .option('-q, --quiet', 'no progress and no remarks')
    .option(
      '-v, --verbose',
      'show each transaction; twice: with hexdumps',
      (_, n: number) => n + 1,
      0,
    )
    .option('--log <file>', 'append what -v shows to a file')
    .option(
      '--wait <duration>',
      'how long the camera may wait for OK on its screen (3m, 20s)',
      parseDuration,
    )
    .exitOverride()
    .showHelpAfterError('Run `hotshoe --help` to see what there is.')
    .configureOutput({
      writeOut: (text) => void streams.stdout.write(text),
      writeErr: (text) => void streams.stderr.write(text),
    });
}

function version(): string {
  const file = new URL('../../package.json', import.meta.url);
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string };
  return version;
}
