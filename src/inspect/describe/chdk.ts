/** CHDK's one operation, whose first parameter is a command. */
import { hex32, Reader } from '../../bytes/index.ts';
import {
  ChdkCall,
  ChdkMessage,
  ChdkUpload,
  ChdkValue,
  ChdkCommand as Command,
  decodeChdkDisplay,
} from '../../canon/chdk/index.ts';
import { codeNames } from '../../ptp/index.ts';
import { type Describe, fieldLines, plain } from './description.ts';
import type { ParamNames, Valued } from './params/param.ts';

interface Row {
  /** Behind the command. */
  readonly params?: ParamNames;
  readonly response?: ParamNames;
  readonly data?: Describe;
}

const SHOWN = 60;

function describeText(what: string, bytes: Uint8Array): ReturnType<Describe> {
  const text = new TextDecoder().decode(bytes).replace(/\0+$/, '');
  const [line = ''] = text.split('\n');
  const cut = line.length > SHOWN || line.length < text.length;
  const summary = JSON.stringify(line.slice(0, SHOWN)) + (cut ? ' …' : '');
  return { what, summary, lines: text.split('\n'), json: text, unknown: [] };
}

const text =
  (what: string): Describe =>
  ({ bytes }) =>
    describeText(what, bytes);

const raw =
  (what: string): Describe =>
  ({ bytes }) => ({
    what,
    summary: `${bytes.length} bytes`,
    lines: [],
    json: { bytes: bytes.length },
    unknown: [],
  });

const call: Describe = ({ bytes }) => {
  const { address, args } = ChdkCall.decode(bytes);
  const summary = `${hex32(address)}(${args.map((arg) => `0x${arg.toString(16)}`).join(', ')})`;
  return { what: 'CHDK call', summary, lines: [], json: { address, args }, unknown: [] };
};

const upload: Describe = ({ bytes }) => {
  const { path, content } = ChdkUpload.decode(bytes);
  const json = { path, bytes: content.length };
  const summary = `${path}, ${content.length} bytes`;
  return { what: 'CHDK upload', summary, lines: fieldLines(json), json, unknown: [] };
};

const display: Describe = ({ bytes }) => {
  const block = decodeChdkDisplay(bytes);
  const sizes = Object.entries({
    viewport: block.viewport,
    bitmap: block.bitmap,
    opacity: block.opacity,
  }).flatMap(([name, plane]) =>
    plane && plane.dataStart > 0 ? [`${name} ${plane.visibleWidth}x${plane.visibleHeight}`] : [],
  );
  const json = plain(block);
  return {
    what: 'CHDK live view',
    summary: sizes.join(', ') || 'no picture',
    lines: fieldLines(json),
    json,
    unknown: [],
  };
};

/** The answer says what the body of a message is; one filler byte stands for nothing. */
const message: Describe = ({ bytes, answer = [] }) => {
  const what = 'CHDK message';
  const [type, subtype = 0, , length = bytes.length] = answer;
  const body = bytes.subarray(0, length);
  const isValue = type === ChdkMessage.Return || type === ChdkMessage.User;
  if (type === undefined || type === ChdkMessage.Error) return describeText(what, body);
  if (!isValue) return { what, summary: 'no message', lines: [], json: null, unknown: [] };
  const value = bodyOf(subtype, body);
  if (typeof value === 'string') return describeText(what, body);
  return { what, summary: String(value), lines: [], json: value, unknown: [] };
};

function bodyOf(subtype: number, body: Uint8Array): null | boolean | number | string {
  switch (subtype) {
    case ChdkValue.Nil:
      return null;
    case ChdkValue.Boolean:
      return new Reader(body, 'CHDK message').u32() !== 0;
    case ChdkValue.Integer:
      return new Reader(body, 'CHDK message').i32();
    default:
      return new TextDecoder().decode(body);
  }
}

/* @__NO_SIDE_EFFECTS__ */
const lowerNames = (codes: Readonly<Record<string, number>>): Record<number, string> =>
  Object.fromEntries(Object.entries(codes).map(([name, code]) => [code, name.toLowerCase()]));

const language: Valued = { name: 'language', values: { 0: 'Lua', 1: 'uBASIC' } };
const scriptStatus: Valued = {
  name: 'status',
  values: { 0: 'idle', 1: 'running', 2: 'message waits', 3: 'running, message waits' },
};
const loaded: Valued = {
  name: 'status',
  values: { 0: 'loaded', 1: 'compile error', 2: 'run-time error', 4096: 'a script is running' },
};
const queued: Valued = {
  name: 'status',
  values: { 0: 'queued', 1: 'no script runs', 2: 'queue full', 3: 'that script does not run' },
};
const temp: Valued = {
  name: 'flags',
  values: { 0: 'store', 1: 'download', 2: 'clear', 3: 'download and clear' },
};
const kinds: Valued['values'] = {
  0: 'nothing',
  1: 'JPEG',
  2: 'raw',
  4: 'DNG header',
  8: 'Canon raw',
  268435456: 'not armed',
};

const ROWS: Readonly<Record<number, Row>> = {
  [Command.Version]: { response: ['major', 'minor'] },
  [Command.GetMemory]: { params: ['address', 'size', 'mode'], data: raw('memory') },
  [Command.SetMemory]: { params: ['address', 'size'], data: raw('memory') },
  [Command.CallFunction]: { response: ['value'], data: call },
  [Command.TempData]: { params: [temp], data: text('CHDK temporary data') },
  [Command.UploadFile]: { data: upload },
  [Command.DownloadFile]: { response: ['size'], data: raw('CHDK file') },
  [Command.ExecuteScript]: {
    params: [language],
    response: ['script', loaded],
    data: text('CHDK script'),
  },
  [Command.ScriptStatus]: { response: [scriptStatus] },
  [Command.ScriptSupport]: { response: [{ name: 'languages', values: { 1: 'Lua' } }] },
  [Command.ReadScriptMsg]: {
    response: [
      { name: 'type', values: lowerNames(ChdkMessage) },
      { name: 'subtype', values: lowerNames(ChdkValue) },
      'script',
      'length',
    ],
    data: message,
  },
  [Command.WriteScriptMsg]: { params: ['script'], response: [queued], data: text('CHDK message') },
  [Command.GetDisplayData]: { params: ['mask'], response: ['size'], data: display },
  [Command.RemoteCaptureIsReady]: { response: [{ name: 'types', values: kinds }, 'image'] },
  [Command.RemoteCaptureGetData]: {
    params: [{ name: 'type', values: kinds }],
    response: ['size', { name: 'more', values: { 0: 'no', 1: 'yes' } }, 'offset'],
    data: raw('CHDK capture'),
  },
};

const COMMAND: Valued = { name: 'command', values: codeNames(Command) };

export function chdkParams([command = 0]: readonly number[]): ParamNames {
  return [COMMAND, ...(ROWS[command]?.params ?? [])];
}

export function chdkResponse([command = 0]: readonly number[]): ParamNames {
  return ROWS[command]?.response ?? [];
}

export const describeChdk: Describe = (seen) => {
  const [command = 0] = seen.params;
  const describe = ROWS[command]?.data;
  if (describe) return describe(seen);
  const what = `data of CHDK command ${command}`;
  return { what, summary: '', lines: [], json: undefined, unknown: [what] };
};
