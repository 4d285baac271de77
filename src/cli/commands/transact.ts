import { readFile } from 'node:fs/promises';
import {
  codeOf,
  HotshoeError,
  hex16,
  hex32,
  hexdump,
  nameOf,
  type PtpNames,
  parseHex,
  Response,
  ResponseError,
  toHex,
  UnsupportedError,
} from '../../index.ts';
import { fileError } from '../../node/file-error.ts';
import { Exit, exitCodeOf } from '../exit-codes.ts';
import { parseU32 } from '../parse.ts';
import type { AddCommand } from './command.ts';

/** Bytes shown to people; --raw and --json give all. */
const DUMP_LIMIT = 4096;

export const addTransact: AddCommand = (program, run) => {
  program
    .command('transact')
    .description('send any operation and show the answer')
    .argument('<op>', 'operation: a name (GetDeviceInfo) or a code (0x1001)')
    .argument('[param...]', 'up to five parameters, in any base: 12, 0x1f, 0b101')
    .option('--data <file>', 'send the bytes of this file as data')
    .option('--hex <bytes>', 'send these bytes as data: "0c 00 00 00 1c d1"')
    .option('--raw', 'write the data of the answer to stdout as it is')
    .action(
      run(
        async (
          { output, signal, withCamera },
          op: string,
          words: string[],
          options: { data?: string; hex?: string; raw?: boolean },
        ) => {
          if (options.raw && output.machine) {
            throw new HotshoeError('USAGE', '--raw and --json exclude each other', {
              hint: 'JSON holds the data as hexadecimal digits.',
            });
          }
          const params = words.map(parseParam);
          const data = await dataOf(options);
          return withCamera(async (camera) => {
            const session = camera.ptp;
            if (!session) throw new UnsupportedError(`${camera.identity.model} does not speak PTP`);
            const code = operationOf(op, session.names);
            const result = await session.transaction(code, params, {
              data,
              signal,
              ...(options.raw && { sink: { write: (chunk) => output.bytes(chunk) } }),
            });
            const response = nameOf(session.names.responses, result.code);
            output.result({
              operation: code,
              operationName: nameOf(session.names.operations, code),
              response: result.code,
              responseName: response,
              params: result.params,
              data: toHex(result.data),
            });
            const tail = result.params.map(hex32).join(' ');
            const answer = `${response} ${hex16(result.code)}${tail && `  ${tail}`}`;
            if (options.raw) output.note(answer);
            else {
              output.line(answer);
              if (result.data.length > 0) output.line(hexdump(result.data, { limit: DUMP_LIMIT }));
            }
            if (result.code === Response.OK) return Exit.Done;
            return exitCodeOf(new ResponseError(code, result.code, result.params));
          });
        },
      ),
    );
};

function parseParam(word: string): number {
  const value = parseU32(word);
  if (value === undefined) {
    throw new HotshoeError('USAGE', `"${word}" is not a parameter`, {
      hint: 'Parameters are 32-bit numbers: 12, 0x1f, 0b101, -1.',
    });
  }
  return value;
}

function operationOf(op: string, names: PtpNames): number {
  const code = parseU32(op) ?? codeOf(names.operations, op);
  if (code === undefined || code > 0xffff) {
    throw new HotshoeError('USAGE', `"${op}" is no operation that hotshoe knows`, {
      hint: 'Give its code: 0x9115.',
    });
  }
  return code;
}

async function dataOf(options: { data?: string; hex?: string }): Promise<Uint8Array | undefined> {
  if (options.data !== undefined && options.hex !== undefined) {
    throw new HotshoeError('USAGE', '--data and --hex exclude each other', {
      hint: 'Give the bytes in one of the two ways.',
    });
  }
  if (options.hex !== undefined) {
    const bytes = parseHex(options.hex);
    if (!bytes) {
      throw new HotshoeError('USAGE', `--hex: "${options.hex}" is not hexadecimal`, {
        hint: 'Give pairs of digits: "0c 00 00 00 1c d1".',
      });
    }
    return bytes;
  }
  if (options.data === undefined) return undefined;
  const file = options.data;
  return readFile(file).catch((error: unknown) => {
    throw fileError(error, 'read', file);
  });
}
