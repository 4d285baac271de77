/**
 * Canon EOS 40D of 2007 with an EF-S17-85mm, one CF card, no network. It is of the bodies that release
 * by RemoteRelease (0x910F) alone and have no display records.
 *
 * Operations, events and device properties are those of a real body (libgphoto2 cameras/canon-eos40d.txt,
 * firmware 1.0.5). No event dump of one is published: which properties it has is that of an EOS 1000D
 * (libgphoto2 cameras/canon-eos-1000d.txt), whose firmware is a year younger, in the order of an
 * EOS 1300D; choices are those of the 40D's manual.
 */
import { Bulb, ImageQuality } from '../../canon/ptp/index.ts';
import { DataType } from '../../ptp/index.ts';
import { creativeDial, dialPosition, jpeg, raw, thirds, withRaw } from './choices.ts';
import type { DumpList, DumpValue, EosModel, PictureSize } from './model.ts';

/** In the camera's order; the repetitions are its own. */
const OPERATIONS = [
  0x1014, 0x1015, 0x1016, 0x1001, 0x1002, 0x1003, 0x1006, 0x1004, 0x9101, 0x1005, 0x9102, 0x1007,
  0x1008, 0x9103, 0x1009, 0x9104, 0x100a, 0x101b, 0x9107, 0x100c, 0x100d, 0x100b, 0x9105, 0x100f,
  0x9106, 0x9110, 0x9127, 0x910b, 0x9108, 0x9109, 0x910c, 0x910e, 0x910f, 0x9125, 0x9126, 0x9115,
  0x9114, 0x9113, 0x9116, 0x9117, 0x9120, 0x91f0, 0x9118, 0x9121, 0x9120, 0x91f0, 0x9118, 0x9121,
  0x91f1, 0x911d, 0x910a, 0x911b, 0x911c, 0x911e, 0x911a, 0x9153, 0x9154, 0x9155, 0x9157, 0x9158,
  0x9159, 0x911f, 0x91fe, 0x91ff, 0x9801, 0x9802, 0x9803, 0x9804, 0x9805, 0x91c0, 0x91c1, 0x91c2,
  0x91c3, 0x91c4, 0x91c5, 0x91c6, 0x91c7, 0x91c8, 0x91c9, 0x91ca, 0x91cb, 0x91cc, 0x91ce, 0x91cf,
  0x91e1, 0x91e2, 0x91e3, 0x91e4, 0x91e5, 0x91e6, 0x91e7, 0x91e8, 0x91e9, 0x91ea, 0x91eb, 0x91f2,
  0x91f3, 0x91f4, 0x91f7, 0x9122, 0x9123, 0x9124, 0x91f5, 0x91f6,
];

const { Fine, Lossless, Normal } = ImageQuality;

/** Bytes are those of the manual, as are RAW and sRAW beside any JPEG. */
const JPEGS: readonly PictureSize[] = [
  { format: jpeg(0, Fine), width: 3888, height: 2592, quality: 92, bytesPerShot: 3_500_000 },
  { format: jpeg(0, Normal), width: 3888, height: 2592, quality: 80, bytesPerShot: 1_800_000 },
  { format: jpeg(1, Fine), width: 2816, height: 1880, quality: 92, bytesPerShot: 2_100_000 },
  { format: jpeg(1, Normal), width: 2816, height: 1880, quality: 80, bytesPerShot: 1_100_000 },
  { format: jpeg(2, Fine), width: 1936, height: 1288, quality: 92, bytesPerShot: 1_200_000 },
  { format: jpeg(2, Normal), width: 1936, height: 1288, quality: 80, bytesPerShot: 600_000 },
];
const [WITH_RAW, RAW] = withRaw(raw(0, Lossless), JPEGS, 12_400_000);
const [WITH_SRAW, SRAW] = withRaw(raw(2, Lossless), JPEGS, 7_100_000);
const PICTURE_SIZES: readonly PictureSize[] = [...JPEGS, ...WITH_RAW, ...WITH_SRAW, RAW, SRAW];

/** Filled in from the model. */
const FORMAT = '0100000010000000010000000000000003000000';

const VALUES: readonly DumpValue[] = [
  [0xd105, 3],
  [0xd108, 0],
  [0xd106, 0],
  [0xd107, 3],
  [0xd109, 0],
  [0xd10a, 5200],
  [0xd10b, 0],
  [0xd10c, 0],
  [0xd10d, 0],
  [0xd10e, 0],
  [0xd10f, 1],
  [0xd11b, 0],
  [0xd114, 60],
  [0xd116, 0x80000190],
  [0xd119, 0x100],
  [0xd11a, 0x100],
  [0xd110, 0x81],
  // f/4, 1/125, ISO 800: right for the light in which the scene stands.
  [0xd101, 0x28],
  [0xd102, 0x70],
  [0xd103, 0x60],
  [0xd104, 0],
  [0xd11d, 0],
  [0xd111, 2],
  [0xd112, 0],
  [0xd113, 0],
  [0xd120, FORMAT],
  [0xd121, FORMAT],
  [0xd11c, 2],
  [0xd1a9, 2],
  [0xd1ac, 4127],
  [0xd11e, 0x10001],
  [0xd11f, 0x31900000],
  [0xd1b0, 0],
  [0xd1b1, 1],
];

