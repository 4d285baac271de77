import { InvalidArgumentError } from 'commander';
import { namesFor } from '../../canon/ptp/index.ts';
import { type DeviceInfo, Operation, ResponseError, standardNames } from '../../index.ts';
import { fileSource } from '../../node/upload.ts';
import type { Context } from '../context.ts';
import { Exit, exitCodeOf, OutputClosed } from '../exit-codes.ts';
import {
  codesLine,
  errorLine,
  identityLines,
  type NamedCode,
  namedCodes,
  responseLine,
} from '../miniptp-output.ts';
import { type MiniPtpFacts, MiniPtpRun, type MiniPtpUpload } from '../miniptp-run.ts';
import { errorOf } from '../output.ts';
import type { AddCommand } from './command.ts';

interface MiniPtpOptions {
  listOperations?: boolean;
  listProperties?: boolean;
  listPropertiesDescription?: boolean;
  listFiles?: boolean;
  getFile?: number;
  upload?: MiniPtpUpload;
}

export const addMiniPtp: AddCommand = (program, run) => {
  program
    .command('miniptp')
    .description('what miniPtp does, with its flags and its lines')
    .option('-o, --list-operations', 'list the operations of the camera')
    .option('-p, --list-properties', 'list its properties')
    .option('-d, --list-properties-description', 'describe its properties: type and value')
    .option('-i, --info', 'show model and version, as happens without it too')
    .option('-L, --list-files', 'list storages and all files with their handles')
    .option('-g, --get-file <handle>', 'download a file by its handle (hexadecimal)', parseHexU32)
    .option('-u, --upload <storage,file>', 'upload a file: 0x00010001,pic.jpg', parseUpload)
    .addHelpText(
      'after',
      '\nFlags can be combined (-Lodip). In ptpcam -d deletes files; here it describes properties.' +
        '\nAn existing file is never overwritten: the download gets a name that is free.',
    )
    .action(run(miniPtp));
};

async function miniPtp(context: Context, options: MiniPtpOptions): Promise<number> {
  const { output, signal } = context;
  const { upload } = options;
  await using source = upload && (await fileSource(upload.file));
  const facts: MiniPtpFacts = {};

  const list = (title: string, codes: NamedCode[]) => {
    output.line(`+ ${title}`);
    output.line(codesLine(codes));
    return codes;
  };
  const onDeviceInfo = (info: DeviceInfo) => {
    const names = namesFor(info);
    if (options.listOperations) {
      const codes = namedCodes(info.operationsSupported, names.operations);
      facts.operations = list('operations_supported', codes);
    }
    if (options.listProperties) {
      const codes = namedCodes(info.devicePropertiesSupported, names.properties);
      facts.properties = list('device_prop_supported', codes);
    }
    facts.model = info.model;
    facts.deviceVersion = info.deviceVersion;
    for (const line of identityLines(info)) output.line(line);
    output.line('+ Opening session');
  };

  try {
    return await context.withCamera(
      async (camera) => {
        output.line('Connected');
        const work = new MiniPtpRun(camera, output, signal, facts);
        await work.readEvents();
        await work.introduce();
        if (upload && source) await work.upload(upload, source);
        await work.readMacAddress();
        if (options.listPropertiesDescription) await work.describeProperties();
        if (options.listFiles) await work.listFiles();
        if (options.getFile !== undefined) await work.getFile(options.getFile);
        output.result(facts);
        return work.failure === undefined ? Exit.Done : exitCodeOf(work.failure);
      },
      { driver: 'standard', onDeviceInfo },
    );
  } catch (error) {
    if (error instanceof ResponseError && error.operation === Operation.OpenSession) {
      output.line(responseLine(error.response, standardNames));
      output.line(errorLine(error.response));
    }
    const cause: unknown = signal.aborted ? signal.reason : error;
    if (!output.machine || cause instanceof OutputClosed || facts.model === undefined) throw cause;
    output.result({ ...facts, error: errorOf(cause) });
    return exitCodeOf(cause);
  }
}

function parseHexU32(text: string): number {
  const digits = /^(?:0x)?([0-9a-f]{1,8})$/i.exec(text)?.[1];
  if (digits === undefined) {
    throw new InvalidArgumentError('Handles and storages are hexadecimal: 0x91900012 or 91900012.');
  }
  return Number.parseInt(digits, 16);
}

function parseUpload(text: string): MiniPtpUpload {
  const comma = text.indexOf(',');
  if (comma < 0 || comma === text.length - 1) {
    throw new InvalidArgumentError('Name the storage and the file: 0x00010001,pic.jpg.');
  }
  return { storageId: parseHexU32(text.slice(0, comma)), file: text.slice(comma + 1) };
}
