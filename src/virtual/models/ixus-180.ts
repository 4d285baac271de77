/**
 * Canon IXUS 180 (ELPH 190 IS): a compact that lists EOS operations beside those of PowerShots.
 * Lists, identity and device properties are those of a real body (libgphoto2
 * cameras/canon-digital-ixus180.txt); storage, handles and uploads those that lclevy/miniPtp shows.
 * No event dump of one is published: what GetEvent tells follows an EOS M10, whose firmware is of the
 * same kind.
 */
import { ImageFileType, type ImageFormat, ImageQuality } from '../../canon/ptp/index.ts';
import { ARRAY } from '../../ptp/data-types.ts';
import { DataType } from '../../ptp/index.ts';
import type { DumpList, DumpValue, EosModel } from './model.ts';

const OPERATIONS = [
  0x1014, 0x1015, 0x1016, 0x1017, 0x1001, 0x1002, 0x1003, 0x9013, 0x901f, 0x1004, 0x1005, 0x1006,
  0x1007, 0x1008, 0x1009, 0x100a, 0x101b, 0x100c, 0x100d, 0x100b, 0x100f, 0x1012, 0x9001, 0x9021,
  0x901b, 0x901e, 0x9019, 0x9006, 0x901c, 0x9002, 0x904c, 0x9024, 0x9025, 0x9038, 0x9039, 0x903a,
  0x903b, 0x904b, 0x9060, 0x9062, 0x9801, 0x9802, 0x9803, 0x9804, 0x9805, 0x9116, 0x9101, 0x9102,
  0x9103, 0x9105, 0x9106, 0x9107, 0x9109, 0x910a, 0x910c, 0x9117, 0x9118, 0x912c, 0x9132, 0x9135,
  0x9182, 0x9183, 0x9184, 0x9185, 0x9141, 0x9143, 0x9075, 0x9076, 0x911a, 0x913f, 0x9115, 0x911b,
  0x911c, 0x913d, 0x9114, 0x9153, 0x9128, 0x9129, 0x902f, 0x9110, 0x9127, 0x906c, 0x906d, 0x906e,
  0x906f, 0x9050, 0x9051, 0x905c, 0x905d,
];

const EVENTS = [
  0x4001, 0x4002, 0x4003, 0x4004, 0x4005, 0x4006, 0x4007, 0x4008, 0x4009, 0x400a, 0x400b, 0x400c,
  0x400e, 0xc001, 0xc005, 0xc00a, 0xc101,
];

const MODEL = 'Canon IXUS 180';
const MODEL_ID = 0x04030000;
/** Not that of any body. */
const SERIAL = '013060004321';
/** What an upload has to be, and what everything in the root is shown as. */
const UPLOAD_FORMAT = 0xbf01;

const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);
const choice = (from: number, to: number) => ({
  kind: 'enumeration' as const,
  values: numbers(from, to),
});

/** In the order of DeviceInfo. Types of D04A to D057 where no listing names them are assumed. */
const DEVICE_PROPERTIES: EosModel['deviceProperties'] = [
  {
    code: 0xd045,
    dataType: DataType.UINT16,
    value: 2,
    writable: true,
    form: choice(1, 7),
    source: 'eventMode',
  },
  { code: 0xd04a, dataType: DataType.UINT8, value: 0, writable: true, form: choice(0, 3) },
  { code: 0xd02e, dataType: DataType.UINT32, value: 524_288 },
  { code: 0xd02f, dataType: DataType.UINT32, value: 524_288 },
  {
    code: 0x5001,
    dataType: DataType.UINT8,
    value: 3,
    form: choice(0, 3),
    source: 'batteryLevel',
  },
  { code: 0xd002, dataType: DataType.UINT16, value: 0, form: choice(0, 5) },
  { code: 0xd003, dataType: DataType.UINT32, value: 1, form: choice(0, 3) },
  { code: 0xd034, dataType: DataType.UINT32, value: 0, writable: true, source: 'clock' },
  { code: 0xd047, dataType: DataType.UINT16, value: 0 },
  // 1.1
  { code: 0xd046, dataType: DataType.UINT16, value: 0x0101 },
  // 1.0
  { code: 0xd030, dataType: DataType.UINT32, value: 0x0100 },
  { code: 0xd049, dataType: DataType.UINT32, value: MODEL_ID },
  { code: 0xd032, dataType: DataType.STR, value: MODEL },
  {
    code: 0xd033,
    dataType: ARRAY | DataType.UINT8,
    value: [0],
    writable: true,
    source: 'owner',
  },
  // 1.0.0.0
  { code: 0xd031, dataType: DataType.UINT32, value: 0x01000000 },
  { code: 0xd050, dataType: DataType.UINT32, value: 0 },
  { code: 0xd051, dataType: DataType.STR, value: '' },
  { code: 0xd052, dataType: DataType.UINT32, value: 0 },
  { code: 0xd057, dataType: DataType.STR, value: SERIAL },
  { code: 0xd402, dataType: DataType.STR, value: MODEL },
  { code: 0xd406, dataType: DataType.STR, value: 'Windows', writable: true },
  { code: 0xd407, dataType: DataType.UINT32, value: 1 },
  { code: 0xd303, dataType: DataType.UINT8, value: 1 },
];

