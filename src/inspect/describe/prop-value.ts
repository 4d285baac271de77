/** Values of device and object properties, and what they mean. */
import { Reader, toHex } from '../../bytes/index.ts';
import { canonNames, canonValueLabel, PowerShotProperty as Shot } from '../../canon/ptp/index.ts';
import {
  DataType,
  DeviceProperty,
  nameOf,
  type PtpNames,
  type PtpValue,
  ptpString,
  valueCodec,
} from '../../ptp/index.ts';
import type { Describe } from './description.ts';
import { standardLabel } from './standard-labels.ts';

/** One number may be two properties: Canon's tables count where the names are Canon's. */
export function valueLabel(property: number, value: PtpValue, names: PtpNames): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value !== 'number') return String(value);
  const label = standardLabel(property, value) ?? canonLabel(property, value, names);
  return label ?? String(value);
}

function canonLabel(property: number, value: number, names: PtpNames): string | undefined {
  const isCanons = names.properties[property] === canonNames.properties[property];
  return isCanons ? canonValueLabel(property, value) : undefined;
}

const SIGNED: ReadonlySet<number> = new Set([
  DeviceProperty.ExposureBiasCompensation,
  Shot.Contrast,
  Shot.ColorGain,
  Shot.Sharpness,
  Shot.AvOpenApex,
]);

const UNSIGNED_TYPES: Readonly<Record<number, number>> = {
  1: DataType.UINT8,
  2: DataType.UINT16,
  4: DataType.UINT32,
  8: DataType.UINT64,
  16: DataType.UINT128,
};
const SIGNED_TYPES: Readonly<Record<number, number>> = { 1: DataType.INT8, 2: DataType.INT16 };

/**
 * A value that comes without its type, which a description told before. No integer has the size of a
 * text: that is odd, and its first byte counts the characters, of which the last is zero. Undefined
 * for what is neither.
 */
function valueWithoutType(property: number, bytes: Uint8Array): PtpValue | undefined {
  const size = bytes.length;
  const type = (SIGNED.has(property) && SIGNED_TYPES[size]) || UNSIGNED_TYPES[size];
  if (type !== undefined) return valueCodec(type)?.read(new Reader(bytes, 'property value'));
  const ended = bytes[size - 1] === 0 && bytes[size - 2] === 0;
  if (size !== 1 + 2 * (bytes[0] ?? 0) || !ended) return undefined;
  return ptpString.read(new Reader(bytes, 'property value'));
}

/** `at`: which parameter of the request is the property. */
export function describeValue(at: number): Describe {
  return ({ params, bytes, names }) => {
    const property = params[at] ?? 0;
    const value = valueWithoutType(property, bytes);
    const label = value === undefined ? toHex(bytes) : valueLabel(property, value, names);
    return {
      what: 'property value',
      summary: `${nameOf(names.properties, property)}=${label}`,
      lines: [],
      json: {
        property,
        propertyName: names.properties[property] ?? null,
        value: toHex(bytes),
        number: typeof value === 'number' ? value : null,
        text: typeof value === 'string' ? value : null,
        label,
      },
      unknown: [],
    };
  };
}
