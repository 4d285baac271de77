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
  toHex,
  UnsupportedError,
} from '../../index.ts';
import { Exit } from '../exit-codes.ts';
import { parseU32 } from '../parse.ts';
import type { AddCommand } from './command.ts';

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
          const params = words.map(parseParam);
          const data = await dataOf(options);
          return withCamera(async (camera) => {
            const session = camera.ptp;
            if (!session) throw new UnsupportedError(`${camera.identity.model} does not speak PTP`);
            const code = operationOf(op, session.names);
            const result = await session.transaction(code, params, { data, signal });
            const response = nameOf(session.names.responses, result.code);
            output.result({
              operation: code,
              operationName: nameOf(session.names.operations, code),
              response: result.code,
              responseName: response,
              params: result.params,
              data: toHex(result.data),
            });
            if (options.raw) await output.bytes(result.data);
            else {
              const tail = result.params.map(hex32).join(' ');
              output.line(`${response} ${hex16(result.code)}${tail && `  ${tail}`}`);
              if (result.data.length > 0) output.line(hexdump(result.data));
            }
            return result.code === Response.OK ? Exit.Done : Exit.Failed;
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
    throw new HotshoeError('USAGE', '--data and --hex exclude each other');
  }
  if (options.hex !== undefined) {
    const bytes = parseHex(options.hex);
    if (!bytes) throw new HotshoeError('USAGE', '--hex takes pairs of hexadecimal digits');
    return bytes;
  }
  if (options.data === undefined) return undefined;
  return readFile(options.data).catch((error: Error) => {
    throw new HotshoeError('FILE', `cannot read ${options.data}: ${error.message}`, {
      cause: error,
    });
  });
}
