import { HotshoeError } from '../../base/errors.ts';
import { globMatcher, isGlob } from '../../camera/paths.ts';
import { canonNames } from '../../canon/ptp/index.ts';
import type { CodeMatch, Wanted } from '../../inspect/index.ts';
import { codeOf } from '../../ptp/index.ts';
import type { Context, RunOptions } from '../context.ts';
import { Exit } from '../exit-codes.ts';
import { operationCode } from '../operation-names.ts';
import { parseSeconds, parseU32 } from '../parse.ts';
import type { AddCommand } from './command.ts';

interface InspectOptions {
  long?: boolean;
  hex?: boolean;
  op?: string[];
  prop?: string[];
  errors?: boolean;
  from?: number;
  to?: number;
  summary?: boolean;
  extract?: string;
}

export const addInspect =
  ({ streams }: RunOptions): AddCommand =>
  (program, run) => {
    program
      .command('inspect')
      .description('show in names and values what a capture of any program and camera holds')
      .argument('<file...>', 'pcap or pcapng: Wireshark, tcpdump, usbmon, USBPcap; - is stdin')
      .option('-l, --long', 'also what the data holds, a fact a line')
      .option('--hex', 'also the first 4096 bytes of each data phase')
      .option('--op <names>', 'only these operations: GetEvent,0x9116,0x91*,Set*', listed)
      .option('--prop <names>', 'only what asks for, sets or tells of these properties', listed)
      .option('--errors', 'only what did not go well')
      .option('--from <seconds>', 'only from so many seconds behind the first frame', parseSeconds)
      .option('--to <seconds>', 'only up to so many seconds', parseSeconds)
      .option('--summary', 'only totals: operations, the slowest, what nobody knows')
      .option('--extract <dir>', 'write the objects and live view pictures that passed to a folder')
      .action(
        run((context, files: string[], options: InspectOptions) =>
          inspect(context, files, options, streams.stdin),
        ),
      );
  };

async function inspect(
  { output, signal, options: { redact } }: Context,
  files: readonly string[],
  options: InspectOptions,
  stdin: NodeJS.ReadableStream,
): Promise<number> {
  const wanted = wantedOf(options);
  const { Extractor, InspectData, InspectOutput, isWanted, openCapture, Summary, tell, timeOf } =
    await load();
  using extractor = options.extract === undefined ? undefined : new Extractor(options.extract);
  const data = new InspectData({ hash: output.machine, dump: options.hex ?? false, extractor });
  const print = new InspectOutput(output, options);
  const summary = new Summary();
  let damaged = false;
  for (const file of files) {
    await using capture = openCapture(file, { stdin, signal, redact, ...data.decodeOptions });
    if (files.length > 1) print.file(file);
    for await (const seen of capture.seen) {
      const told = tell(seen);
      data.learn(told);
      const seconds = (timeOf(seen) - capture.statistics.start) / 1000;
      if (!isWanted(told, seconds, wanted)) continue;
      summary.add(told, seconds);
      if (!options.summary) print.told(told, seconds, data.of(seen));
    }
    print.extracted(await data.finish());
    print.remarks(file, capture);
    damaged ||= capture.statistics.cut !== undefined;
  }
  if (options.summary) print.summary(summary);
  else print.end();
  return damaged ? Exit.Partly : Exit.Done;
}

/** "a,b", once or several times. */
function listed(text: string, before: string[] = []): string[] {
  return [...before, ...text.split(',').filter(Boolean)];
}

/** Only when it is needed: who takes a picture need not wait until all of this is loaded. */
async function load() {
  const { openCapture } = await import('../../node/capture-file.ts');
  const { Extractor } = await import('../../node/extractor.ts');
  const { isWanted, Summary, tell, timeOf } = await import('../../inspect/index.ts');
  const { InspectData } = await import('../inspect-data.ts');
  const { InspectOutput } = await import('../inspect-output.ts');
  return { openCapture, Extractor, isWanted, Summary, tell, timeOf, InspectData, InspectOutput };
}

function wantedOf({ op, prop, errors, from, to }: InspectOptions): Wanted {
  return {
    operations: op?.map((text) => matchOf(text, () => operationCode(text, canonNames))),
    properties: prop?.map((text) => matchOf(text, () => propertyCode(text))),
    faults: errors,
    from,
    to,
  };
}

/** "0x91*" and "Set*" match codes and names; anything else is one code. */
function matchOf(text: string, codeNamed: () => number): CodeMatch {
  if (!isGlob(text)) {
    const wanted = codeNamed();
    return {
      code: (code) => code === wanted,
      name: (name) => name.toLowerCase() === text.toLowerCase(),
    };
  }
  const matches = globMatcher(text);
  const fits = (name: string) => matches({ name, path: name });
  return { code: (code) => fits(`0x${code.toString(16).padStart(4, '0')}`), name: fits };
}

function propertyCode(text: string): number {
  const code = parseU32(text) ?? codeOf(canonNames.properties, text);
  if (code !== undefined) return code;
  throw new HotshoeError('USAGE', `"${text}" is no property that hotshoe knows`, {
    hint: 'Give its code (0xd103), or a pattern (ISO*).',
  });
}
