/** Data phases of operations that may name a person or a body: masked in place. */
import { ProtocolError, Reader } from '../../bytes/index.ts';
import {
  decodePropValue,
  EosOperation,
  PowerShotOperation,
  walkEvents,
} from '../../canon/ptp/index.ts';
import { DeviceInfo, Operation, ptpString, U16Array } from '../../ptp/index.ts';
import { maskText16 } from './mask.ts';
import { maskEosValue, maskPropDesc, maskPropValue } from './properties.ts';

/** Masks the whole data phase. `property`: the first parameter of the operation. */
type MaskData = (bytes: Uint8Array, property: number) => void;

/** What cannot be read cannot be masked: all of it from `reader`'s place on becomes zeros. */
function orZeros(reader: Reader, mask: () => void): void {
  try {
    mask();
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    reader.bytes.fill(0, reader.offset);
  }
}

const maskDeviceInfo: MaskData = (bytes) => {
  const reader = new Reader(bytes, DeviceInfo.name);
  orZeros(reader, () => {
    // Standard version, vendor extension's id and version; its description; the mode.
    reader.take(8);
    ptpString.read(reader);
    reader.take(2);
    for (let lists = 0; lists < 5; lists++) U16Array.read(reader);
    // Manufacturer, model, device version.
    for (let texts = 0; texts < 3; texts++) ptpString.read(reader);
    maskText16(reader.take(2 * reader.u8()));
  });
};

const maskEvents: MaskData = (bytes) => {
  const reader = new Reader(bytes, 'EOS events');
  orZeros(reader, () => {
    for (const { event, offset, size } of walkEvents(bytes)) {
      if (event.kind === 'propValue') maskEosValue(event.property, event.value);
      else if (event.kind === 'availList') maskEosValue(event.property, event.entries);
      reader.seek(offset + size);
    }
    // Behind the end record may stand what an earlier answer left there.
    if (reader.remaining >= END_RECORD) bytes.fill(0, reader.offset + END_RECORD);
  });
};

const END_RECORD = 8;

const maskSet: MaskData = (bytes) => {
  orZeros(new Reader(bytes), () => {
    const { property, value } = decodePropValue(bytes);
    maskEosValue(property, value);
  });
};

const maskDesc: MaskData = (bytes) => {
  const reader = new Reader(bytes, 'DevicePropDesc');
  orZeros(reader, () => maskPropDesc(reader));
};

const maskValue: MaskData = (bytes, property) => maskPropValue(property, bytes);

/** Addresses, keys, places, names of networks and hosts, in layouts that nobody knows. */
const zeros: MaskData = (bytes) => void bytes.fill(0);

const MASKS: Readonly<Record<number, MaskData>> = {
  [Operation.GetDeviceInfo]: maskDeviceInfo,
  [Operation.GetDevicePropDesc]: maskDesc,
  [Operation.GetDevicePropValue]: maskValue,
  [Operation.SetDevicePropValue]: maskValue,
  [EosOperation.GetEvent]: maskEvents,
  [EosOperation.SetDevicePropValueEx]: maskSet,
  [PowerShotOperation.SetPairingInfo]: zeros,
  [PowerShotOperation.GetPairingInfo]: zeros,
  [PowerShotOperation.GetMACAddress]: zeros,
  [EosOperation.SetWftProfile]: zeros,
  [EosOperation.GetWftProfile]: zeros,
  [EosOperation.SetProfileToWft]: zeros,
  [EosOperation.GetWftData]: zeros,
  [EosOperation.SetWftData]: zeros,
  [EosOperation.GetRegisteredLenses]: zeros,
  [EosOperation.SendHostInfo]: zeros,
  [EosOperation.SendFactoryProperty]: zeros,
  [EosOperation.SendGpsInfo]: zeros,
  [EosOperation.SendBtPairingResult]: zeros,
  [PowerShotOperation.SendGpsTagInfo]: zeros,
};

/** Undefined for operations whose data names nobody. */
export function maskOf(operation: number): MaskData | undefined {
  return MASKS[operation];
}

/** Data whose request was not seen: masked where it reads as what names somebody. */
export function maskGuessed(bytes: Uint8Array): void {
  if (readsAsEvents(bytes)) maskEvents(bytes, 0);
  else if (readsAsDeviceInfo(bytes)) maskDeviceInfo(bytes, 0);
}

function readsAsEvents(bytes: Uint8Array): boolean {
  return reads(() => {
    for (const _ of walkEvents(bytes));
  });
}

function readsAsDeviceInfo(bytes: Uint8Array): boolean {
  return reads(() => DeviceInfo.decode(bytes));
}

function reads(read: () => void): boolean {
  try {
    read();
    return true;
  } catch (error) {
    if (error instanceof ProtocolError) return false;
    throw error;
  }
}
