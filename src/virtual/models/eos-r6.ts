/** Canon EOS R6 with an RF24-105mm F4 L, one card in slot 1. */
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
import { eosR6Lists, eosR6Values } from './eos-r6-properties.ts';
import type { EosModel, PictureSize } from './model.ts';

/** In the camera's order (libgphoto2 cameras/canon-eos-r6.txt, firmware 1.0.0). */
const OPERATIONS = [
  0x1002, 0x1003, 0x1001, 0x1004, 0x9101, 0x1005, 0x9102, 0x1006, 0x1007, 0x1008, 0x9103, 0x9170,
  0x1009, 0x9104, 0x9171, 0x100a, 0x100f, 0x9106, 0x1014, 0x1016, 0x101b, 0x100c, 0x100d, 0x9107,
  0x9172, 0x912c, 0x9174, 0x9114, 0x9115, 0x9116, 0x9117, 0x9109, 0x9173, 0x910a, 0x9132, 0x9033,
  0x9068, 0x9069, 0x906a, 0x906b, 0x911a, 0x911d, 0x911e, 0x911f, 0x9122, 0x9123, 0x9124, 0x9131,
  0x9133, 0x9134, 0x9135, 0x913c, 0x913e, 0x913f, 0x9140, 0x9154, 0x9155, 0x9157, 0x9158, 0x9159,
  0x915a, 0x915b, 0x9160, 0x906c, 0x906d, 0x906e, 0x906f, 0x9108, 0x9110, 0x912b, 0x9130, 0x913d,
  0x915c, 0x915d, 0x911b, 0x911c, 0x9153, 0x9128, 0x9129, 0x902f, 0x910c, 0x91f0, 0x9127, 0x91f1,
  0x91e1, 0x91e3, 0x91e6, 0x91e7, 0x91e8, 0x91e9, 0x91ec, 0x9144, 0x9145, 0x91d3, 0x91d4, 0x9136,
  0x9137, 0x9146, 0x916b, 0x916c, 0x9148, 0x9149, 0x914a, 0x910f, 0x914b, 0x9141, 0x9143, 0x100b,
  0x9105, 0x912d, 0x912e, 0x912f, 0x9139, 0x913a, 0x913b, 0x91d7, 0x91d8, 0x91d9, 0x91da, 0x91db,
  0x91dc, 0x91dd, 0x91de, 0x91d5, 0x9186, 0x9187, 0x9188, 0x9180, 0x9181, 0x9182, 0x9183, 0x9184,
  0x9185, 0x9189, 0x918a, 0x9138, 0x9118, 0x914d, 0x914f, 0x9150, 0x916f, 0x916e, 0x916d, 0x9177,
  0x91ae, 0x91af, 0x91b9, 0x91ba, 0x9077, 0x9078, 0x9079, 0x9178, 0x9179, 0x9050, 0x9051, 0x905c,
  0x905d, 0x9060,
];

const EVENTS = [
  0xc181, 0x4003, 0xc183, 0xc184, 0xc185, 0xc186, 0xc187, 0xc188, 0xc189, 0xc18a, 0xc18b, 0xc18d,
  0xc18e, 0xc18f, 0xc190, 0xc191, 0xc1a0, 0xc1a1, 0x4009,
];

const { Fine, Lossless, Normal } = ImageQuality;

/**
 * The R6 lists RAW, cRAW and their pairs with JPEG as well. They are left out until the virtual
 * camera can deliver CR3 files: a choice on the list is a promise. Bytes for each picture are those
 * of Canon's table of file sizes, which D11B is reckoned by.
 */
const JPEGS: readonly PictureSize[] = [
  { format: jpeg(0, Fine), width: 5472, height: 3648, quality: 92, bytesPerShot: 8_400_000 },
  { format: jpeg(0, Normal), width: 5472, height: 3648, quality: 80, bytesPerShot: 4_400_000 },
  { format: jpeg(1, Fine), width: 3648, height: 2432, quality: 92, bytesPerShot: 4_700_000 },
  { format: jpeg(1, Normal), width: 3648, height: 2432, quality: 80, bytesPerShot: 2_500_000 },
  { format: jpeg(14, Fine), width: 2736, height: 1824, quality: 92, bytesPerShot: 3_100_000 },
  { format: jpeg(14, Normal), width: 2736, height: 1824, quality: 80, bytesPerShot: 1_700_000 },
  { format: jpeg(15, Fine), width: 2400, height: 1600, quality: 92, bytesPerShot: 1_800_000 },
];

/** In the order of the R6's list, with Canon's sizes of RAW and compressed RAW. */
const [WITH_RAW, RAW] = withRaw(raw(0, Lossless), JPEGS, 21_600_000);
const [WITH_CRAW, CRAW] = withRaw(raw(0, Fine), JPEGS, 11_500_000);
const PICTURE_SIZES: readonly PictureSize[] = [...JPEGS, ...WITH_RAW, ...WITH_CRAW, RAW, CRAW];

