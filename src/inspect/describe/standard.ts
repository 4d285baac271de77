/** Data of the standard's operations and MTP's. */
import { hex16, hex32, Reader, type Struct, toHex } from '../../bytes/index.ts';
import {
  DeviceInfo,
  DevicePropDesc,
  dataTypeName,
  MtpOperation,
  type NameTable,
  nameOf,
  ObjectInfo,
  ObjectPropDesc,
  ObjectPropList,
  Operation,
  type PtpValue,
  StorageInfo,
  U16Array,
  U32Array,
} from '../../ptp/index.ts';
import { InterdependentPropDesc } from '../../ptp/object-props.ts';
import { FilesystemManifest, StreamInfo, VendorExtensionMaps } from '../../ptp/ptp11-datasets.ts';
import {
  type DataSeen,
  type Describe,
  type DescribeTable,
  fieldLines,
  plain,
} from './description.ts';
import { describeValue, valueLabel } from './prop-value.ts';

/** A dataset, and what is behind its last field. */
function decodeWhole<T>(codec: Struct<T>, bytes: Uint8Array): { value: T; surplus: Uint8Array } {
  const reader = new Reader(bytes, codec.name);
  return { value: codec.read(reader), surplus: reader.rest() };
}

/** Bodies leave some zeros behind datasets: only others are worth a word. */
function surplusOf(what: string, surplus: Uint8Array): string[] {
  return surplus.some((byte) => byte !== 0) ? [`${surplus.length} bytes behind ${what}`] : [];
}

export function describeStruct<T extends object>(
  codec: Struct<T>,
  summary: (value: T, seen: DataSeen) => string,
): Describe {
  return (seen) => {
    const { value, surplus } = decodeWhole(codec, seen.bytes);
    const json = plain(value) as Record<string, unknown>;
    return {
      what: codec.name,
      summary: summary(value, seen),
      lines: fieldLines(json),
      json: surplus.length > 0 ? { ...json, surplus: toHex(surplus) } : json,
      unknown: surplusOf(codec.name, surplus),
    };
  };
}

const describeDeviceInfo: Describe = ({ bytes, names }) => {
  const { value, surplus } = decodeWhole(DeviceInfo, bytes);
  const { model, deviceVersion, operationsSupported } = value;
  const known = (table: NameTable) => (code: number) => `${hex16(code)} ${table[code] ?? '?'}`;
  const lists: [string, readonly number[], NameTable][] = [
    ['operation', operationsSupported, names.operations],
    ['event', value.eventsSupported, names.events],
    ['property', value.devicePropertiesSupported, names.properties],
    ['capture format', value.captureFormats, names.formats],
    ['image format', value.imageFormats, names.formats],
  ];
  const plainFields = Object.entries(value).filter(([, field]) => !Array.isArray(field));
  return {
    what: 'DeviceInfo',
    summary: `${model} ${deviceVersion}, ${operationsSupported.length} operations`,
    lines: [
      ...plainFields.map(([key, field]) => `${key}: ${String(field)}`),
      ...lists.flatMap(([what, codes, table]) =>
        codes.map((code) => `${what}: ${known(table)(code)}`),
      ),
    ],
    json: { ...value, ...(surplus.length > 0 && { surplus: toHex(surplus) }) },
    unknown: [
      ...lists.flatMap(([what, codes, table]) =>
        codes.filter((code) => !table[code]).map((code) => `${what} ${hex16(code)}`),
      ),
      ...surplusOf('DeviceInfo', surplus),
    ],
  };
};

/** Handles, storage ids. */
export function describeIds(what: string): Describe {
  return ({ bytes }) => {
    const { value, surplus } = decodeWhole(U32Array, bytes);
    return {
      what,
      summary: listed(value.map(hex32), what),
      lines: value.map(hex32),
      json: value,
      unknown: surplusOf(what, surplus),
    };
  };
}

export function describeCodes(what: string, table: (seen: DataSeen) => NameTable): Describe {
  return (seen) => {
    const codes = U16Array.decode(seen.bytes);
    const text = codes.map((code) => nameOf(table(seen), code));
    return { what, summary: listed(text, what), lines: text, json: codes, unknown: [] };
  };
}

const LISTED = 4;

/** "0x1, 0x2", or "12 handles". */
function listed(items: readonly string[], what: string): string {
  return items.length <= LISTED ? items.join(', ') || `no ${what}` : `${items.length} ${what}`;
}

