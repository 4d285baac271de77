/**
 * Canon EOS 1300D (Rebel T6, Kiss X80) of 2016 with an EF-S18-55mm, one SD card. Lists, properties and
 * choices are those of a real body (libgphoto2 cameras/canon-eos1300d.txt, firmware 1.2.0); handles and
 * live view those that libgphoto2 and vcam show.
 */
import { Bulb, ImageQuality } from '../../canon/ptp/index.ts';
import { DataType } from '../../ptp/index.ts';
import {
  creativeDial,
  dialPosition,
  jpeg,
  MOVIE_POSITION,
  raw,
  thirds,
  withRaw,
} from './choices.ts';
import { eos1300dLists, eos1300dValues } from './eos-1300d-properties.ts';
import type { EosModel, PictureSize } from './model.ts';

/** In the camera's order. */
const OPERATIONS = [
  0x1014, 0x1015, 0x1016, 0x1001, 0x1002, 0x1003, 0x1006, 0x1004, 0x9101, 0x1005, 0x9102, 0x1007,
  0x1008, 0x9103, 0x1009, 0x9104, 0x100a, 0x101b, 0x9107, 0x100c, 0x100d, 0x100b, 0x9105, 0x100f,
  0x9106, 0x9110, 0x9127, 0x910b, 0x9108, 0x9109, 0x910c, 0x910e, 0x910f, 0x9115, 0x9114, 0x9113,
  0x9116, 0x9117, 0x9120, 0x91f0, 0x9118, 0x9121, 0x91f1, 0x911d, 0x910a, 0x911b, 0x911c, 0x911e,
  0x911a, 0x9153, 0x9154, 0x9160, 0x9155, 0x9157, 0x9158, 0x9159, 0x915a, 0x911f, 0x91fe, 0x91ff,
  0x9128, 0x9129, 0x912d, 0x912e, 0x912f, 0x912c, 0x9130, 0x9131, 0x9132, 0x9133, 0x9134, 0x912b,
  0x9135, 0x9136, 0x9137, 0x9138, 0x9139, 0x913a, 0x913b, 0x913c, 0x91da, 0x91db, 0x91dc, 0x91dd,
  0x91de, 0x91d8, 0x91d9, 0x91d7, 0x91d5, 0x902f, 0x9141, 0x9142, 0x9143, 0x913f, 0x9033, 0x9068,
  0x9069, 0x906a, 0x906b, 0x906c, 0x906d, 0x906e, 0x906f, 0x913d, 0x9180, 0x9181, 0x9182, 0x9183,
  0x9184, 0x9185, 0x9140, 0x9801, 0x9802, 0x9803, 0x9804, 0x9805, 0x91c0, 0x91c1, 0x91c2, 0x91c3,
  0x91c4, 0x91c5, 0x91c6, 0x91c7, 0x91c8, 0x91c9, 0x91ca, 0x91cb, 0x91cc, 0x91ce, 0x91cf, 0x91d0,
  0x91d1, 0x91d2, 0x91e1, 0x91e2, 0x91e3, 0x91e4, 0x91e5, 0x91e6, 0x91e7, 0x91e8, 0x91e9, 0x91ea,
  0x91eb, 0x91ec, 0x91ed, 0x91ee, 0x91ef, 0x91f8, 0x91f9, 0x91f2, 0x91f3, 0x91f4, 0x91f7, 0x9122,
  0x9123, 0x9124, 0x91f5, 0x91f6, 0x9052, 0x9053, 0x9057, 0x9058, 0x9059, 0x905a, 0x905f,
];

const { Fine, Lossless, Normal } = ImageQuality;

/** Bytes for each picture are those of Canon's table of file sizes for 18 megapixels. */
const JPEGS: readonly PictureSize[] = [
  { format: jpeg(0, Fine), width: 5184, height: 3456, quality: 92, bytesPerShot: 6_400_000 },
  { format: jpeg(0, Normal), width: 5184, height: 3456, quality: 80, bytesPerShot: 3_200_000 },
  { format: jpeg(1, Fine), width: 3456, height: 2304, quality: 92, bytesPerShot: 3_400_000 },
  { format: jpeg(1, Normal), width: 3456, height: 2304, quality: 80, bytesPerShot: 1_700_000 },
  { format: jpeg(14, Fine), width: 2592, height: 1728, quality: 92, bytesPerShot: 2_200_000 },
  { format: jpeg(14, Normal), width: 2592, height: 1728, quality: 80, bytesPerShot: 1_100_000 },
  { format: jpeg(15, Fine), width: 1920, height: 1280, quality: 92, bytesPerShot: 1_300_000 },
  { format: jpeg(16, Fine), width: 720, height: 480, quality: 92, bytesPerShot: 300_000 },
];
/** It lists RAW beside the largest JPEG only. */
const [WITH_RAW, RAW] = withRaw(raw(0, Lossless), JPEGS.slice(0, 1), 24_500_000);
const PICTURE_SIZES: readonly PictureSize[] = [...JPEGS, ...WITH_RAW, RAW];

