/** What passed between a computer and a camera from before PTP, in words. */
import { hex32, Reader, toHex } from '../../bytes/index.ts';
import {
  Commands,
  decodeListing,
  decodeText,
  eventText,
  findCommand,
  findRemote,
  firmwareVersion,
  type Identity,
  ReplyKind,
  statusText,
} from '../../canon/normal/index.ts';
import type { NormalEventSeen, NormalExchange, NormalRequest } from '../decode/seen.ts';
import type { Telling } from './telling.ts';

const nothing = { details: [], unknown: [], fault: false, description: undefined };
const hex = (value: number) => `0x${value.toString(16)}`;
const MOST_DETAILS = 200;

export function tellNormalRequest({ link, name, bytes, status }: NormalRequest): Telling {
  const data = bytes.length > 0 && bytes.length <= 16 ? ` ${toHex(bytes)}` : '';
  return {
    ...nothing,
    line: `${name}${data}${status === 0 ? '' : ` failed: ${status}`}`,
    json: { link: link.name, request: name, bytes: toHex(bytes), status },
    fault: status !== 0,
  };
}

export function tellNormalEvent({ link, event }: NormalEventSeen): Telling {
  const { kind, ...facts } = event;
  const unknown =
    kind === 'unknown' ? [`event ${hex(event.kind === 'unknown' ? event.code : 0)}`] : [];
  return {
    ...nothing,
    line: `event: ${eventText(event)}`,
    json: { link: link.name, event: kind, value: plain(facts), unknown },
    unknown,
  };
}

export function tellNormalExchange(seen: NormalExchange): Telling {
  const { link, name, subcommand, code, group, replyKind, id, status, size, missing } = seen;
  const { generation, payload, asked, answered } = seen;
  const command = findCommand(generation, code, group);
  const title = `${name ?? hex(code)}Cmd${subcommand === undefined ? '' : ` ${subcommand}`}`;
  const unknown =
    command || replyKind === ReplyKind.Upload ? [] : [`command ${hex(code)}/${hex(group)}`];
  if (subcommand?.startsWith('0x')) unknown.push(`subcommand ${subcommand}`);
  if (status && !statusText(status)) unknown.push(`status ${hex32(status)}`);
  const args = command && read(() => command[generation]?.request.read(new Reader(payload)));
  const value = missing || status ? undefined : replyOf(seen);
  const facts = [
    ...(args === undefined ? [] : factsOf(args)),
    ...(value === undefined ? [] : factsOf(value)),
  ];
  const ms = asked === undefined || answered === undefined ? undefined : answered - asked;
  const result =
    status !== undefined
      ? `status: ${hex(status)}${status === 0 ? '' : ` (${statusText(status) ?? 'unknown'})`}`
      : answered === undefined
        ? 'no answer'
        : '';
  const parts = [
    `${title} (${hex(code)}, ${hex(group)}, ${hex(replyKind)})${id === undefined ? '' : `, #${id}`}`,
    result,
    size > 0 ? `${size} bytes` : undefined,
    missing && answered !== undefined ? 'not whole' : undefined,
    summaryOf(seen, args, value),
  ];
  return {
    ...nothing,
    line: parts.filter(Boolean).join('  '),
    details: facts.slice(0, MOST_DETAILS).map(([key, text]) => `${key}: ${text}`),
    json: {
      ...{ link: link.name, command: name ?? null, subcommand: subcommand ?? null },
      ...{ code, group, replyKind, id: id ?? null, status: status ?? null, size, missing },
      ms: ms === undefined ? null : Math.round(ms * 1000) / 1000,
      ...{ args: plain(args), value: plain(value), unknown },
    },
    unknown,
    fault: missing || (status ?? 0) !== 0,
  };
}

/** The answer, by the declaration of its command; undefined for files and what is not understood. */
function replyOf({ generation, code, group, payload, data, replyKind }: NormalExchange): unknown {
  const command = findCommand(generation, code, group);
  if (!command) return undefined;
  if (replyKind === ReplyKind.Data) {
    if (command === Commands.ListDirectory) return read(() => decodeListing(data));
    return command === Commands.FlashGetIdent ? decodeText(data) : undefined;
  }
  const value = read(() => command.reply.read(new Reader(data)));
  if (command !== Commands.RemoteControl || !value) return value;
  const remote = payload.length >= 4 ? findRemote(new Reader(payload).u32()) : undefined;
  const { result } = value as { result: Uint8Array };
  return remote && read(() => remote.result.read(new Reader(result)));
}

function summaryOf(seen: NormalExchange, args: unknown, value: unknown): string | undefined {
  const command = findCommand(seen.generation, seen.code, seen.group);
  if (command === Commands.IdentifyCamera && value) {
    const identity = value as Identity;
    return `${identity.model} v${firmwareVersion(identity)}`;
  }
  if (command === Commands.ListDirectory || command === Commands.GetFile) {
    return (args as { path: string } | undefined)?.path;
  }
  return typeof value === 'string' ? value : undefined;
}

function read<T>(decode: () => T): T | undefined {
  try {
    return decode();
  } catch {
    // Cut, or of a firmware that nobody knows: the bytes are told, not what they mean.
    return undefined;
  }
}

function factsOf(value: unknown): [key: string, text: string][] {
  if (Array.isArray(value)) {
    return value.map((item, i) => [String(i), JSON.stringify(plain(item))]);
  }
  if (value instanceof Uint8Array) return [['bytes', toHex(value)]];
  if (typeof value !== 'object' || value === null) return [['value', String(value)]];
  return Object.entries(value)
    .filter(([, each]) => each !== undefined)
    .map(([key, each]) => {
      const shown: unknown = plain(each);
      return [key, typeof shown === 'string' ? shown : JSON.stringify(shown)];
    });
}

/** Bytes as hexadecimal. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return toHex(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value ?? null;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
}
