/** What was seen, in a line, in details, and for programs. */
import { hex16, toHex } from '../../bytes/index.ts';
import { decodePacket, formatGuid, nameOf, PacketType, Response } from '../../ptp/index.ts';
import type {
  ControlRequest,
  Handshake,
  HttpExchange,
  MdnsMessage,
  Seen,
  SeenEvent,
  SsdpMessage,
  Transaction,
  Unread,
} from '../decode/seen.ts';
import { headerOf } from '../decode/text.ts';
import {
  describeData,
  describeEvent,
  describeParams,
  describeResponse,
} from '../describe/index.ts';
import { tellNormalEvent, tellNormalExchange, tellNormalRequest } from './normal.ts';
import { paramsText } from './params-text.ts';
import type { Telling, Told } from './telling.ts';

export type { Told } from './telling.ts';

export function tell(seen: Seen): Told {
  return { seen, ...telling(seen) };
}

function telling(seen: Seen): Telling {
  switch (seen.kind) {
    case 'transaction':
      return tellTransaction(seen);
    case 'event':
      return tellEvent(seen);
    case 'handshake':
      return tellHandshake(seen);
    case 'control':
      return tellControl(seen);
    case 'unread':
      return tellUnread(seen);
    case 'normal-request':
      return tellNormalRequest(seen);
    case 'normal-exchange':
      return tellNormalExchange(seen);
    case 'normal-event':
      return tellNormalEvent(seen);
    case 'ssdp':
      return tellSsdp(seen);
    case 'mdns':
      return tellMdns(seen);
    case 'http':
      return tellHttp(seen);
  }
}

const nothing = { details: [], unknown: [], fault: false, description: undefined };

function tellTransaction(seen: Transaction): Telling {
  const { link, transactionId, code, params, data, response, asked, answered, cancelled } = seen;
  const { names } = link;
  const unknown: string[] = [];
  const description =
    code === undefined || !data?.bytes
      ? undefined
      : describeData({
          operation: code,
          params,
          direction: data.direction,
          bytes: data.bytes,
          names,
          answer: response?.params,
        });
  if (code !== undefined && !names.operations[code]) unknown.push(`operation ${hex16(code)}`);
  if (response && !names.responses[response.code]) {
    unknown.push(`response ${hex16(response.code)}`);
  }
  unknown.push(...(description?.unknown ?? []));
  const ms = asked === undefined || answered === undefined ? undefined : answered - asked;
  const request = code === undefined ? [] : describeParams(code, params, names);
  const answer =
    code === undefined || !response ? [] : describeResponse(code, params, response.params, names);
  const name = code === undefined ? 'request not seen' : nameOf(names.operations, code);
  const result = response
    ? nameOf(names.responses, response.code)
    : cancelled
      ? 'cancelled'
      : 'no response';
  const parts = [
    `#${transactionId} ${name}(${paramsText(request)})`,
    `${result}${answer.length > 0 ? ` (${paramsText(answer)})` : ''}`,
    data && dataText(data),
    description?.summary,
  ];
  return {
    line: parts.filter(Boolean).join('  '),
    details: description?.lines ?? [],
    json: {
      link: link.name,
      transactionId,
      operation: code,
      operationName: code === undefined ? undefined : names.operations[code],
      params,
      paramNames: request.map(({ name, text }) => ({ name, text })),
      response: response?.code,
      responseName: response && names.responses[response.code],
      responseParams: response?.params ?? [],
      ms: ms === undefined ? undefined : Math.round(ms * 1000) / 1000,
      cancelled,
      data: data && {
        direction: data.direction,
        size: data.size,
        announced: data.announced,
        missing: data.missing,
        what: description?.what,
        value: description?.json,
      },
      unknown,
    },
    unknown,
    fault: response?.code !== Response.OK || (data?.missing ?? 0) > 0,
    description,
  };
}

function dataText({ direction, size, missing }: NonNullable<Transaction['data']>): string {
  const lost = missing > 0 ? `, ${missing} of them not in the capture` : '';
  return `${size} bytes ${direction}${lost}`;
}

function tellEvent({ link, code, transactionId, params }: SeenEvent): Telling {
  const { name, params: described } = describeEvent(code, params, link.names);
  const known = link.names.events[code];
  const unknown = known ? [] : [`event ${hex16(code)}`];
  return {
    ...nothing,
    line: `event ${name}(${paramsText(described)})`,
    json: { link: link.name, event: code, eventName: known, transactionId, params, unknown },
    unknown,
  };
}

