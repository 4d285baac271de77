import { basename, dirname } from 'node:path';
import { addAbortSignal, type Readable } from 'node:stream';
import { Option } from 'commander';
import {
  type DataSink,
  type DataSource,
  globMatcher,
  HotshoeError,
  hex16,
  hex32,
  hexdump,
  isGlob,
  nameOf,
  type PtpSession,
  parseHex,
  Response,
  ResponseError,
  type TransactionResult,
  toHex,
  UnsupportedError,
} from '../../index.ts';
import { downloadFile, type OnExists } from '../../node/download.ts';
import { fileSource } from '../../node/upload.ts';
import type { Context, RunOptions } from '../context.ts';
import { Exit, exitCodeOf } from '../exit-codes.ts';
import { operationCode, operationName } from '../operation-names.ts';
import { type Output, table } from '../output.ts';
import { parseU32 } from '../parse.ts';
import { downloadProgress } from '../progress.ts';
import type { AddCommand } from './command.ts';
import { EVENT_PROC, type EventProcCliOptions, eventProc } from './event-proc.ts';

/** Bytes shown to people; --raw, -o and --json give all. */
const DUMP_LIMIT = 4096;

interface TransactOptions extends EventProcCliOptions {
  data?: string;
  hex?: string;
  raw?: boolean;
  output?: string;
  onExists: OnExists;
  list?: string | true;
}

export const addTransact =
  ({ streams }: RunOptions): AddCommand =>
  (program, run) => {
    program
      .command('transact')
      .description('send any operation and show the answer')
      .argument(
        '[op]',
        'a name (GetDeviceInfo, EOS_GetObject) or a code (0x1001); `eventproc NAME ARG…` calls the firmware',
      )
      .argument('[param...]', 'up to five parameters, in any base: 12, 0x1f, 0b101')
      .option('--data <file>', 'send the bytes of this file as data; - takes them from stdin')
      .option('--hex <bytes>', 'send these bytes as data: "0c 00 00 00 1c d1"')
      .option('--raw', 'write the data of the answer to stdout as it is')
      .option('-o, --output <file>', 'write it to this file; - is --raw')
      .addOption(
        new Option('--on-exists <what>', 'when a file of that name is there')
          .choices(['rename', 'overwrite', 'fail'])
          .default('rename'),
      )
      .option('--return-data', 'of eventproc: fetch the data that the procedure gives')
      .option('--async', 'of eventproc: let it run in the background, and wait for its end')
      .option(
        '--i-know-this-can-brick-the-camera',
        'of eventproc: call one that may change the camera',
      )
      .option('--list [pattern]', 'list what the camera can do: by part of a name, or 0x91*')
      .action(
        run((context, op: string | undefined, words: string[], options: TransactOptions) => {
          if (options.list !== undefined) {
            if (op === undefined) return list(context, options.list);
            throw new HotshoeError('USAGE', '--list sends no operation', {
              hint: `Leave out --list, or ${op}.`,
            });
          }
          if (op?.toLowerCase() === EVENT_PROC) return eventProc(context, words, options);
          if (op === undefined) {
            throw new HotshoeError('USAGE', 'no operation was named', {
              hint: 'Give a name or a code: `hotshoe transact GetDeviceInfo`, or see --list.',
            });
          }
          return transact(context, op, words, options, streams.stdin);
        }),
      );
  };

async function list({ output, withCamera }: Context, pattern: string | true): Promise<number> {
  return withCamera(async (camera) => {
    const { deviceInfo, names } = sessionOf(camera);
    const wanted = pattern === true ? '*' : isGlob(pattern) ? pattern : `*${pattern}*`;
    const matches = globMatcher(wanted);
    const operations = [...deviceInfo.operationsSupported]
      .sort((a, b) => a - b)
      .map((code) => ({ code, name: operationName(code, names) }))
      .filter(({ code, name = '' }) => {
        return [hex16(code), name].some((text) => matches({ name: text, path: text }));
      });
    for (const line of table(operations.map(({ code, name }) => [hex16(code), name ?? '?']))) {
      output.line(line);
    }
    output.result(operations);
    if (operations.length > 0) return Exit.Done;
    throw new HotshoeError('NOT_FOUND', `${deviceInfo.model} lists nothing like "${pattern}"`, {
      hint: '`hotshoe transact --list` lists all that it does.',
    });
  });
}

