/**
 * Canon EOS 300D (Digital Rebel, Kiss Digital) of 2003 in its normal mode: class 4, whose keys are
 * locked around each capture. Its blocks follow those of an EOS D60 that libgphoto2's documentation
 * has; that it has lists of values is assumed, and their content is that of its manual.
 */
import { ListItem, ReleaseParameters } from '../../canon/normal/index.ts';
import { thirds } from './choices.ts';
import {
  bytesList,
  COMPENSATIONS,
  formatList,
  hexBytes,
  normalUsb,
  wordsList,
} from './normal-choices.ts';
import type { NormalModel } from './normal-model.ts';

const QUALITIES = [3, 2];

export const eos300d: NormalModel = {
  id: 'eos-300d',
  name: 'Canon EOS 300D DIGITAL',
  fronts: ['usbip'],
  menus: [],
  usb: normalUsb({ productId: 0x3084, version: 0x0110 }),
  packetSize: 64,
  modelClass: 4,
  firmware: '1.1.1.0',
  marker: [0x01, 0x00, 0x05, 0x83],
  identityMarker: [0x00, 0x05, 0x77, 0x00],
  helloIds: 0x04a93084,
  limits: [0x800, 0xffffffff, 0xfd00, 0xfd00],
  modelId: 0x80000170,
  abilitiesSize: 0x340,
  bodySerial: 1330501234,
  owner: '',
  drive: 'C:',
  listing: { driveAttributes: 0x80, closesTop: false },
  firstFolder: 100,
  filePrefix: 'IMG_',
  cardKib: 500576,
  parameters: ReleaseParameters.decode(
    hexBytes(
      '00 03 01 00 00 00 00 00 04 01 00 ff 03 ff 01 30 00 ff 00 ff 00 00 00 7f 10 00 60 00 28 00 70 00' +
        '18 18 18 ff 20 00 50 00 23 00 23 00 23 00 01 00',
    ),
  ),
  lists: new Map([
    [ListItem.ShootingMode, bytesList(1, 2, 3, 4, 5)],
    [ListItem.Metering, bytesList(3, 4, 5)],
    [ListItem.WhiteBalance, bytesList(0, 1, 2, 3, 4, 5, 6, 8)],
    [ListItem.Iso, wordsList(0x48, 0x50, 0x58, 0x60, 0x68)],
    [ListItem.Aperture, wordsList(...thirds(0x20, 0x50))],
    [ListItem.Shutter, wordsList(...thirds(0x10, 0x98))],
    [ListItem.ExposureCompensation, bytesList(...COMPENSATIONS)],
    [ListItem.ImageFormat, formatList([0, 1, 2], QUALITIES)],
  ]),
  qualities: QUALITIES,
  sizes: [
    { code: 0, name: 'Large', width: 3072, height: 2048 },
    { code: 1, name: 'Medium', width: 2048, height: 1360 },
    { code: 2, name: 'Small', width: 1536, height: 1024 },
  ],
  bytesPerShot: 3_100_000,
  dial: [
    { label: 'M', code: 4 },
    { label: 'Av', code: 3 },
    { label: 'Tv', code: 2 },
    { label: 'P', code: 1 },
    { label: 'A-DEP', code: 5 },
    { label: 'Auto', code: 0 },
  ],
  focalLength: [35, 35],
  liveView: false,
  customFunctions: Array.from({ length: 15 }, (_, i) => [i + 1, 0] as const),
  storedParameter: 0,
  times: { start: 50, exposed: 10, finished: 350 },
};
