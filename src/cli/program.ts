/** The command line as a whole: options that every command has, errors, exit codes. */
import { Command, CommanderError, Option } from 'commander';
import { HotshoeError } from '../base/errors.ts';
import { ignore } from '../base/time.ts';
import { addAlias } from './commands/alias.ts';
import { addClock, addOwner } from './commands/body.ts';
import type { AddCommand } from './commands/command.ts';
import { addCompletion } from './commands/completion.ts';
import { addConfig } from './commands/config.ts';
import { addDoctor } from './commands/doctor.ts';
import { addEvents } from './commands/events.ts';
import { addFirmware } from './commands/firmware.ts';
import { addFirstPicture } from './commands/first-picture.ts';
import { addFocus } from './commands/focus.ts';
import { addGet } from './commands/get.ts';
import { addHold } from './commands/hold.ts';
import { addInfo } from './commands/info.ts';
import { addInspect } from './commands/inspect.ts';
import { addList } from './commands/list.ts';
import { addLive } from './commands/live.ts';
import { addLs } from './commands/ls.ts';
import { addMiniPtp } from './commands/miniptp.ts';
import { addPair } from './commands/pair.ts';
import { addPut } from './commands/put.ts';
import { addRecord } from './commands/record.ts';
import { addRelease } from './commands/release.ts';
import { addRespond } from './commands/respond.ts';
import { addServe } from './commands/serve.ts';
import { addShoot } from './commands/shoot.ts';
import {
  addFormat,
  addMkdir,
  addProtect,
  addRm,
  addRmdir,
  addStorage,
} from './commands/storage.ts';
import { addTether } from './commands/tether.ts';
import { addThumb } from './commands/thumb.ts';
import { addTransact } from './commands/transact.ts';
import { addVirtual } from './commands/virtual.ts';
import { addZoom } from './commands/zoom.ts';
import { type Context, type GlobalOptions, makeContext, type RunOptions } from './context.ts';
import { Exit, exitCodeOf } from './exit-codes.ts';
import { Output, type Streams } from './output.ts';
import { parseDuration } from './parse.ts';
import { version } from './version.ts';

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
    addList,
    addPair,
    addRespond,
    addAlias,
    addHold,
    addRelease,
    addDoctor(run),
    addInfo,
    addLs,
    addStorage,
    addGet,
    addThumb,
    addPut,
    addRm,
    addMkdir,
    addRmdir,
    addProtect,
    addFormat(run),
    addShoot(run),
    addTether,
    addRecord,
    addLive,
    addFocus,
    addZoom,
    addConfig,
    addClock,
    addOwner,
    addEvents,
    addTransact(run),
    addInspect(run),
    addMiniPtp,
    addFirmware,
    addVirtual(run),
    addServe,
    addCompletion,
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
    const output =
      context?.output ?? new Output(run.streams, program.opts<GlobalOptions>(), run.env);
    const code = tell(error, output, run.signal);
    output.flush();
    return code;
  } finally {
    context?.output.flush();
  }
}

/** Prints what went wrong; gives the exit code. */
function tell(error: unknown, output: Output, signal: AbortSignal): number {
  if (error instanceof CommanderError) return usage(error, output);
  // Whatever failed after Ctrl-C failed because of it.
  const cause: unknown = signal.aborted ? signal.reason : error;
  const code = exitCodeOf(cause);
  if (code === Exit.Interrupted && !output.machine) output.note('interrupted');
  else if (code !== Exit.Done) output.error(cause);
  return code;
}

/** What commander found wrong; help and version have been printed already. */
function usage({ code, exitCode, message }: CommanderError, output: Output): number {
  if (exitCode === 0) return Exit.Done;
  if (code !== 'commander.help') {
    output.error(
      new HotshoeError('USAGE', message.replace(/^error: /, ''), {
        hint: 'See `hotshoe --help`, or `hotshoe COMMAND --help` for one command.',
      }),
    );
  }
  return Exit.Usage;
}

const EXIT_CODES = `
Exit codes: 0 done, 1 failed, 2 wrong usage, 3 no camera, 4 camera busy, 5 not supported by this camera,
6 link lost or timed out, 7 done in part, 130 interrupted.`;

function makeProgram(streams: Streams): Command {
  return new Command('hotshoe')
    .description(
      'Control every generation of Canon camera, over USB, over Wi-Fi and in this process.',
    )
    .version(version(), '-V, --version')
    .option(
      '-c, --camera <address>',
      'the camera: usb:, ptpip://HOST, virtual:eos-r6, an alias or the name of a paired one (or HOTSHOE_CAMERA); else the only one',
    )
    .addOption(
      new Option(
        '--mode <mode>',
        'what to speak with a body that speaks both; default ptp',
      ).choices(['ptp', 'normal']),
    )
    .addOption(new Option('--json', 'print the result as one JSON document').conflicts('jsonl'))
    .option('--jsonl', 'print results as JSON, one document a line, as they come')
    .option('-q, --quiet', 'no progress and no remarks')
    .option(
      '-v, --verbose',
      'show each transaction; twice: with hexdumps',
      (_, n: number) => n + 1,
      0,
    )
    .option('--log <file>', 'append what -v shows to a file')
    .option('--record <file>', 'record all traffic with the camera, for Wireshark and `inspect`')
    .option(
      '--redact',
      'mask serial numbers, names, places, network addresses in that, and in `inspect`',
    )
    .option(
      '--wait <duration>',
      'how long the camera may wait for OK on its screen (3m, 20s)',
      parseDuration,
    )
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', EXIT_CODES)
    .configureOutput({
      // Shown as every other error is, by `usage`.
      outputError: ignore,
      writeOut: (text) => void streams.stdout.write(text),
      writeErr: (text) => void streams.stderr.write(text),
    });
}
