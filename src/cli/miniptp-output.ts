/** The lines of `hotshoe miniptp`, in the form that scripts around miniPtp read. Pure. */
import {
  type DeviceInfo,
  type DevicePropDesc,
  dataTypeName,
  hex16,
  type NameTable,
  type ObjectInfo,
  type PtpNames,
  type StorageInfo,
  toHex,
} from '../index.ts';

/** A code with its name; null where no table knows it. */
export interface NamedCode {
  code: number;
  name: string | null;
}

export interface ListedObject {
  handle: number;
  storageId: number;
  parent: number;
  format: number;
  protection: number;
  size: number;
  name: string;
  /** 1 in the root of a storage. */
  level: number;
}

/** A property as `-d` lists it. */
export interface ListedProperty extends NamedCode {
  dataType: number;
  /** "uint8"; null for a type that the standard does not know. */
  typeName: string | null;
  /** 64 bits and more as a text; null where the value is of an unknown type. */
  current: number | string | (number | string)[] | null;
}

/** What `-o` and `-p` list, lowest code first. */
export function namedCodes(codes: readonly number[], names: NameTable): NamedCode[] {
  return [...codes].sort((a, b) => a - b).map((code) => ({ code, name: names[code] ?? null }));
}

/** "0x1001/GetDeviceInfo 0x1002/OpenSession 0x9fff" */
export function codesLine(codes: readonly NamedCode[]): string {
  return codes.map(({ code, name }) => (name ? `${hex(code)}/${name}` : hex(code))).join(' ');
}

export function identityLines({
  model,
  deviceVersion,
}: Pick<DeviceInfo, 'model' | 'deviceVersion'>): string[] {
  return [`+ Model= ${oneLine(model)}`, `+ Device_version= ${oneLine(deviceVersion)}`];
}

/** "0x200f Access_Denied", or the code alone. */
export function responseLine(code: number, { responses }: PtpNames): string {
  const name = responses[code];
  return name ? `${hex(code)} ${name}` : hex(code);
}

/** "error 200f" */
export function errorLine(code: number): string {
  return `error ${code.toString(16)}`;
}

export function listedProperty(
  property: Pick<DevicePropDesc, 'propertyCode' | 'dataType'> & Partial<DevicePropDesc>,
  names: NameTable,
): ListedProperty {
  const { propertyCode, dataType, current } = property;
  const typeName = dataTypeName(dataType).toLowerCase();
  const plain = (value: number | bigint) => (typeof value === 'bigint' ? String(value) : value);
  return {
    code: propertyCode,
    name: names[propertyCode] ?? null,
    dataType,
    typeName: typeName.startsWith('0x') ? null : typeName,
    current:
      typeof current === 'object'
        ? current.map(plain)
        : typeof current === 'bigint'
          ? String(current)
          : (current ?? null),
  };
}

/** "property_code: 0x5001/BatteryLevel, datatype: 0x2/uint8, current: 16" */
export function propertyLine({ code, name, dataType, typeName, current }: ListedProperty): string {
  const value = Array.isArray(current) ? `[${current.join(', ')}]` : (current ?? 'n/a');
  return (
    `property_code: ${hex(code)}/${name ?? '?'}, datatype: ${hex(dataType)}/${typeName ?? '?'}, ` +
    `current: ${oneLine(String(value))}`
  );
}

/** As a Python dict is printed. */
export function storageLine(info: StorageInfo): string {
  const entries: [string, string][] = [
    ['storage_type', String(info.storageType)],
    ['filesystem_type', String(info.filesystemType)],
    ['access_capability', String(info.accessCapability)],
    ['max_capacity', String(info.maxCapacity)],
    ['free_space_bytes', String(info.freeSpaceInBytes)],
    ['free_space_objects', String(info.freeSpaceInImages)],
    ['storage_description', pythonText(info.storageDescription)],
    ['volume_identifier', pythonText(info.volumeLabel)],
  ];
  return `{${entries.map(([key, value]) => `'${key}': ${value}`).join(', ')}}`;
}

export function listedObject(handle: number, info: ObjectInfo, level: number): ListedObject {
  return {
    handle,
    storageId: info.storageId,
    parent: info.parentObject,
    format: info.objectFormat,
    protection: info.protectionStatus,
    size: info.objectCompressedSize,
    name: info.filename,
    level,
  };
}

/** "  90000000 00020001 00000000 3001 1        0 DCIM" */
export function objectLine(object: ListedObject): string {
  const { handle, storageId, parent, format, protection, size, name, level } = object;
  const wide = (value: number) => value.toString(16).padStart(8, '0');
  return [
    '  '.repeat(level) + wide(handle),
    wide(storageId),
    wide(parent),
    format.toString(16).padStart(4, '0'),
    protection,
    String(size).padStart(8),
    oneLine(name),
  ].join(' ');
}

/** "+ Mac_addr b'74bfc0123456'" */
export function macLine(address: Uint8Array): string {
  return `+ Mac_addr b'${toHex(address)}'`;
}

/** Eight-bit text as Python prints bytes: b'EOSR6'. */
export function pythonBytes(text: string): string {
  return `b${quoted(text.replaceAll('\\', '\\\\').replace(/[^\x20-\x7e]/g, escaped))}`;
}

function pythonText(text: string): string {
  return quoted(text.replaceAll('\\', '\\\\').replace(/\p{Cc}/gu, escaped));
}

const SHORT_ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function escaped(char: string): string {
  return SHORT_ESCAPES[char] ?? `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`;
}

/** In single quotes, unless that needs an escape which double quotes do not. */
function quoted(text: string): string {
  if (text.includes("'") && !text.includes('"')) return `"${text}"`;
  return `'${text.replaceAll("'", "\\'")}'`;
}

/** Texts of a camera must not forge lines. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, '\ufffd');
}

/** Without leading zeros; `hex16` pads. */
function hex(code: number): string {
  return code > 0xfff ? hex16(code) : `0x${code.toString(16)}`;
}