async function transact(
  { output, signal, withCamera }: Context,
  op: string,
  words: readonly string[],
  options: TransactOptions,
  stdin: NodeJS.ReadableStream,
): Promise<number> {
  const file = options.raw ? (options.output ?? '-') : options.output;
  if (file === '-' && output.machine) {
    throw new HotshoeError('USAGE', '--raw and --json exclude each other: both go to stdout', {
      hint: 'Name a file with -o, or leave --raw out: JSON holds the data as hexadecimal digits.',
    });
  }
  const params = words.map(parseParam);
  if (params.length > 5) {
    throw new HotshoeError('USAGE', `an operation takes five parameters, not ${params.length}`);
  }
  await using data = await dataOf(options, output, () => allOf(stdin, signal));
  return await withCamera(async (camera) => {
    const session = sessionOf(camera);
    const code = operationCode(op, session.names);
    const send = (sink?: DataSink) =>
      session.transaction(code, params, { data: data.source(), sink, signal });
    const answer = await receive(send, code, file, options.onExists, { output, signal });
    tell(session, code, answer, file, output);
    if (answer.code === Response.OK) return Exit.Done;
    return exitCodeOf(new ResponseError(code, answer.code, answer.params));
  });
}

interface Answer extends TransactionResult {
  /** Where the data is, if it went to a file. */
  saved?: { file: string; bytes: number };
}

/** The answer, its data in memory, on stdout (`-`), or in a file. */
async function receive(
  send: (sink?: DataSink) => Promise<TransactionResult>,
  code: number,
  file: string | undefined,
  onExists: OnExists,
  { output, signal }: Pick<Context, 'output' | 'signal'>,
): Promise<Answer> {
  if (file === undefined) return send();
  if (file === '-') return send({ write: (chunk) => output.bytes(chunk, signal) });
  let answer: TransactionResult | undefined;
  try {
    const { path, bytes } = await downloadFile({
      folder: dirname(file),
      name: basename(file),
      size: undefined,
      onExists,
      async read(sink) {
        let got = 0;
        answer = await send({
          write(chunk) {
            got += chunk.length;
            return sink.write(chunk);
          },
        });
        // No file of what comes with a refusal.
        if (answer.code !== Response.OK) throw new ResponseError(code, answer.code);
        return got;
      },
    });
    if (answer) return { ...answer, saved: { file: path, bytes } };
  } catch (error) {
    if (!answer || answer.code === Response.OK) throw error;
  }
  return answer as TransactionResult;
}

function tell(
  { names }: PtpSession,
  operation: number,
  { code, params, data, saved }: Answer,
  file: string | undefined,
  output: Output,
): void {
  const responseName = nameOf(names.responses, code);
  output.result({
    operation,
    operationName: nameOf(names.operations, operation),
    response: code,
    responseName,
    params,
    ...(saved ?? { data: toHex(data) }),
  });
  const known = names.responses[code] === undefined ? [] : [responseName];
  const head = [...known, hex16(code)].join(' ');
  const line = params.length > 0 ? `${head}  ${params.map(hex32).join(' ')}` : head;
  if (file === '-') output.note(line);
  else output.line(line);
  if (saved) output.line(`${saved.bytes} bytes in ${saved.file}`);
  else if (data.length > 0) output.line(hexdump(data, { limit: DUMP_LIMIT }));
}

function sessionOf(camera: Parameters<Parameters<Context['withCamera']>[0]>[0]): PtpSession {
  if (camera.ptp) return camera.ptp;
  throw new UnsupportedError(`${camera.identity.model} does not speak PTP`);
}

function parseParam(word: string): number {
  const value = parseU32(word);
  if (value === undefined) {
    throw new HotshoeError('USAGE', `"${word}" is not a parameter`, {
      hint: 'Parameters are 32-bit numbers: 12, 0x1f, 0b101, -1.',
    });
  }
  return value;
}

interface OutgoingData extends AsyncDisposable {
  /** Undefined where the operation sends no data. */
  source(): Uint8Array | DataSource | undefined;
}

async function dataOf(
  { data: file, hex }: TransactOptions,
  output: Output,
  stdin: () => Promise<Uint8Array>,
): Promise<OutgoingData> {
  if (file !== undefined && hex !== undefined) {
    throw new HotshoeError('USAGE', '--data and --hex exclude each other', {
      hint: 'Give the bytes in one of the two ways.',
    });
  }
  if (file !== undefined && file !== '-') {
    const source = await fileSource(file);
    const progress = await downloadProgress(output, basename(file), source.size);
    return {
      source: () => source.counted((bytes) => progress.update(bytes)),
      async [Symbol.asyncDispose]() {
        progress.done();
        await source[Symbol.asyncDispose]();
      },
    };
  }
  const bytes = file === '-' ? await stdin() : hex === undefined ? undefined : hexBytes(hex);
  return { source: () => bytes, [Symbol.asyncDispose]: () => Promise.resolve() };
}

/** In memory, because PTP announces the size before the first byte. */
async function allOf(stream: NodeJS.ReadableStream, signal: AbortSignal): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  addAbortSignal(signal, stream as Readable);
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

function hexBytes(text: string): Uint8Array {
  const bytes = parseHex(text);
  if (bytes) return bytes;
  throw new HotshoeError('USAGE', `--hex: "${text}" is not hexadecimal`, {
    hint: 'Give pairs of digits: "0c 00 00 00 1c d1".',
  });
}