export const eos1300d: EosModel = {
  id: 'eos-1300d',
  name: 'Canon EOS 1300D',
  fronts: ['ptpip', 'usbip'],
  menus: ['smartphone', 'eos-utility'],
  // As vcam read it.
  usb: {
    productId: 0x32b4,
    release: 0x0002,
    manufacturer: 'Canon Inc.',
    product: 'Canon Digital Camera',
    attributes: 0xc0,
    milliamperes: 2,
  },
  deviceInfo: {
    standardVersion: 100,
    vendorExtensionId: 6,
    vendorExtensionVersion: 100,
    vendorExtensionDesc: '',
    functionalMode: 0,
    operationsSupported: OPERATIONS,
    eventsSupported: [0x4009, 0x4004, 0x4005, 0x4003, 0x4002, 0x4007, 0xc101],
    devicePropertiesSupported: [0xd402, 0xd407, 0xd406, 0xd303, 0x5001],
    captureFormats: [0x3801],
    // Of a 60D; no listing of a 1300D has them.
    imageFormats: [
      0x3001, 0x3002, 0x3006, 0x300a, 0x3008, 0x3801, 0xb101, 0xb103, 0xbf02, 0x3800, 0xb104,
      0xb105,
    ],
    manufacturer: 'Canon Inc.',
    model: 'Canon EOS 1300D',
    deviceVersion: '3-1.2.0',
    serialNumber: '84c0d2b95e7f4a13b6021d83e97fc45a',
  },
  firmware: '1.2.0',
  deviceProperties: [
    { code: 0xd402, dataType: DataType.STR, value: 'Canon EOS 1300D' },
    { code: 0xd407, dataType: DataType.UINT32, value: 1 },
    { code: 0xd406, dataType: DataType.STR, value: 'Unknown Initiator', writable: true },
    { code: 0xd303, dataType: DataType.UINT8, value: 1 },
    {
      code: 0x5001,
      dataType: DataType.UINT8,
      value: 100,
      // As an EOS 2000D lists them.
      form: { kind: 'enumeration', values: [100, 0, 75, 0, 50] },
      source: 'batteryPercent',
    },
  ],
  modelId: 0x80000404,
  nickname: 'EOS1300D',
  bodySerial: '093073001234',
  // Locally administered, so that it is nobody's.
  mac: Uint8Array.of(0x02, 0xbf, 0xc0, 0x13, 0x00, 0x36),
  slots: [
    { number: 2, label: 'SD', handles: { base: 0x90000000, jpegMember: 2 }, destinationBit: 2 },
  ],
  filePrefix: 'IMG_',
  folderNames: 'CANON',
  remoteModes: [0, 1],
  dump: ['cards', 'values', 'cards', 'lists'],
  // It tells no D199. Its record of all fields is a byte shorter than those of version 7, and nobody
  // knows which field that is.
  olc: { version: 7, uncounted: 8 },
  dial: [
    dialPosition('A+', 0x16, { exif: 2 }),
    dialPosition('CA', 0x13, { exif: 2 }),
    ...creativeDial(false),
    MOVIE_POSITION,
  ],
  startDial: 'M',
  apertures: thirds(0x2b, 0x55),
  shutters: [Bulb, ...thirds(0x10, 0x98)],
  isos: [0, 0x48, 0x50, 0x58, 0x60, 0x68, 0x70, 0x78, 0x80],
  // Five stops to either side, as an EOS 2000D lists them.
  compensations: [...thirds(0xd8, 0xff), ...thirds(0, 0x28)],
  pictureSizes: PICTURE_SIZES,
  raw: 'CR2',
  values: eos1300dValues,
  lists: eos1300dLists,
  start: [
    // f/4.5, 1/100, ISO 800: right for the light in which the scene stands.
    [0xd101, 0x2b],
    [0xd102, 0x6d],
    [0xd103, 0x60],
    // Full battery.
    [0xd111, 2],
  ],
  liveView: { width: 1056, height: 704, sensorWidth: 5160, sensorHeight: 3444, outputBit: 2 },
  eventProcs: true,
  focalLength: 35,
  // The position of its dial alone leads there: one who tried MovieSelectSWOn found no effect.
  movie: { prefix: 'MVI_', extension: 'MOV', width: 1920, height: 1080, tellsTime: true },
  mirror: true,
  bufferedShots: 3,
  ipPieceSize: 1 << 20,
};