const jpeg = (size: number): ImageFormat => [
  { type: ImageFileType.JPEG, size, quality: ImageQuality.Fine },
];

/** The first dump of an EOS M10, without what belongs to exchangeable lenses. */
const VALUES: readonly DumpValue[] = [
  [0xd116, MODEL_ID],
  [0xd111, 2],
  [0xd112, 0],
  [0xd1b1, 1],
  [0xd1b0, 0],
  [0xd108, 0],
  [0xd109, 0],
  [0xd107, 3],
  [0xd106, 0],
  [0xd120, '0100000010000000010000000000000003000000'],
  [0xd1ba, 1],
  [0xd101, 0x23],
  [0xd102, 0x70],
  [0xd103, 0],
  [0xd104, 0],
  [0xd194, 0],
  [0xd1c9, 1],
  [0xd105, 0],
  [0xd138, 0],
  [0xd199, 8],
  [0xd17c, 0],
  [0xd11c, 2],
  [0xd11e, 0x10001],
  [0xd175, 7],
  [0xd058, 0],
];

const NO_CHOICE = 0;
const CHOICES = 3;

const LISTS: readonly DumpList[] = [
  [0xd1b0, CHOICES, [0, 8]],
  [0xd108, NO_CHOICE],
  [0xd105, NO_CHOICE],
  [0xd107, NO_CHOICE],
  [0xd111, NO_CHOICE],
  [0xd112, NO_CHOICE],
  [0xd116, NO_CHOICE],
  [0xd11b, NO_CHOICE],
  [0xd11c, CHOICES, [2, 4]],
  [0xd120, NO_CHOICE],
  [0xd138, NO_CHOICE],
  [0xd194, NO_CHOICE],
  [0xd1b1, NO_CHOICE],
  [0xd101, CHOICES],
  [0xd102, CHOICES],
  [0xd103, CHOICES],
  [0xd104, CHOICES],
  [0xd1c9, NO_CHOICE],
  [0xd11e, NO_CHOICE],
  [0xd17c, NO_CHOICE],
];

