/** Values of properties that name a person or a body: masked in place. */
import { Reader } from '../../bytes/index.ts';
import { EosProperty, PowerShotProperty } from '../../canon/ptp/index.ts';
import { DataType, DeviceProperty, MtpDeviceProperty, valueCodec } from '../../ptp/index.ts';
import { maskText, maskText16 } from './mask.ts';

const TEXTS: ReadonlySet<number> = new Set([
  EosProperty.Owner,
  EosProperty.Artist,
  EosProperty.Copyright,
  EosProperty.SerialNumber,
  EosProperty.CameraNickname,
  PowerShotProperty.CameraOwner,
  DeviceProperty.Artist,
  DeviceProperty.CopyrightInfo,
  MtpDeviceProperty.SynchronizationPartner,
  MtpDeviceProperty.DeviceFriendlyName,
]);

/** Where the serial number of a battery stands; behind it, stale bytes and those of the next one. */
const BATTERY_SERIAL = 23;
/** Size and version stand before the entries of a history. */
const HISTORY_HEAD = 8;
/** A number and a name. */
const LENS_ENTRY = 4 + 64;

/** A value as EOS bodies carry it, in GetEvent and SetDevicePropValueEx. */
export function maskEosValue(property: number, value: Uint8Array): void {
  if (TEXTS.has(property)) {
    maskText(value);
  } else if (property === EosProperty.BatteryInfoEx) {
    value.subarray(BATTERY_SERIAL).fill(0);
  } else if (property === EosProperty.LensExchangeHistory) {
    for (let at = HISTORY_HEAD; at < value.length; at += LENS_ENTRY) maskNumber(value, at);
  } else if (property === EosProperty.StroboExchangeHistory) {
    value.subarray(HISTORY_HEAD).fill(0);
  }
}

/** All ones say that the entry is not used. */
function maskNumber(value: Uint8Array, at: number): void {
  const number = value.subarray(at, at + 4);
  if (number.some((byte) => byte !== 0xff)) number.fill(0);
}

/** The data of GetDevicePropValue and SetDevicePropValue: a string, an array of bytes, or bytes. */
export function maskPropValue(property: number, value: Uint8Array): void {
  if (!TEXTS.has(property)) {
    maskEosValue(property, value);
  } else if (value.length === 1 + 2 * (value[0] ?? 0)) {
    maskText16(value.subarray(1));
  } else {
    const counted = value.length >= 4 && new Reader(value).u32() === value.length - 4;
    maskText(value.subarray(counted ? 4 : 0));
  }
}

/** The data of GetDevicePropDesc. Throws a ProtocolError where it ends too early. */
export function maskPropDesc(reader: Reader): void {
  const property = reader.u16();
  const type = reader.u16();
  reader.u8();
  if (!TEXTS.has(property)) {
    reader.rest();
    return;
  }
  // The default, the current value, then the form: a range of texts is none.
  maskTyped(reader, type);
  if (reader.remaining > 0) maskTyped(reader, type);
  const enumeration = reader.remaining > 0 && reader.u8() === 2;
  const count = enumeration ? reader.u16() : 0;
  for (let i = 0; i < count; i++) maskTyped(reader, type);
}

function maskTyped(reader: Reader, type: number): void {
  const start = reader.offset;
  const codec = valueCodec(type);
  if (!codec) throw reader.invalid(`unknown datatype ${type}`);
  codec.read(reader);
  const value = reader.bytes.subarray(start, reader.offset);
  if (type === DataType.STR) maskText16(value.subarray(1));
  else maskText(value.subarray(4));
}
