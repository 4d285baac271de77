/** `transact eventproc`: named functions of the firmware. */
import { type EventProcArgument, eventProcs } from '../../canon/ptp/index.ts';
import {
  callEventProc,
  HotshoeError,
  hex32,
  hexdump,
  toHex,
  UnsupportedError,
} from '../../index.ts';
import type { Context } from '../context.ts';
import { Exit } from '../exit-codes.ts';
import { table } from '../output.ts';
import { parseU32 } from '../parse.ts';

export const EVENT_PROC = 'eventproc';

export interface EventProcCliOptions {
  returnData?: boolean;
  async?: boolean;
  iKnowThisCanBrickTheCamera?: boolean;
}

export async function eventProc(
  { output, signal, withCamera }: Context,
  [name, ...words]: readonly string[],
  options: EventProcCliOptions,
): Promise<number> {
  if (name === undefined) {
    throw new HotshoeError('USAGE', 'no procedure was named', { hint: known() });
  }
  const args = words.map(argumentOf);
  return await withCamera(async (camera) => {
    if (!camera.ptp) throw new UnsupportedError(`${camera.identity.model} does not speak PTP`);
    const { value, data } = await callEventProc(camera.ptp, name, args, {
      returnsData: options.returnData,
      asynchronous: options.async,
      iKnowThisCanBrickTheCamera: options.iKnowThisCanBrickTheCamera,
      signal,
    });
    output.result({ procedure: name, value, data: data ? toHex(data) : null });
    output.line(`${name} gave ${hex32(value)}`);
    if (data && data.length > 0) output.line(hexdump(data));
    return Exit.Done;
  });
}

function known(): string {
  const rows = Object.entries(eventProcs).map(([name, { args, about, reads }]) => {
    const form = [name, ...args.map((arg) => arg.name.toUpperCase())].join(' ');
    return [form, reads ? about : `${about} (may change the camera)`];
  });
  return ['Known are:', ...table(rows).map((line) => `  ${line}`)].join('\n');
}

/** A number in any base; everything else, and what stands in quotes, is a text. */
function argumentOf(word: string): EventProcArgument {
  const value = parseU32(word);
  if (value !== undefined) return { kind: 'integer', value };
  const text = /^"(.*)"$/s.exec(word)?.[1] ?? word;
  return { kind: 'block', bytes: new TextEncoder().encode(`${text}\0`) };
}
