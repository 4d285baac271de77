/** Data of the EOS extension's operations. */
import { hex32 } from '../../bytes/index.ts';
import {
  DeviceInfoEx,
  DirectoryEntrySize,
  decodeDirectory,
  decodeLiveViewPart,
  decodePropValue,
  EosOperation,
  LiveViewRecord,
  ObjectInfo64,
  readLiveView,
} from '../../canon/ptp/index.ts';
import { codeNames, nameOf } from '../../ptp/index.ts';
import { type Describe, type DescribeTable, plain } from './description.ts';
import { describeEvents } from './eos-events.ts';
import { propertyText, tellEosValue, unknownProperty } from './eos-value.ts';
import { describeIds, describeStruct, objectInfo, storage } from './standard.ts';

function describeDirectory(size: DirectoryEntrySize): Describe {
  return ({ bytes, names }) => {
    const objects = decodeDirectory(bytes, size);
    const [first] = objects;
    const more = objects.length > 1 ? `, and ${objects.length - 1} more` : '';
    return {
      what: 'EOS directory',
      summary: first ? `${first.name}${more}` : 'empty',
      lines: objects.map(
        ({ handle, format, size, name }) =>
          `${hex32(handle)} ${nameOf(names.formats, format)} ${size} ${name}`,
      ),
      json: plain(objects),
      unknown: [],
    };
  };
}

const describeSet: Describe = ({ bytes, names }) => {
  const { property, value } = decodePropValue(bytes);
  const { text, ...facts } = tellEosValue(property, value);
  return {
    what: 'property value',
    summary: `${propertyText(property, names)}=${text}`,
    lines: [],
    json: { property, propertyName: names.properties[property], ...facts },
    unknown: unknownProperty(property, names),
  };
};

const RECORDS = codeNames(LiveViewRecord);

const describeLiveView: Describe = ({ bytes }) => {
  const { parts, error } = readLiveView(bytes);
  const records = parts.map((part) => {
    const { payload, type } = part;
    const { sent: _, ...info } = decodeLiveViewPart(part);
    // A picture is told by its size.
    const facts = info.kind === 'picture' ? {} : (plain(info) as object);
    return { type, typeName: RECORDS[type], size: payload.length, ...facts };
  });
  const picture = parts.find(
    ({ type }) => type === LiveViewRecord.Jpeg || type === LiveViewRecord.Jpeg2,
  );
  return {
    what: 'live view',
    summary: picture ? `picture of ${picture.payload.length} bytes` : 'no picture',
    lines: records.map(({ type, typeName, size }) => `${typeName ?? type}: ${size} bytes`),
    json: records,
    unknown: [
      ...parts.filter(({ type }) => !RECORDS[type]).map(({ type }) => `live view record ${type}`),
      ...(error ? [error.message] : []),
    ],
  };
};

const deviceInfoEx = describeStruct(
  DeviceInfoEx,
  ({ events, properties }) => `${events.length} events, ${properties.length} properties`,
);

export const eosData: DescribeTable = {
  [EosOperation.GetStorageIDs]: describeIds('storages'),
  [EosOperation.GetStorageInfo]: storage,
  [EosOperation.GetObjectInfo]: objectInfo,
  [EosOperation.GetObjectInfo64]: describeStruct(ObjectInfo64, ({ filename, objectSize }) =>
    `${filename} ${objectSize} bytes`.trim(),
  ),
  [EosOperation.GetObjectInfoEx]: describeDirectory(DirectoryEntrySize.Bits32),
  [EosOperation.GetObjectInfoEx64]: describeDirectory(DirectoryEntrySize.Bits64),
  [EosOperation.GetDeviceInfoEx]: deviceInfoEx,
  [EosOperation.SetDevicePropValueEx]: describeSet,
  [EosOperation.GetEvent]: describeEvents,
  [EosOperation.GetViewFinderData]: describeLiveView,
};
