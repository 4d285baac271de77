/**
 * Real traffic of an EOS R with EOS Utility, against what independent parsers say that it holds:
 * every field of their findings.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import { commandLine } from '../support/command-line.ts';
import { DocumentedTypes } from '../support/documented-types.ts';
import { peer } from '../support/peers.ts';

const folder =
  process.env.HOTSHOE_CAPTURES ?? path.resolve(import.meta.dirname, '../../../shared/captures');
const captures = peer('captures', () =>
  existsSync(folder) ? undefined : `no folder of captures: set HOTSHOE_CAPTURES`,
);

// biome-ignore lint/suspicious/noExplicitAny: JSON of many shapes, each field of which is compared
type Json = any;

const documented = readFileSync(path.resolve(import.meta.dirname, '../../docs/json.md'), 'utf8');
const types = new DocumentedTypes(documented);
const SEEN = 'SeenTransaction | SeenHandshake | SeenSsdp | SeenMdns | SeenHttp';

const NAMES = ['pair_perform', 'pair_accept', 'idle', 'changed_iso_feedback'];
/** Milliseconds are rounded in the findings, and so are seconds. */
const ROUNDED = 0.0011;

const sha256 = (bytes: string | Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const hex = (value: number, digits = 0) => value.toString(16).padStart(digits, '0');

async function inspected(name: string, ...args: string[]): Promise<Json> {
  const file = path.join(folder, `${name}.pcapng`);
  const { stdout, code } = await commandLine(['--json', 'inspect', ...args, file]);
  expect(code).toBe(0);
  return JSON.parse(stdout);
}

/** Fails where `found` is not as `wanted`, for keys that have been read nowhere. */
function onlyKeys(found: object, known: readonly string[]): void {
  expect(Object.keys(found).filter((key) => !known.includes(key))).toEqual([]);
}

captures.describe('what captures of an EOS R hold', () => {
  for (const name of NAMES) {
    captures.it(`${name}: all that independent parsers found`, async () => {
      const wanted: Json = JSON.parse(
        readFileSync(path.join(folder, `expected-${name}.json`), 'utf8'),
      );
      onlyKeys(wanted, [
        ...['capture', 'sha256', 'frames', 'interfaces', 'seconds', 'framesByProtocol'],
        ...['ssdp', 'mdns', 'http', 'ptpip'],
      ]);
      const items: Json[] = await inspected(name);
      for (const item of items) expect(types.faults(item, SEEN)).toEqual([]);
      const summary = await inspected(name, '--summary');
      expect(types.faults(summary, 'CaptureSummary')).toEqual([]);
      checkFile(name, summary.files[0], wanted);
      checkTransactions(items, wanted.ptpip);
      checkHandshake(items, wanted.ptpip);
      checkPackets(summary.files[0], items, wanted.ptpip);
      checkEvents(items, wanted.ptpip);
      checkSsdp(items, wanted.ssdp ?? []);
      checkMdns(items, wanted.mdns ?? []);
      checkHttp(items, wanted.http ?? { requests: [], descriptions: [] });
    });
  }
});

function checkFile(name: string, found: Json, wanted: Json): void {
  expect(found).toMatchObject({
    frames: wanted.frames,
    interfaces: wanted.interfaces,
    framesByProtocol: wanted.framesByProtocol,
    cut: null,
  });
  expect(found.seconds).toBeCloseTo(wanted.seconds, 2);
  expect(path.basename(found.file)).toBe(wanted.capture);
  const bytes = readFileSync(path.join(folder, `${name}.pcapng`));
  expect(sha256(bytes)).toBe(wanted.sha256);
}

function transactionsOf(items: Json[]): Json[] {
  return items.filter(({ kind }) => kind === 'transaction');
}

/** Seconds since the first packet of PTP/IP, from which the findings count. */
function beginOf(items: Json[]): number {
  const [first] = items
    .filter(({ kind }) => kind === 'handshake' || kind === 'transaction')
    .map(({ seconds }) => seconds)
    .sort((a, b) => a - b);
  return first ?? 0;
}

function checkPackets(file: Json, items: Json[], wanted: Json): void {
  expect(file.packets).toEqual(wanted.packets);
  expect(wanted.unparsedBytes).toBe(0);
  expect(items.filter(({ kind }) => kind === 'unread')).toEqual([]);
  const pieces = Object.fromEntries(
    ['Data', 'EndData']
      .map((type) => [type, file.packets[`responder to initiator ${type}`]])
      .filter(([, count]) => count !== undefined),
  );
  expect(pieces).toEqual(wanted.dataPieces ?? {});
  const connections = items.flatMap(({ link, connection }) => connection ?? link ?? []);
  const ports = connections.map((text: string) => Number(/:(\d+) >/.exec(text)?.[1]));
  expect([...new Set(ports)].sort()).toEqual([...wanted.connections].sort());
}

function checkHandshake(items: Json[], wanted: Json): void {
  const found = items.filter(({ kind }) => kind === 'handshake');
  const begin = beginOf(items);
  expect(found).toHaveLength(wanted.handshake.length);
  for (const [i, one] of wanted.handshake.entries()) {
    onlyKeys(one, ['t', 'type', 'hex', 'guid', 'name', 'version', 'number']);
    const { packet, bytes, seconds, guid, name, version, connectionNumber } = found[i];
    expect({ type: packet, hex: bytes }).toEqual({ type: one.type, hex: one.hex });
    // In pair_perform a description was fetched before.
    if (wanted.handshake.length > 1) {
      expect(Math.abs(seconds - begin - one.t)).toBeLessThan(ROUNDED);
    }
    if (one.name) expect(name).toBe(one.name);
    if (one.number) expect(connectionNumber).toBe(one.number);
    if (one.version) expect(version).toBe(`${Number.parseInt(one.version, 16) >> 16}.0`);
    if (one.guid) {
      // Microsoft's order of bytes in text.
      const plain: string = guid.replaceAll('-', '').toLowerCase();
      const bytes = plain.match(/../g) ?? [];
      const order = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
      expect(order.map((at) => bytes[at]).join('')).toBe(one.guid);
    }
  }
}

function checkTransactions(items: Json[], wanted: Json): void {
  const found = transactionsOf(items);
  const begin = beginOf(items);
  for (const [code, one] of Object.entries<Json>(wanted.operations ?? {})) {
    onlyKeys(one, ['name', 'count', 'responses', 'dataBytes', 'withData']);
    const of = found.filter(({ operation }) => hex(operation) === code);
    const responses: Record<string, number> = {};
    for (const { response } of of) responses[hex(response)] = (responses[hex(response)] ?? 0) + 1;
    expect({
      name: of[0].operationName,
      count: of.length,
      responses,
      dataBytes: of.reduce((sum, { data }) => sum + (data?.size ?? 0), 0),
      withData: of.filter(({ data }) => data).length,
    }).toEqual(one);
  }
  const count = Object.values<Json>(wanted.operations ?? {}).reduce(
    (sum, one) => sum + one.count,
    0,
  );
  expect(found).toHaveLength(count);
  if (count === 0) return;
  expect(found[0].transactionId).toBe(wanted.firstTransactionId);
  expect(found.at(-1).transactionId).toBe(wanted.lastTransactionId);
  for (const one of wanted.transactions) {
    onlyKeys(one, [
      ...['t', 'ms', 'tid', 'op', 'name', 'params', 'response', 'responseParams', 'dataBytes'],
      ...['sha256', 'records', 'tailBytes', 'decoded'],
    ]);
    const match = found.find(
      ({ transactionId, operation }) => transactionId === one.tid && hex(operation) === one.op,
    );
    expect({
      name: match.operationName,
      params: match.params.map((param: number) => hex(param)),
      response: hex(match.response),
      responseParams: match.responseParams.map((param: number) => hex(param)),
      dataBytes: match.data?.size,
      sha256: match.sha256 && match.data ? match.sha256 : undefined,
    }).toEqual({
      name: one.name,
      params: one.params,
      response: one.response,
      responseParams: one.responseParams ?? [],
      dataBytes: one.dataBytes,
      sha256: one.sha256,
    });
    expect(Math.abs(match.seconds - begin - one.t)).toBeLessThan(ROUNDED);
    expect(Math.abs(match.ms - one.ms)).toBeLessThan(0.11);
    if (one.records) {
      // The findings count the record that ends them.
      expect(match.data.value.records).toHaveLength(one.records - 1);
      expect(match.data.value.rest).toHaveLength(2 * one.tailBytes);
    }
    if (one.decoded) checkDataset(one, match.data.value, wanted);
  }
  const polls = found.filter(({ operation }) => operation === 0x9116);
  const empty = polls.filter(({ data }) => data.value.records.length === 0);
  expect([polls.length, empty.length]).toEqual([wanted.polls.count, wanted.polls.empty]);
  if (wanted.polls.intervalMedian === undefined) return;
  const gaps = polls.slice(1).map(({ seconds }, i) => seconds - polls[i].seconds);
  gaps.sort((a, b) => a - b);
  expect(Math.abs((gaps[0] ?? 0) - wanted.polls.intervalMin)).toBeLessThan(ROUNDED);
  expect(Math.abs((gaps.at(-1) ?? 0) - wanted.polls.intervalMax)).toBeLessThan(ROUNDED);
  const median = gaps[Math.floor(gaps.length / 2)] ?? 0;
  expect(Math.abs(median - wanted.polls.intervalMedian)).toBeLessThan(2 * ROUNDED);
}

function checkDataset({ name, decoded }: Json, found: Json, wanted: Json): void {
  switch (name) {
    case 'GetDeviceInfo': {
      const info = wanted.deviceInfo[0];
      const codes = (list: number[]) => list.map((code) => hex(code, 4));
      expect(found).toMatchObject({
        standardVersion: info.standardVersion,
        vendorExtensionId: info.vendorExtensionId,
        vendorExtensionVersion: info.vendorExtensionVersion,
        vendorExtensionDesc: info.vendorExtensionDesc,
        functionalMode: info.functionalMode,
        manufacturer: info.manufacturer,
        model: info.model,
        deviceVersion: info.deviceVersion,
        serialNumber: info.serialNumber,
      });
      expect([
        ...[codes(found.operationsSupported), codes(found.eventsSupported)],
        ...[codes(found.devicePropertiesSupported), codes(found.captureFormats)],
        ...[codes(found.imageFormats), (found.surplus?.length ?? 0) / 2],
      ]).toEqual([
        ...[info.operations, info.events, info.properties, info.captureFormats],
        ...[info.imageFormats, info.trailingBytes],
      ]);
      return;
    }
    case 'GetStorageIDs':
      expect(found.map((id: number) => hex(id, 8))).toEqual(decoded);
      return;
    case 'GetStorageInfo':
      expect({
        storageType: found.storageType,
        filesystemType: found.filesystemType,
        accessCapability: found.accessCapability,
        maxCapacity: found.maxCapacity,
        freeSpace: found.freeSpaceInBytes,
        freeImages: found.freeSpaceInImages,
        description: found.storageDescription,
        label: found.volumeLabel,
        trailingBytes: (found.surplus?.length ?? 0) / 2,
      }).toEqual(decoded);
      return;
    case 'GetObjectInfoEx64':
      expect(
        found.map((object: Json) => ({
          entrySize: 60,
          handle: hex(object.handle, 8),
          storage: hex(object.storageId, 8),
          format: hex(object.format, 4),
          word0c: object.unknown,
          flags: hex(object.flags),
          size: object.size,
          parent: hex(object.parent, 8),
          group: hex(object.group, 8),
          name: object.name,
          time: object.time,
        })),
      ).toEqual(decoded);
      return;
    case 'GetObjectInfo64':
      // The findings read a size of 32 bits; with the 64 that it has, nothing is left over, and the
      // parent and the name are those of the folder that the listing of the same capture shows.
      expect(found).toMatchObject({
        storageId: Number.parseInt(decoded.storage, 16),
        objectFormat: Number.parseInt(decoded.format, 16),
        protectionStatus: decoded.protection,
        objectSize: decoded.size,
        parentObject: 0x90000000,
        associationType: 1,
        filename: '100CANON',
        captureDate: '20220806T130130.0',
        keywords: '',
      });
      expect(found).not.toHaveProperty('surplus');
      return;
    default:
      expect.fail(`nobody compares the data of ${name}`);
  }
}

function checkEvents(items: Json[], wanted: Json): void {
  if (!wanted.events) return;
  onlyKeys(wanted.events, [
    ...['recordsByCode', 'batches', 'valueRecordsByProperty', 'listRecordsByProperty'],
    'distinctProperties',
  ]);
  const polls = transactionsOf(items).filter(({ operation }) => operation === 0x9116);
  const records: Json[] = polls.flatMap(({ data }) => data.value.records);
  const ends = polls.length;
  const counted = (of: Json[], key: (record: Json) => string) => {
    const counts: Record<string, number> = {};
    for (const record of of) counts[key(record)] = (counts[key(record)] ?? 0) + 1;
    return counts;
  };
  const byCode = { '0000': ends, ...counted(records, ({ code }) => hex(code, 4)) };
  expect(byCode).toEqual(wanted.events.recordsByCode);
  const property = (record: Json) => hex(record.property, 4);
  const values = records.filter(({ kind }) => kind === 'propValue');
  const lists = records.filter(({ kind }) => kind === 'availList');
  expect(counted(values, property)).toEqual(wanted.events.valueRecordsByProperty);
  expect(counted(lists, property)).toEqual(wanted.events.listRecordsByProperty);
  expect(new Set([...values, ...lists].map(property)).size).toBe(wanted.events.distinctProperties);
  for (const batch of wanted.events.batches) {
    const poll = polls.find(({ transactionId }) => transactionId === batch.tid);
    expect(poll.data.size).toBe(batch.bytes);
    const [end, ...others] = [...batch.records].reverse();
    expect(end).toEqual({ code: '0000', size: 8, name: 'End' });
    const told = others.reverse();
    expect(poll.data.value.records).toHaveLength(told.length);
    for (const [i, record] of told.entries()) checkRecord(poll.data.value.records[i], record);
  }
}

function checkRecord(found: Json, wanted: Json): void {
  onlyKeys(wanted, [
    ...['code', 'size', 'name', 'property', 'valueBytes', 'value', 'kind', 'count', 'values'],
    ...['entriesBytes', 'entries', 'payload', 'olc'],
  ]);
  expect([hex(found.code, 4), found.size, found.name]).toEqual([
    ...[wanted.code, wanted.size, wanted.name],
  ]);
  if (wanted.property !== undefined) expect(hex(found.property, 4)).toBe(wanted.property);
  if (wanted.value !== undefined) {
    const long = wanted.value.startsWith('sha256:');
    const value = long ? `sha256:${sha256(Buffer.from(found.value, 'hex'))}` : found.value;
    expect([found.valueBytes, value]).toEqual([wanted.valueBytes, wanted.value]);
  }
  if (wanted.kind !== undefined) {
    expect([found.form, found.count]).toEqual([wanted.kind, wanted.count]);
  }
  if (wanted.values) {
    const cells = [...found.entries.matchAll(/.{8}/g)].map(([cell]) => littleEndian(cell));
    expect(cells.map((cell) => hex(cell))).toEqual(wanted.values);
    expect(found.choices).toHaveLength(wanted.count);
  }
  if (wanted.entriesBytes !== undefined) {
    const entries = Buffer.from(found.entries, 'hex');
    expect([entries.length, `sha256:${sha256(entries)}`]).toEqual([
      ...[wanted.entriesBytes, wanted.entries],
    ]);
  }
  if (wanted.payload !== undefined) {
    // One word, by whatever name.
    const words = Object.entries<Json>(found)
      .filter(([key]) => !['code', 'size', 'name', 'kind'].includes(key))
      .map(([, value]) => value);
    expect(words).toEqual([littleEndian(wanted.payload)]);
  }
  if (wanted.olc) {
    const { lengthWord, lengthWordIsRecordSizeMinus, mask, fields, unparsedBytes } = wanted.olc;
    expect({
      lengthWord: found.size - found.uncounted,
      lengthWordIsRecordSizeMinus: found.uncounted,
      mask: hex(found.mask, 4),
      fields: Object.fromEntries(
        Object.entries(found.fields).map(([bit, value]) => [bit.replace('0x', ''), value]),
      ),
      unparsedBytes: found.rest.length / 2,
    }).toEqual({ lengthWord, lengthWordIsRecordSizeMinus, mask, fields, unparsedBytes });
  }
}

function littleEndian(digits: string): number {
  return Number.parseInt((digits.match(/../g) ?? []).reverse().join(''), 16);
}

/** Messages were captured on two interfaces: the findings count frames, and tell the time of one. */
function sameTimes(found: Json[], wanted: number[]): void {
  for (const time of wanted) {
    expect(found.some(({ seconds }) => Math.abs(seconds - time) < ROUNDED)).toBe(true);
  }
  for (const { seconds } of found) {
    expect(wanted.some((time) => Math.abs(seconds - time) < 3 * ROUNDED)).toBe(true);
  }
}

function headersOf(list: { name: string; value: string }[]): Record<string, string> {
  return Object.fromEntries(list.map(({ name, value }) => [name, value]));
}

function checkSsdp(items: Json[], wanted: Json[]): void {
  const found = items.filter(({ kind }) => kind === 'ssdp');
  expect(found).toHaveLength(wanted.reduce((sum, { frames }) => sum + frames, 0));
  for (const one of wanted) {
    onlyKeys(one, [
      ...['start', 'to', 'bytes', 'headers', 'headerOrder', 'ipTtl', 'sourcePorts', 'frames'],
      ...['sentByCamera', 'destinations', 'times'],
    ]);
    const same = found.filter(({ headers, start }) => {
      return start === one.start && sameJson(headersOf(headers), one.headers);
    });
    expect(same).toHaveLength(one.frames);
    sameTimes(same, one.times);
    expect(one.times).toHaveLength(one.sentByCamera);
    const destinations: Record<string, number> = {};
    for (const { destination } of same) {
      destinations[destination] = (destinations[destination] ?? 0) + 1;
    }
    expect(destinations).toEqual(one.destinations);
    for (const { size, hops, headers, source, destination } of same) {
      expect([size, hops, headers.map(({ name }: Json) => name)]).toEqual([
        ...[one.bytes, one.ipTtl, one.headerOrder],
      ]);
      expect(one.sourcePorts).toContain(Number(source.split(':').at(-1)));
      expect(one.to).toBe(destination.startsWith('239.') ? `multicast ${destination}` : 'unicast');
    }
  }
}

function sameJson(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function checkMdns(items: Json[], wanted: Json[]): void {
  const sections: Record<string, string> = { answer: 'an', authority: 'ns', additional: 'ar' };
  const found = items
    .filter(({ kind }) => kind === 'mdns')
    .map((item) => ({
      ...item,
      records: item.records.map((record: Json) => ({
        section: sections[record.section],
        name: record.name,
        type: record.type,
        ttl: record.ttl,
        flush: record.flush,
        value: record.value,
      })),
    }));
  expect(found).toHaveLength(wanted.reduce((sum, { frames }) => sum + frames, 0));
  for (const one of wanted) {
    onlyKeys(one, ['bytes', 'ipTtl', 'flags', 'questions', 'records', 'frames', 'times']);
    const same = found.filter(({ records, size }) => {
      return size === one.bytes && sameJson(records, one.records);
    });
    expect(same).toHaveLength(one.frames);
    sameTimes(same, one.times);
    for (const { hops, flags, questions } of same) {
      expect([hops, hex(flags, 4), questions]).toEqual([one.ipTtl, one.flags, one.questions]);
    }
  }
}

function checkHttp(items: Json[], wanted: Json): void {
  onlyKeys(wanted, ['requests', 'descriptions']);
  const found = items.filter(({ kind }) => kind === 'http');
  const count = wanted.requests.reduce((sum: number, one: Json) => sum + one.count, 0);
  expect(found).toHaveLength(count);
  for (const one of wanted.requests) {
    onlyKeys(one, ['request', 'headers', 'headerOrder', 'count', 'times']);
    const same = found.filter(({ request, requestHeaders }) => {
      return request === one.request && sameJson(headersOf(requestHeaders), one.headers);
    });
    expect(same).toHaveLength(one.count);
    sameTimes(same, one.times);
    for (const { requestHeaders } of same) {
      expect(requestHeaders.map(({ name }: Json) => name)).toEqual(one.headerOrder);
    }
  }
  for (const one of wanted.descriptions) {
    onlyKeys(one, [...['status', 'headers', 'bodyBytes', 'sha256', 'segments', 'count', 'fields']]);
    const same = found.filter(({ body }) => {
      return sha256(body) === one.sha256;
    });
    expect(same).toHaveLength(one.count);
    for (const { status, headers, bodySize, fields } of same) {
      const lines = headers.map(({ name, value }: Json) => `${name}: ${value}`);
      expect({ status, headers: lines, bodyBytes: bodySize, fields }).toEqual({
        ...{ status: one.status, headers: one.headers, bodyBytes: one.bodyBytes },
        fields: one.fields,
      });
      // The head and the body were sent apart.
      expect([[status, ...lines, '', ''].join('\r\n').length, bodySize]).toEqual(one.segments);
    }
  }
}
