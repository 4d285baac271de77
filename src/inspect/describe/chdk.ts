/** CHDK's one operation, whose first parameter is a command (CHDK, core/ptp.h, protocol 2.9). */
import type { Describe } from './description.ts';

export const CHDK = 0x9999;

interface Command {
  readonly name: string;
  /** Behind the command. */
  readonly params: readonly string[];
  readonly response: readonly string[];
  /** What the data is. */
  readonly data?: 'text' | 'bytes';
}

const COMMANDS: readonly Command[] = [
  { name: 'Version', params: [], response: ['major', 'minor'] },
  { name: 'GetMemory', params: ['address', 'size', 'mode'], response: [], data: 'bytes' },
  { name: 'SetMemory', params: ['address', 'size'], response: [], data: 'bytes' },
  { name: 'CallFunction', params: [], response: ['value'], data: 'bytes' },
  { name: 'TempData', params: ['flags'], response: [], data: 'text' },
  { name: 'UploadFile', params: [], response: [], data: 'bytes' },
  { name: 'DownloadFile', params: [], response: ['size'], data: 'bytes' },
  { name: 'ExecuteScript', params: ['language'], response: ['script', 'status'], data: 'text' },
  { name: 'ScriptStatus', params: [], response: ['status'] },
  { name: 'ScriptSupport', params: [], response: ['languages'] },
  {
    name: 'ReadScriptMsg',
    params: [],
    response: ['type', 'subtype', 'script', 'length'],
    data: 'text',
  },
  { name: 'WriteScriptMsg', params: ['script'], response: ['status'], data: 'text' },
  { name: 'GetDisplayData', params: ['mask'], response: ['size'], data: 'bytes' },
  { name: 'RemoteCaptureIsReady', params: [], response: ['types', 'image'] },
  {
    name: 'RemoteCaptureGetData',
    params: ['type'],
    response: ['size', 'more', 'offset'],
    data: 'bytes',
  },
];

export function chdkParams([command = 0]: readonly number[]): string[] {
  const known = COMMANDS[command];
  return known ? [`command:${known.name}`, ...known.params] : ['command'];
}

export function chdkResponse([command = 0]: readonly number[]): readonly string[] {
  return COMMANDS[command]?.response ?? [];
}

const SHOWN = 60;

export const describeChdk: Describe = ({ params, bytes }) => {
  const command = COMMANDS[params[0] ?? 0];
  const what = `CHDK ${command?.name ?? 'data'}`;
  const unknown = command ? [] : [`CHDK command ${params[0]}`];
  if (command?.data !== 'text') {
    return { what, summary: '', lines: [], json: undefined, unknown };
  }
  const text = new TextDecoder().decode(bytes).replace(/\0+$/, '');
  const [line = ''] = text.split('\n');
  const cut = line.length > SHOWN || line.length < text.length;
  return {
    what,
    summary: JSON.stringify(line.slice(0, SHOWN)) + (cut ? ' …' : ''),
    lines: text.split('\n'),
    json: text,
    unknown,
  };
};
