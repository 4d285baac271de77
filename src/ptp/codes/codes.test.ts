/** Spot checks of the code tables against the standards' own pairs of code and name. */
import { describe, expect, it } from 'vitest';
import { Event, MtpEvent } from './events.ts';
import { MtpObjectFormat, ObjectFormat } from './formats.ts';
import { codeNames, codeOf, layerNames, nameOf, standardNames } from './names.ts';
import { AndroidOperation, MtpOperation, Operation } from './operations.ts';
import { DeviceProperty, MtpDeviceProperty, ObjectProperty } from './properties.ts';
import { MtpResponse, Response } from './responses.ts';

const TABLES = {
  Operation,
  MtpOperation,
  AndroidOperation,
  Response,
  MtpResponse,
  Event,
  MtpEvent,
  ObjectFormat,
  MtpObjectFormat,
  DeviceProperty,
  MtpDeviceProperty,
  ObjectProperty,
};

/** "1001 GetDeviceInfo", one pair a line. */
function pairs(text: string): [number, string][] {
  return text
    .trim()
    .split('\n')
    .map((line) => line.trim().split(' '))
    .map(([code = '', name = '']) => [Number.parseInt(code, 16), name]);
}

const OPERATIONS = pairs(`
  1001 GetDeviceInfo
  1002 OpenSession
  1003 CloseSession
  1004 GetStorageIDs
  1005 GetStorageInfo
  1006 GetNumObjects
  1007 GetObjectHandles
  1008 GetObjectInfo
  1009 GetObject
  100a GetThumb
  100b DeleteObject
  100c SendObjectInfo
  100d SendObject
  100e InitiateCapture
  100f FormatStore
  1010 ResetDevice
  1012 SetObjectProtection
  1014 GetDevicePropDesc
  1015 GetDevicePropValue
  1016 SetDevicePropValue
  1018 TerminateOpenCapture
  101b GetPartialObject
  101c InitiateOpenCapture
  1025 GetStream
  9801 GetObjectPropsSupported
  9805 GetObjectPropList
  9808 SendObjectPropList
  9810 GetObjectReferences
  9820 Skip
  95c1 GetPartialObject64
  95c5 EndEditObject
`);

const RESPONSES = pairs(`
  2001 OK
  2002 General_Error
  2003 Session_Not_Open
  2004 Invalid_TransactionID
  2005 Operation_Not_Supported
  2007 Incomplete_Transfer
  2009 Invalid_ObjectHandle
  200a DeviceProp_Not_Supported
  200c Store_Full
  200f Access_Denied
  2010 No_Thumbnail_Present
  2013 Store_Not_Available
  2019 Device_Busy
  201c Invalid_DeviceProp_Value
  201d Invalid_Parameter
  201e Session_Already_Open
  201f Transaction_Cancelled
  2020 Specification_of_Destination_Unsupported
  2023 Invalid_Dataset
  a801 Invalid_ObjectPropCode
  a80a ObjectProp_Not_Supported
`);

const EVENTS = pairs(`
  4001 CancelTransaction
  4002 ObjectAdded
  4003 ObjectRemoved
  4006 DevicePropChanged
  4008 DeviceInfoChanged
  400a StoreFull
  400c StorageInfoChanged
  400d CaptureComplete
  400e UnreportedStatus
  c801 ObjectPropChanged
  c803 ObjectReferencesChanged
`);

const FORMATS = pairs(`
  3000 Undefined
  3001 Association
  3002 Script
  3006 DPOF
  3008 WAV
  300a AVI
  300d QuickTime
  3800 UndefinedImage
  3801 EXIF_JPEG
  3805 CIFF
  3808 JFIF
  380b PNG
  380d TIFF
  3811 DNG
  3812 HEIF
  b901 WMA
  b982 MP4
  b984 Video3GP
  ba05 AbstractAudioVideoPlaylist
  be82 Section
`);

const PROPERTIES = pairs(`
  5001 BatteryLevel
  5003 ImageSize
  5005 WhiteBalance
  5007 FNumber
  500d ExposureTime
  500f ExposureIndex
  5010 ExposureBiasCompensation
  5011 DateTime
  501c FocusMeteringMode
  501f CopyrightInfo
  5020 SupportedStreams
  502c AudioVolume
  d303 UseDeviceStage
  d402 DeviceFriendlyName
  d406 SessionInitiatorVersionInfo
  d407 PerceivedDeviceType
  dc01 StorageID
  dc04 ObjectSize
  dc07 ObjectFileName
  dc4f NonConsumable
  dc8a Rating
  dcd5 ExposureTime
`);

describe('code tables', () => {
  it.each([
    ['operations', OPERATIONS],
    ['responses', RESPONSES],
    ['events', EVENTS],
    ['formats', FORMATS],
    ['properties', PROPERTIES],
  ] as const)('name the %s of ISO 15740 and MTP as the standards do', (kind, expected) => {
    const named = expected.map(([code]) => [code, nameOf(standardNames[kind], code)]);
    expect(named).toEqual(expected);
  });

  it.each(Object.entries(TABLES))('%s has no code twice', (_name, table) => {
    const codes = Object.values(table);
    expect(codes.filter((code, at) => codes.indexOf(code) !== at)).toEqual([]);
  });

  it.each(Object.entries(TABLES))('%s has codes of 16 bit in rising order', (_name, table) => {
    const codes: number[] = Object.values(table);
    expect(codes.every((code) => Number.isInteger(code) && code > 0 && code <= 0xffff)).toBe(true);
    expect(codes).toEqual(codes.toSorted((a, b) => a - b));
  });

  it.each([
    ['operations', [Operation, MtpOperation, AndroidOperation]],
    ['responses', [Response, MtpResponse]],
    ['events', [Event, MtpEvent]],
    ['formats', [ObjectFormat, MtpObjectFormat]],
    ['properties', [DeviceProperty, MtpDeviceProperty, ObjectProperty]],
  ] as const)('the tables of %s hide none of each other', (kind, tables) => {
    const codes = tables.flatMap((table) => Object.values<number>(table));
    expect(Object.keys(standardNames[kind]).map(Number)).toEqual(codes.toSorted((a, b) => a - b));
  });
});

describe('names', () => {
  it('an unknown code is shown in hexadecimal', () => {
    expect(nameOf(standardNames.operations, 0x9116)).toBe('0x9116');
    expect(nameOf(standardNames.responses, 0xffff)).toBe('0xffff');
  });

  it('are found whatever their case', () => {
    expect(codeOf(standardNames.operations, 'getdeviceinfo')).toBe(0x1001);
    expect(codeOf(standardNames.responses, 'Device_Busy')).toBe(0x2019);
    expect(codeOf(standardNames.events, 'toString')).toBeUndefined();
  });

  it('that the standard gives to a device property and to an object property mean the former', () => {
    expect(codeOf(standardNames.properties, 'ExposureTime')).toBe(0x500d);
    expect(codeOf(standardNames.properties, 'Artist')).toBe(0x501e);
  });

  it('of a vendor lie over those of the standard', () => {
    const vendor = { operations: codeNames({ GetEvent: 0x9116, MyDeviceInfo: 0x1001 }) };
    const names = layerNames(standardNames, vendor);
    expect(nameOf(names.operations, 0x9116)).toBe('GetEvent');
    expect(nameOf(names.operations, 0x1001)).toBe('MyDeviceInfo');
    expect(nameOf(names.operations, 0x1002)).toBe('OpenSession');
    expect(nameOf(names.responses, 0x2001)).toBe('OK');
    expect(nameOf(standardNames.operations, 0x1001)).toBe('GetDeviceInfo');
  });
});
