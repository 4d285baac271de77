/**
 * Canon PowerShot A70 of 2003, of the older extension: release control, no network. Property
 * descriptions are those of a real one under release control (libgphoto2
 * cameras/canon-powershot-a70-capture.txt), operations and events those of its sibling SD100 / IXUS II,
 * properties without release control those of a G5 with the same firmware generation. Assumed: the
 * card's volume label (of the SD100), the handles, the widest aperture and the focal lengths between
 * the ends of the zoom, that shooting modes are chosen by D00C, that it takes no uploads.
 */
import { ARRAY } from '../../ptp/data-types.ts';
import { DataType, type PropertyForm } from '../../ptp/index.ts';
import { dialPosition, thirds } from './choices.ts';
import type { PowerShotModel, PowerShotProperty } from './powershot-model.ts';

const OPERATIONS = [
  0x1001, 0x1002, 0x1003, 0x1004, 0x1005, 0x1006, 0x1007, 0x1008, 0x1009, 0x100a, 0x100b, 0x100c,
  0x100d, 0x100e, 0x100f, 0x1012, 0x1014, 0x1015, 0x1016, 0x101b, 0x9001, 0x9002, 0x9003, 0x9006,
  0x9008, 0x9009, 0x900a, 0x900b, 0x900c, 0x900d, 0x900e, 0x900f, 0x9010, 0x9011, 0x9012, 0x9013,
  0x9014, 0x9015, 0x9018, 0x9019, 0x901a, 0x901b, 0x901c, 0x901d, 0x901e, 0x901f, 0x9020, 0x9021,
];

const EVENTS = [
  0x4001, 0x4002, 0x4003, 0x4004, 0x4005, 0x4006, 0x4008, 0x4009, 0x400a, 0x400c, 0x400d, 0xc001,
  0xc005, 0xc006, 0xc007, 0xc008, 0xc009, 0xc00a, 0xc00b, 0xc00c, 0xc00d,
];

const NAME = 'Canon PowerShot A70';
const MODEL_ID = 0x01250000;

const { INT8, UINT8, INT16, UINT16, UINT32, STR } = DataType;
const choice = (...values: number[]): PropertyForm => ({ kind: 'enumeration', values });
const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** Height and width of a size, its code, and three words that are 0. */
const sizeQuality = (height: number, width: number, ...codes: number[]) =>
  codes.map((code) => [height, width, code, 0, 0, 0]);

const AVERAGE_SIZES = [
  1_640_448, 1_026_048, 583_680, 0, 254_976, 914_432, 571_392, 327_680, 0, 153_600, 455_680,
  284_672, 174_080, 0, 86_016, 2_097_152,
];

const readOnly = (code: number, dataType: number, value: PowerShotProperty['value']) => ({
  ...{ code, dataType, value },
  shooting: true as const,
});
const free = (
  code: number,
  dataType: number,
  value: number,
  values: number[],
): PowerShotProperty => ({
  ...readOnly(code, dataType, value),
  writable: true,
  form: choice(...values),
});