const VALUE = 1;
const CHOICES = 3;
const FREE = 7;

const SHIFTS = Array.from({ length: 19 }, (_, i) => i - 9);

const LISTS: readonly DumpList[] = [
  [0xd105, VALUE],
  [0xd108, CHOICES, [0, 2, 1]],
  [0xd106, CHOICES, [0, 4, 5, 0x10, 0x11]],
  [0xd107, CHOICES, [3, 4, 1, 5]],
  [0xd109, CHOICES, [0, 1, 8, 2, 3, 4, 5, 6, 9]],
  [0xd10a, CHOICES, Array.from({ length: 76 }, (_, i) => 2500 + 100 * i)],
  [0xd10b, CHOICES, SHIFTS],
  [0xd10c, CHOICES, SHIFTS],
  [0xd10d, CHOICES, [0, 1, 2, 3]],
  [0xd10e, CHOICES, [0, 1, 2, 3]],
  [0xd10f, CHOICES, [1, 2]],
  [0xd11b, VALUE],
  [0xd114, VALUE],
  [0xd116, VALUE],
  [0xd119, VALUE],
  [0xd11a, VALUE],
  [0xd110, CHOICES, [0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x21, 0x22, 0x23]],
  [0xd115, FREE],
  [0xd101, CHOICES],
  [0xd102, CHOICES],
  [0xd103, CHOICES],
  [0xd104, CHOICES],
  [0xd11d, VALUE],
  [0xd111, VALUE],
  [0xd112, VALUE],
  [0xd113, FREE],
  [0xd120, CHOICES],
  [0xd121, CHOICES],
  [0xd11c, CHOICES, [2, 4, 6]],
  [0xd1a9, CHOICES, [0, 2, 4, 8, 0xff]],
  [0xd1ac, VALUE],
  [0xd11e, VALUE],
  [0xd11f, VALUE],
  [0xd1af, VALUE],
  [0xd1b0, CHOICES, [0, 1, 2, 3]],
  [0xd1b1, CHOICES, [1, 0]],
];

export const eos40d: EosModel = {
  id: 'eos-40d',
  name: 'Canon EOS 40D',
  fronts: ['usbip'],
  menus: [],
  // As an EOS 1300D (vcam), with the 40D's product id.
  usb: {
    productId: 0x3146,
    release: 0x0002,
    manufacturer: 'Canon Inc.',
    product: 'Canon Digital Camera',
    attributes: 0xc0,
    milliamperes: 2,
  },
  deviceInfo: {
    standardVersion: 100,
    // The listing's 0x0B is libgphoto2's rewriting; a 50D has 6 on the wire.
    vendorExtensionId: 6,
    vendorExtensionVersion: 100,
    vendorExtensionDesc: '',
    functionalMode: 0,
    operationsSupported: OPERATIONS,
    eventsSupported: [0x4009, 0x4004, 0x4005, 0x4003, 0x4002, 0x4007, 0xc101],
    devicePropertiesSupported: [0xd402, 0xd407, 0xd406],
    captureFormats: [0x3801],
    // Of a 60D, without those of movies; no listing of a 40D has them.
    imageFormats: [0x3001, 0x3002, 0x3006, 0x3008, 0x3801, 0xb101, 0xb103, 0xbf02, 0x3800],
    manufacturer: 'Canon Inc.',
    model: 'Canon EOS 40D',
    deviceVersion: '3-1.0.5',
    serialNumber: '2e9d61f04c8b4b57a3d51c70f6e2893b',
  },
  firmware: '1.0.5',
  deviceProperties: [
    { code: 0xd402, dataType: DataType.STR, value: 'Canon EOS 40D' },
    { code: 0xd407, dataType: DataType.UINT32, value: 1 },
    { code: 0xd406, dataType: DataType.STR, value: 'Unknown Initiator', writable: true },
  ],
  modelId: 0x80000190,
  // It has no network; where programs of this computer ask all the same, it is called so.
  nickname: 'EOS40D',
  mac: Uint8Array.of(0x02, 0xbf, 0xc0, 0x40, 0x00, 0x36),
  bodySerial: '0420701234',
  slots: [
    { number: 1, label: 'CF', handles: { base: 0x30000000, jpegMember: 2 }, destinationBit: 2 },
  ],
  filePrefix: 'IMG_',
  folderNames: 'CANON',
  remoteModes: [0, 1],
  // As a 60D.
  dump: ['values', 'cards', 'lists'],
  dial: [
    dialPosition('Auto', 9, { exif: 2 }),
    ...creativeDial(false),
    dialPosition('A-DEP', 5, { iso: true, compensation: true, exif: 5 }),
  ],
  startDial: 'M',
  apertures: thirds(0x28, 0x50),
  shutters: [Bulb, ...thirds(0x10, 0xa0)],
  isos: [0, ...thirds(0x48, 0x68)],
  // Two stops to either side.
  compensations: [...thirds(0xf0, 0xff), ...thirds(0, 0x10)],
  pictureSizes: PICTURE_SIZES,
  raw: 'CR2',
  values: VALUES,
  lists: LISTS,
  start: [],
  liveView: { width: 1024, height: 680, sensorWidth: 3888, sensorHeight: 2592, outputBit: 2 },
  focalLength: 50,
  bufferedShots: 3,
  ipPieceSize: 1 << 20,
};
