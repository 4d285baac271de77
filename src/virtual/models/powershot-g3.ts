/**
 * Canon PowerShot G3 of 2002 in its normal mode, firmware 1.0.2.0: the camera whose sessions with
 * Canon's own software were captured. Identity, blocks and lists are its own; of the list of image
 * formats the RAW one is missing, because the virtual camera makes no CRW files.
 */
import { ListItem, ReleaseParameters } from '../../canon/normal/index.ts';
import {
  bytesList,
  COMPENSATIONS,
  formatList,
  hexBytes,
  normalUsb,
  wordsList,
} from './normal-choices.ts';
import type { NormalModel } from './normal-model.ts';

const QUALITIES = [5, 3, 2];
const SIZES = [
  { code: 0, name: 'Large', width: 2272, height: 1704 },
  { code: 1, name: 'Medium1', width: 1600, height: 1200 },
  { code: 3, name: 'Medium2', width: 1024, height: 768 },
  { code: 2, name: 'Small', width: 640, height: 480 },
];

export const powershotG3: NormalModel = {
  id: 'powershot-g3',
  name: 'Canon PowerShot G3',
  fronts: ['usbip'],
  menus: [],
  usb: normalUsb({ productId: 0x306e, version: 0x0110, controlPacketSize: 32 }),
  packetSize: 64,
  modelClass: 5,
  firmware: '1.0.2.0',
  marker: [0x01, 0x06, 0x15, 0x83],
  identityMarker: [0x01, 0x06, 0x15, 0x83],
  helloIds: 0x04a9306e,
  limits: [0x800, 0xffffffff, 0xfd00, 0xfd00],
  modelId: 0x01190000,
  abilitiesSize: 0x340,
  owner: '',
  drive: 'D:',
  listing: { driveAttributes: 0x80, closesTop: false },
  firstFolder: 200,
  filePrefix: 'IMG_',
  cardKib: 251368,
  // As captured, but at f/4 and 1/125 of ISO 400 and not 50: nearer to the light of the scene.
  parameters: ReleaseParameters.decode(
    hexBytes(
      '20 03 01 00 64 00 00 00 01 ff 00 00 03 01 03 30 00 ff 00 ff 00 00 00 7f ff ff 58 00 28 00 70 00' +
        '18 18 ff ff 18 00 38 00 e6 00 9a 03 e6 00 20 00',
    ),
  ),
  extended: hexBytes(
    '2c 00 00 00 00 00 04 00 00 00 18 00 e0 08 00 00 00 00 38 00 01 00 0d 00 9a 03 80 02 00 00 01 00' +
      '00 00 ff ff 00 00 00 00 00 00 00 00',
  ),
  lists: new Map([
    [ListItem.Flash, bytesList(0, 1, 2, 5, 6)],
    [ListItem.ShootingMode, bytesList(1, 2, 3, 4)],
    [ListItem.ImageMode, bytesList()],
    [ListItem.Metering, bytesList(0, 1, 3)],
    [ListItem.AfDistance, bytesList(1, 3)],
    [ListItem.FocusPoint, wordsList(0x3003)],
    [ListItem.WhiteBalance, bytesList(0, 1, 2, 3, 4, 5, 7, 0x0f, 0x10)],
    [ListItem.ParameterSet, wordsList()],
    [ListItem.Iso, wordsList(0x40, 0x48, 0x50, 0x58, 0)],
    [ListItem.ExposureCompensation, bytesList(...COMPENSATIONS)],
    [ListItem.FlashCompensation, bytesList(...COMPENSATIONS)],
    [ListItem.PhotoEffect, wordsList(0, 1, 2, 3, 4, 5)],
    [ListItem.AfAssistLight, wordsList(0, 1)],
    [ListItem.FlashQuantity, wordsList()],
    [ListItem.ImageFormat, formatList([0, 1, 3, 2], QUALITIES)],
  ]),
  qualities: QUALITIES,
  sizes: SIZES,
  bytesPerShot: 0x1f4800,
  dial: [
    { label: 'P', code: 1 },
    { label: 'Tv', code: 2 },
    { label: 'Av', code: 3 },
    { label: 'M', code: 4 },
    { label: 'Auto', code: 0 },
  ],
  zoom: { maximum: 17, optical: 13 },
  focalLength: [230 / 32, 922 / 32],
  liveView: true,
  customFunctions: [],
  storedParameter: 1,
  times: { start: 2670, exposed: 3385, finished: 64 },
};