const PROPERTIES: readonly PowerShotProperty[] = [
  { code: 0xd001, dataType: UINT8, value: 1, writable: true, form: choice(0, 1) },
  { code: 0xd002, dataType: UINT16, value: 2, form: choice(0, 1, 2, 3, 4, 5) },
  {
    code: 0xd003,
    dataType: UINT32,
    value: 1,
    form: choice(0, 1, 2, 3),
    source: 'batteryStatus',
  },
  readOnly(0xd005, UINT8, 32),
  free(0xd006, UINT8, 3, [2, 3, 5]),
  free(0xd007, UINT8, 1, [1]),
  free(0xd008, UINT8, 0, [0, 1, 3, 2]),
  readOnly(0xd009, UINT16, 100),
  free(0xd00a, UINT8, 0, [0, 1, 2, 5, 6]),
  readOnly(0xd00b, UINT8, 0),
  { ...free(0xd00c, UINT8, 1, [1, 2, 3, 4]), source: 'mode' },
  readOnly(0xd00e, UINT8, 0),
  readOnly(0xd00f, UINT8, 0),
  free(0xd010, UINT8, 3, [0, 1, 3]),
  free(0xd011, UINT8, 0, []),
  free(0xd012, UINT16, 0x3001, [0x3003, 0x3001]),
  free(0xd013, UINT8, 0, [0, 1, 2, 3, 4, 7, 6]),
  readOnly(0xd015, UINT8, 0),
  free(0xd017, INT8, 0, [0]),
  free(0xd018, INT8, 0, [0]),
  free(0xd019, INT8, 0, [0]),
  free(0xd01c, UINT16, 64, [64, 72, 80, 88, 0]),
  { ...free(0xd01d, UINT16, 40, []), source: 'aperture' },
  { ...free(0xd01e, UINT16, 32, []), source: 'shutter' },
  free(0xd01f, UINT8, 24, [8, 11, 13, 16, 19, 21, 24, 27, 29, 32, 35, 37, 40]),
  { ...readOnly(0xd023, UINT16, 32), source: 'widestAperture' },
  readOnly(0xd024, UINT16, 56),
  { ...readOnly(0xd025, UINT16, 173), source: 'focalLength' },
  readOnly(0xd026, UINT16, 519),
  readOnly(0xd027, UINT16, 173),
  readOnly(0xd028, UINT16, 32),
  free(0xd029, UINT16, 3, numbers(1, 15)),
  {
    ...readOnly(0xd02a, UINT16, 0),
    writable: true,
    form: { kind: 'range', minimum: 0, maximum: 11, step: 1 },
  },
  {
    code: 0xd02c,
    dataType: ARRAY | UINT32,
    value: [1536, 2048, 6, 0, 0, 0],
    form: {
      kind: 'enumeration',
      values: [
        ...sizeQuality(1536, 2048, 1, 6, 11),
        ...sizeQuality(1200, 1600, 2, 7, 12),
        ...sizeQuality(768, 1024, 3, 8, 13),
        ...sizeQuality(480, 640, 5, 10, 15),
      ],
    },
    source: 'sizeQuality',
  },
  {
    code: 0xd02d,
    dataType: ARRAY | UINT32,
    value: [119, 0, 159, 0],
    form: { kind: 'enumeration', values: [[119, 0, 159, 0]] },
  },
  { code: 0xd02e, dataType: UINT32, value: 20_480 },
  { code: 0xd02f, dataType: UINT32, value: 5120 },
  // 1.0
  { code: 0xd030, dataType: UINT32, value: 0x0100 },
  // 2.0.0.0
  { code: 0xd031, dataType: UINT32, value: 0x02000000 },
  { code: 0xd032, dataType: STR, value: NAME },
  { code: 0xd033, dataType: ARRAY | UINT8, value: [], writable: true, source: 'owner' },
  { code: 0xd034, dataType: UINT32, value: 0, writable: true, source: 'clock' },
  free(0xd036, UINT8, 3, [1, 2, 3]),
  readOnly(0xd037, UINT16, 0),
  readOnly(0xd038, INT16, 32),
  readOnly(0xd039, UINT16, 2048),
  readOnly(0xd03a, UINT16, 0),
  readOnly(0xd03b, UINT16, 0),
  readOnly(0xd03c, UINT16, 56),
  readOnly(0xd03d, UINT16, 7),
  readOnly(0xd03e, UINT16, 519),
  readOnly(0xd03f, UINT16, 640),
  free(0xd040, UINT16, 0, [0, 1, 2, 3, 4, 5]),
  free(0xd041, UINT16, 1, [0, 1]),
  free(0xd042, UINT16, 65_535, []),
  {
    code: 0xd045,
    dataType: UINT16,
    value: 4,
    writable: true,
    form: choice(1, 2, 3, 4, 5, 6, 7),
    source: 'eventMode',
  },
  // 1.1
  { code: 0xd046, dataType: UINT16, value: 0x0101 },
  { code: 0xd047, dataType: UINT16, value: 0 },
  { code: 0xd048, dataType: ARRAY | UINT32, value: AVERAGE_SIZES },
  { code: 0xd049, dataType: UINT32, value: MODEL_ID },
];

export const powerShotA70: PowerShotModel = {
  family: 'powershot',
  id: 'powershot-a70',
  name: NAME,
  fronts: ['usbip'],
  menus: [],
  usb: {
    productId: 0x3073,
    release: 0x0001,
    manufacturer: 'Canon Inc.',
    product: 'Canon Digital Camera',
    attributes: 0xc0,
    milliamperes: 2,
  },
  deviceInfo: {
    standardVersion: 100,
    vendorExtensionId: 0x0b,
    vendorExtensionVersion: 100,
    vendorExtensionDesc: '',
    functionalMode: 0,
    operationsSupported: OPERATIONS,
    eventsSupported: EVENTS,
    captureFormats: [0x3801],
    imageFormats: [0x3001, 0x3801, 0x300a, 0x3008, 0xb101, 0x3002],
    manufacturer: 'Canon Inc.',
    model: NAME,
    deviceVersion: '01.0001',
    serialNumber: '',
  },
  firmware: '1.00',
  nickname: 'A70',
  bodySerial: '',
  mac: new Uint8Array(6),
  slots: [
    {
      number: 1,
      // VolumeLabel; these bodies have no description of a storage.
      label: 'D',
      handles: { base: 0, dcim: 0x00080000, jpegMember: 1 },
      destinationBit: 8,
    },
  ],
  filePrefix: 'IMG_',
  folderNames: 'CANON',
  properties: PROPERTIES,
  dial: [
    dialPosition('P', 1, { iso: true, compensation: true, exif: 2 }),
    dialPosition('Tv', 2, { shutter: true, iso: true, compensation: true, exif: 4 }),
    dialPosition('Av', 3, { aperture: true, iso: true, compensation: true, exif: 3 }),
    dialPosition('M', 4, { aperture: true, shutter: true, iso: true, exif: 1 }),
  ],
  startDial: 'P',
  // f/2.8 to f/8, 15 s to 1/2000 s.
  apertures: thirds(0x20, 0x38),
  shutters: thirds(0x18, 0x90),
  pictureSizes: [
    { code: 0, mode: 1, width: 2048, height: 1536, quality: 90 },
    { code: 1, mode: 2, width: 1600, height: 1200, quality: 90 },
    { code: 3, mode: 3, width: 1024, height: 768, quality: 90 },
    { code: 2, mode: 5, width: 640, height: 480, quality: 90 },
  ],
  qualities: { 2: 78, 3: 88, 5: 95 },
  averageSizes: AVERAGE_SIZES,
  // 5.4 to 16.2 mm, f/2.8 to f/4.8.
  lens: { focalLengths: [173, 519], widest: [0x20, 0x2d], positions: 11 },
  viewfinder: { width: 320, height: 240 },
  focalLength: 5.4,
  ipPieceSize: 512 << 10,
};
