/** Data of the older extension's operations, PowerShots and IXUS. */
import { hex32, Reader, toHex } from '../../bytes/index.ts';
import {
  CheckedEvent,
  DirectoryRecord,
  decodeCells,
  decodeText,
  EventProcCall,
  FolderEntry,
  PowerShotOperation,
  Tree,
} from '../../canon/ptp/index.ts';
import { nameOf, ptpString } from '../../ptp/index.ts';
import { type Describe, type DescribeTable, plain } from './description.ts';
import { describeEvent } from './params.ts';
import { describeCodes } from './standard.ts';

/** No data, or one event as it would have come through the interrupt pipe. */
const describeCheckEvent: Describe = ({ bytes, names }) => {
  const event = CheckedEvent.decode(bytes);
  if (!event) return { what: 'event', summary: 'no event', lines: [], json: null, unknown: [] };
  const { code, params } = event;
  const { name, params: told } = describeEvent(code, params, names);
  const list = told.map(({ name: key, text }) => (key ? `${key}=${text}` : text));
  const summary = `${name}(${list.join(', ')})`;
  const json = { event: code, eventName: names.events[code], params };
  return { what: 'event', summary, lines: [], json, unknown: [] };
};

const describeFolder: Describe = ({ bytes }) => {
  const reader = new Reader(bytes, 'folder entries');
  const entries: FolderEntry[] = [];
  while (reader.remaining > 0) entries.push(FolderEntry.read(reader));
  return {
    what: 'folder entries',
    summary: `${entries.length} entries`,
    lines: entries.map(({ handle, size, name }) => `${hex32(handle)} ${size} ${name}`),
    json: plain(entries),
    unknown: [],
  };
};

const describeDirectory: Describe = ({ bytes, names }) => {
  const reader = new Reader(bytes, 'directory');
  const records: DirectoryRecord[] = [];
  while (reader.remaining > 0) records.push(DirectoryRecord.read(reader));
  return {
    what: 'directory',
    summary: `${records.length} records`,
    lines: records.map(
      ({ handle, parent, format, size, name }) =>
        `${hex32(handle)} in ${hex32(parent)} ${nameOf(names.formats, format)} ${size} ${name}`,
    ),
    json: plain(records),
    unknown: [],
  };
};

const describeTree: Describe = ({ bytes }) => {
  const entries = Tree.decode(bytes);
  return {
    what: 'tree',
    summary: `${entries.length} entries`,
    lines: entries.map(({ handle, name }) => `${hex32(handle)} ${name}`),
    json: entries,
    unknown: [],
  };
};

const describeCall: Describe = ({ bytes }) => {
  const { name, args } = EventProcCall.decode(bytes);
  const texts = args.map((arg) =>
    arg.kind === 'integer' ? `0x${arg.value.toString(16)}` : JSON.stringify(decodeText(arg.bytes)),
  );
  const summary = `${name}(${texts.join(', ')})`;
  return { what: 'EventProc call', summary, lines: [], json: plain({ name, args }), unknown: [] };
};

/** Whole words of which only the number is known. */
const describeWords: Describe = ({ bytes }) => {
  const words = decodeCells(bytes);
  const text = words.map((word) => `0x${word.toString(16)}`).join(' ');
  return { what: 'words', summary: text, lines: [], json: words, unknown: [] };
};

/** What only services of Canon's understand. */
const describeBlock: Describe = ({ bytes }) => ({
  what: 'block',
  summary: toHex(bytes),
  lines: [],
  json: toHex(bytes),
  unknown: [],
});

const describePath: Describe = ({ bytes }) => {
  const path = ptpString.read(new Reader(bytes, 'path'));
  return { what: 'path', summary: path, lines: [], json: path, unknown: [] };
};

const describeAddress: Describe = ({ bytes }) => {
  const address = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
  return { what: 'MAC address', summary: address, lines: [], json: toHex(bytes), unknown: [] };
};

export const powerShotData: DescribeTable = {
  [PowerShotOperation.CheckEvent]: describeCheckEvent,
  [PowerShotOperation.GetObjectInfoEx]: describeFolder,
  [PowerShotOperation.GetObjectHandleByName]: describePath,
  [PowerShotOperation.GetChanges]: describeCodes('properties', ({ names }) => names.properties),
  [PowerShotOperation.GetMACAddress]: describeAddress,
  [PowerShotOperation.GetCustomizeSpec]: describeWords,
  [PowerShotOperation.GetTreeSize]: describeTree,
  [PowerShotOperation.GetDirectory]: describeDirectory,
  [PowerShotOperation.ExecuteEventProc]: describeCall,
  [PowerShotOperation.GetWebServiceSpec]: describeBlock,
  [PowerShotOperation.GetRootCertificateSpec]: describeBlock,
};