export const eosR6: EosModel = {
  id: 'eos-r6',
  name: 'Canon EOS R6',
  fronts: ['ptpip', 'usbip'],
  menus: ['eos-utility', 'smartphone'],
  // As an EOS R100 (libgphoto2 issue 924), with the R6's product id.
  usb: {
    productId: 0x32f5,
    release: 0x0002,
    manufacturer: 'Canon Inc.',
    product: 'Canon Digital Camera',
    attributes: 0xc0,
    milliamperes: 0,
  },
  deviceInfo: {
    standardVersion: 100,
    // The listing's 0x0B is libgphoto2's rewriting; an EOS R has 6 on the wire.
    vendorExtensionId: 6,
    vendorExtensionVersion: 100,
    vendorExtensionDesc: '',
    functionalMode: 0,
    operationsSupported: OPERATIONS,
    eventsSupported: EVENTS,
    devicePropertiesSupported: [0xd402, 0xd407, 0xd406, 0xd303, 0x5001],
    captureFormats: [0x3801],
    // Of an EOS R, firmware 1.8.0; no listing of an R6 has them.
    imageFormats: [
      0x3001, 0x3002, 0x3006, 0x300a, 0x3008, 0x3801, 0xb101, 0xb103, 0xbf02, 0x3800, 0xb104,
      0xb105,
    ],
    manufacturer: 'Canon.Inc',
    model: 'Canon EOS R6',
    deviceVersion: '3-1.5.0',
    serialNumber: '5f2b0c8d41e97a360d8be1f47c92a653',
  },
  firmware: '1.5.0',
  deviceProperties: [
    { code: 0xd402, dataType: DataType.STR, value: 'Canon EOS R6' },
    { code: 0xd407, dataType: DataType.UINT32, value: 1 },
    { code: 0xd406, dataType: DataType.STR, value: 'Unknown Initiator', writable: true },
    { code: 0xd303, dataType: DataType.UINT8, value: 1 },
    {
      code: 0x5001,
      dataType: DataType.UINT8,
      value: 100,
      form: { kind: 'enumeration', values: [100, 75, 50, 25, 0], doubleWidth: true },
      source: 'batteryPercent',
    },
  ],
  modelId: 0x80000453,
  nickname: 'EOSR6',
  bodySerial: '013070001234',
  // Locally administered, so that it is nobody's.
  mac: Uint8Array.of(0x02, 0xbf, 0xc0, 0x45, 0x05, 0x36),
  slots: [
    { number: 1, label: 'SD1', handles: { base: 0x50000000, jpegMember: 2 }, destinationBit: 1 },
    { number: 2, label: 'SD2', handles: { base: 0x90000000, jpegMember: 2 }, destinationBit: 2 },
  ],
  filePrefix: '2U4A',
  folderNames: 'CANON',
  // Seen in use: 0 off, 1 and 2 remote shooting, 5 the first step of EOS Utility.
  remoteModes: [0, 1, 2, 5],
  // Three records of the R6's listing are not named there; an EOS R ends with these two.
  dump: ['values', 'lists', 'cards', 'powerZoom'],
  olc: { version: 0x13, uncounted: 4 },
  dial: [
    dialPosition('A+', 0x16, { exif: 2 }),
    dialPosition('Fv', 0x37, { aperture: true, shutter: true, iso: true, compensation: true }),
    ...creativeDial('autoIso'),
    MOVIE_POSITION,
  ],
  startDial: 'M',
  apertures: thirds(0x28, 0x50),
  shutters: [Bulb, ...thirds(0x10, 0xa0)],
  isos: [0, ...thirds(0x48, 0x95), 0x98],
  compensations: [
    0xe8, 0xeb, 0xed, 0xf0, 0xf3, 0xf5, 0xf8, 0xfb, 0xfd, 0, 0x03, 0x05, 0x08, 0x0b, 0x0d, 0x10,
    0x13, 0x15, 0x18,
  ],
  pictureSizes: PICTURE_SIZES,
  raw: 'CR3',
  values: eosR6Values,
  lists: eosR6Lists,
  // EOS Utility asks an EOS R for them. Of the battery's name and charge it is known what they mean; the
  // others are structures of these sizes.
  onRequest: [
    [0xd1a6, '1a0000006400000002000000000000004c502d45364e48000000', 26],
    [0xd169, '48000000', 72],
    [0xd16a, '5c010000', 348],
    [0xd16b, '14000000', 20],
  ],
  start: [
    [0xd105, 3],
    [0xd138, 3],
    // f/4, 1/125, ISO 800: right for the light in which the scene stands.
    [0xd101, 0x28],
    [0xd102, 0x70],
    [0xd103, 0x60],
    // One Shot, full battery.
    [0xd108, 0],
    [0xd111, 2],
  ],
  liveView: { width: 960, height: 640, sensorWidth: 5472, sensorHeight: 3648, outputBit: 2 },
  focalLength: 50,
  // libgphoto2's users record with an R5 and an R6 after MovieSelectSWOn.
  movie: { prefix: '2U4A', extension: 'MP4', width: 1920, height: 1080, selectable: true },
  // EOS Utility sends an EOS R nothing else.
  pollingKeepsOn: true,
  bufferedShots: 3,
  ipPieceSize: 1 << 20,
};