export const ixus180: EosModel = {
  id: 'ixus-180',
  name: MODEL,
  fronts: ['ptpip', 'usbip'],
  menus: [],
  // As a SX160 IS (USB capture of CHDK-PTP-Java), whose serial number is of this form.
  usb: {
    productId: 0x32c0,
    release: 0x0002,
    manufacturer: 'Canon Inc.',
    product: 'Canon Digital Camera',
    serial: 'C2A07E51D3B84F6690A1E87F35BC204D',
    attributes: 0xc0,
    milliamperes: 2,
  },
  deviceInfo: {
    standardVersion: 100,
    // The listing's 0x0B is libgphoto2's rewriting; a G5 X of the same kind has 6 on the wire.
    vendorExtensionId: 6,
    vendorExtensionVersion: 100,
    vendorExtensionDesc: '',
    functionalMode: 0,
    operationsSupported: OPERATIONS,
    eventsSupported: EVENTS,
    devicePropertiesSupported: DEVICE_PROPERTIES.map(({ code }) => code),
    captureFormats: [0x3801],
    // Of a G5 X, without its raw format.
    imageFormats: [0x3001, 0x3002, 0x3006, 0x3008, 0x3801, 0x3800, 0xb982, 0xb105, UPLOAD_FORMAT],
    manufacturer: 'Canon Inc.',
    model: MODEL,
    deviceVersion: '1-15.0.1.0',
    serialNumber: '',
  },
  firmware: '1.00',
  deviceProperties: DEVICE_PROPERTIES,
  modelId: MODEL_ID,
  nickname: 'IXUS180',
  bodySerial: SERIAL,
  // Locally administered, so that it is nobody's.
  mac: Uint8Array.of(0x02, 0xbf, 0xc0, 0x18, 0x00, 0x36),
  slots: [
    {
      number: 1,
      label: 'SD',
      handles: { base: 0, dcim: 0x00080000, rootFiles: 0x00040029, jpegMember: 1 },
      destinationBit: 2,
    },
  ],
  filePrefix: 'IMG_',
  folderNames: 'month',
  // miniPtp reports success with parent 0 and format 0xBF01, and refusals (0x2006, 0x200F) of others
  // without saying which were tried. That the root may also go by its name in the standard, and that
  // the format sent does not matter, is assumed: programs that know no Canon, gphoto2 among them,
  // name it so.
  uploads: { format: UPLOAD_FORMAT, parents: [0, 0xffffffff] },
  // 1 is what libgphoto2 sends to it; 0x11 and 0x15 are for EOS M and PowerShots.
  remoteModes: [0, 1, 0x11, 0x15],
  shooting: {
    outputBit: 8,
    values: [
      0xd101, 0xd102, 0xd103, 0xd104, 0xd105, 0xd106, 0xd107, 0xd108, 0xd109, 0xd138, 0xd1ba,
      0xd1c9, 0xd120, 0xd11b, 0xd112, 0xd111,
    ],
    lists: [
      [0xd101, CHOICES],
      [0xd102, CHOICES],
      [0xd103, CHOICES],
      [0xd104, CHOICES],
      [0xd106, CHOICES, [0, 0x10, 0x11]],
      [0xd109, NO_CHOICE],
      [0xd108, NO_CHOICE],
      [0xd1c9, NO_CHOICE],
    ],
  },
  dump: ['values', 'lists'],
  olc: { version: 8, uncounted: 8 },
  dial: [
    {
      label: 'Auto',
      code: 0x16,
      aperture: false,
      shutter: false,
      iso: false,
      compensation: false,
      exif: 2,
    },
    {
      label: 'P',
      code: 0,
      aperture: false,
      shutter: false,
      iso: true,
      compensation: true,
      exif: 2,
    },
  ],
  startDial: 'P',
  // At its widest the lens has f/3.0 and no diaphragm; the nearest code is f/3.2.
  apertures: [0x23],
  // 15 s to 1/2000 s.
  shutters: numbers(0x18, 0x90).filter((code) => [0, 3, 5].includes(code & 7)),
  isos: [0, 0x48, 0x50, 0x58, 0x60, 0x68],
  compensations: [0xf0, 0xf3, 0xf5, 0xf8, 0xfb, 0xfd, 0, 0x03, 0x05, 0x08, 0x0b, 0x0d, 0x10],
  pictureSizes: [
    { format: jpeg(0), width: 5152, height: 3864, quality: 92, bytesPerShot: 4_900_000 },
    { format: jpeg(1), width: 3648, height: 2736, quality: 92, bytesPerShot: 2_500_000 },
    { format: jpeg(2), width: 2048, height: 1536, quality: 92, bytesPerShot: 800_000 },
  ],
  values: VALUES,
  lists: LISTS,
  start: [],
  liveView: { width: 640, height: 480, sensorWidth: 5152, sensorHeight: 3864, outputBit: 8 },
  eventProcs: true,
  focalLength: 4.3,
  bufferedShots: 1,
  ipPieceSize: 512 << 10,
};