const describePropDesc: Describe = ({ bytes, names }) => {
  const desc = DevicePropDesc.decode(bytes);
  const { propertyCode: code, dataType: type, current, form, writable } = desc;
  const name = nameOf(names.properties, code);
  const label = (value: PtpValue) => valueLabel(code, value, names);
  const json = {
    ...(plain(desc) as object),
    property: code,
    propertyName: names.properties[code] ?? null,
    typeName: dataTypeName(type),
    label: label(current),
  };
  const choices = form.kind === 'enumeration' ? form.values.map(label) : [];
  return {
    what: 'DevicePropDesc',
    summary: `${name}=${label(current)}${writable ? '' : ' (read only)'}`,
    lines: [...fieldLines(plain(desc)), ...choices.map((choice) => `choice: ${choice}`)],
    json,
    unknown: names.properties[code] ? [] : [`property ${hex16(code)}`],
  };
};

const describePropList: Describe = ({ bytes, names }) => {
  const elements = ObjectPropList.decode(bytes);
  const handles = new Set(elements.map(({ objectHandle }) => objectHandle));
  const json = elements.map((element) => plain(element));
  return {
    what: 'ObjectPropList',
    summary: `${elements.length} values of ${handles.size} objects`,
    lines: elements.map(
      ({ objectHandle, propertyCode, value }) =>
        `${hex32(objectHandle)} ${nameOf(names.properties, propertyCode)}=${String(value)}`,
    ),
    json,
    unknown: [],
  };
};

/** A dataset that is a list of others. */
function describeList<T>(codec: Struct<readonly T[]>, what: string): Describe {
  return ({ bytes }) => {
    const { value, surplus } = decodeWhole(codec, bytes);
    const json = plain(value);
    return {
      what: codec.name,
      summary: `${value.length} ${what}`,
      lines: fieldLines(json, what),
      json,
      unknown: surplusOf(codec.name, surplus),
    };
  };
}

const storage = describeStruct(
  StorageInfo,
  ({ freeSpaceInBytes, maxCapacity, storageDescription }) =>
    `${storageDescription} ${gigabytes(freeSpaceInBytes)} of ${gigabytes(maxCapacity)} GB free`.trim(),
);

function gigabytes(bytes: bigint): string {
  return (Number(bytes) / 1e9).toFixed(1);
}

const objectInfo = describeStruct(ObjectInfo, ({ filename, objectCompressedSize }) =>
  `${filename} ${objectCompressedSize} bytes`.trim(),
);

export const standardData: DescribeTable = {
  [Operation.GetDeviceInfo]: describeDeviceInfo,
  [Operation.GetStorageIDs]: describeIds('storages'),
  [Operation.GetStorageInfo]: storage,
  [Operation.GetObjectHandles]: describeIds('handles'),
  [Operation.GetObjectInfo]: objectInfo,
  [Operation.SendObjectInfo]: objectInfo,
  [Operation.GetDevicePropDesc]: describePropDesc,
  [Operation.GetDevicePropValue]: describeValue(0),
  [Operation.SetDevicePropValue]: describeValue(0),
  [Operation.GetVendorDeviceInfo]: describeDeviceInfo,
  [Operation.EnumHandles]: describeIds('handles'),
  [Operation.GetVendorExtensionMaps]: describeList(VendorExtensionMaps, 'maps'),
  [Operation.GetFilesystemManifest]: describeList(FilesystemManifest, 'objects'),
  [Operation.GetStreamInfo]: describeStruct(
    StreamInfo,
    ({ frameMaxSize }) => `frames of up to ${frameMaxSize} bytes`,
  ),
  [MtpOperation.GetObjectPropsSupported]: describeCodes(
    'properties',
    ({ names }) => names.properties,
  ),
  [MtpOperation.GetObjectPropDesc]: describeStruct(ObjectPropDesc, ({ propertyCode }, { names }) =>
    nameOf(names.properties, propertyCode),
  ),
  [MtpOperation.GetObjectPropValue]: describeValue(1),
  [MtpOperation.SetObjectPropValue]: describeValue(1),
  [MtpOperation.GetObjectPropList]: describePropList,
  [MtpOperation.SetObjectPropList]: describePropList,
  [MtpOperation.SendObjectPropList]: describePropList,
  [MtpOperation.GetInterdependentPropDesc]: describeList(InterdependentPropDesc, 'sets'),
  [MtpOperation.GetObjectReferences]: describeIds('handles'),
  [MtpOperation.SetObjectReferences]: describeIds('handles'),
};

export { objectInfo, storage };