function tellHandshake({ link, connection, fromInitiator, packet }: Handshake): Telling {
  const decoded = decodePacket(packet);
  const details: string[] = [];
  const facts: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(decoded)) {
    if (key === 'type') continue;
    const known = value instanceof Uint8Array ? formatGuid(value) : value;
    const plain = key === 'version' && typeof known === 'number' ? versionText(known) : known;
    facts[key] = plain;
    details.push(`${key}: ${String(plain)}`);
  }
  const name = packetTypeName(decoded.type);
  return {
    ...nothing,
    line: [fromInitiator ? '>' : '<', name, details.join(', ')].join(' ').trimEnd(),
    details,
    json: {
      link: link.name,
      connection,
      packet: name,
      fromInitiator,
      ...facts,
      bytes: toHex(packet),
    },
    fault: decoded.type === PacketType.InitFail,
  };
}

function versionText(version: number): string {
  return `${version >>> 16}.${version & 0xffff}`;
}

function packetTypeName(type: number): string {
  const found = Object.entries(PacketType).find(([, code]) => code === type);
  return found?.[0] ?? String(type);
}

function tellControl({ link, name, bytes, status }: ControlRequest): Telling {
  const data = bytes.length > 0 ? ` ${toHex(bytes)}` : '';
  return {
    ...nothing,
    line: `class request ${name}${data}${status === 0 ? '' : ` failed: ${status}`}`,
    json: { link: link.name, request: name, bytes: toHex(bytes), status },
    fault: status !== 0,
  };
}

function tellUnread({ link, fromInitiator, why, size }: Unread): Telling {
  const from = fromInitiator ? 'the computer' : 'the camera';
  const amount = size === undefined ? 'bytes, nobody knows how many,' : `${size} bytes`;
  const line =
    why === 'hole'
      ? `${amount} from ${from} are not in the capture`
      : `${amount} from ${from} passed over: their beginning is not in the capture`;
  return { ...nothing, line, json: { link: link.name, why, fromInitiator, size }, fault: true };
}

function tellSsdp({ source, destination, hops, start, headers, size }: SsdpMessage): Telling {
  const about =
    headerOf(headers, 'nts') ?? headerOf(headers, 'st') ?? headerOf(headers, 'nt') ?? '';
  const where = headerOf(headers, 'location') ?? headerOf(headers, 'usn') ?? '';
  return {
    ...nothing,
    line: `ssdp ${source} > ${destination}  ${start}  ${[about, where].filter(Boolean).join('  ')}`,
    details: headers.map(({ name, value }) => `${name}: ${value}`),
    json: { source, destination, hops, start, headers, size },
  };
}

function tellMdns(seen: MdnsMessage): Telling {
  const { source, destination, hops, flags, questions, records, size } = seen;
  const asked = questions.map(({ name, type }) => `${name} ${type}?`);
  const told = records.map(
    ({ name, type, value, ttl }) => `${name} ${type} ${String(value)}${ttl === 0 ? ' (gone)' : ''}`,
  );
  const [first = '', ...more] = [...asked, ...told];
  const others = more.length > 0 ? `, and ${more.length} more` : '';
  return {
    ...nothing,
    line: `mdns ${source}  ${first}${others}`,
    details: [...asked, ...told],
    json: { source, destination, hops, flags, questions, records, size },
  };
}

function tellHttp(seen: HttpExchange): Telling {
  const { client, server, request, requestHeaders, status, headers, body, fields } = seen;
  const model = fields.find(([name]) => /friendlyName|modelName/.test(name))?.[1];
  const parts = [
    `http ${client} > ${server}`,
    request ?? 'request not seen',
    status ?? 'no answer',
    body.length > 0 ? `${body.length} bytes` : undefined,
    model,
  ];
  return {
    ...nothing,
    line: parts.filter(Boolean).join('  '),
    details: [
      ...requestHeaders.map(({ name, value }) => `> ${name}: ${value}`),
      ...headers.map(({ name, value }) => `< ${name}: ${value}`),
      ...fields.map(([name, text]) => `${name} = ${text}`),
    ],
    json: {
      client,
      server,
      request,
      requestHeaders,
      status,
      headers,
      bodySize: body.length,
      body: shown(body),
      fields,
    },
    fault: status === undefined || !/ 2\d\d/.test(status),
  };
}

/** Descriptions have one or two kilobytes; what is much larger is not shown. */
const BODY_SHOWN = 64 << 10;

function shown(body: Uint8Array): string | undefined {
  return body.length <= BODY_SHOWN ? new TextDecoder().decode(body) : undefined;
}
