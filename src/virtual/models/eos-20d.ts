/**
 * Canon EOS 20D of 2004 in its normal mode: class 6, the new protocol, at high speed. Blocks and
 * lists are those of libgphoto2's documentation where it has them; the rest is that of the manual.
 */
import { ListItem, ReleaseParameters } from '../../canon/normal/index.ts';
import { thirds } from './choices.ts';
import { bytesList, formatList, hexBytes, normalUsb, wordsList } from './normal-choices.ts';
import type { NormalModel } from './normal-model.ts';

const QUALITIES = [3, 2];

export const eos20d: NormalModel = {
  id: 'eos-20d',
  name: 'Canon EOS 20D',
  fronts: ['usbip'],
  menus: [],
  usb: normalUsb({ productId: 0x30eb, version: 0x0200 }),
  packetSize: 512,
  modelClass: 6,
  firmware: '2.0.3.0',
  marker: [0x01, 0x06, 0x15, 0x83],
  identityMarker: [0x00, 0x08, 0x77, 0x81],
  helloIds: 0x80000175,
  limits: [0x800, 0x10000, 0xfd00, 0x10000],
  modelId: 0x80000175,
  abilitiesSize: 0x420,
  bodySerial: 420108765,
  owner: '',
  drive: 'A:',
  listing: { driveAttributes: 0xa0, closesTop: true },
  firstFolder: 100,
  filePrefix: 'IMG_',
  cardKib: 1000576,
  parameters: ReleaseParameters.decode(
    hexBytes(
      '20 03 01 00 00 00 ff 00 04 01 00 ff 03 ff 02 90 00 ff 00 ff 7f 7f 7f 7f ff ff 60 00 28 00 70 00' +
        '00 00 ff ff 18 00 50 00 ff ff ff ff ff ff 01 00',
    ),
  ),
  extended: hexBytes(`3c 00 00 00 00 00 05 00 ${'00'.repeat(0x34)}`),
  lists: new Map([
    [ListItem.Metering, bytesList(3, 4, 5)],
    [ListItem.WhiteBalance, bytesList(0, 1, 2, 3, 4, 5, 6, 8, 9)],
    [ListItem.Iso, wordsList(0x48, 0x50, 0x58, 0x60, 0x68, 0x70)],
    [ListItem.Aperture, wordsList(...thirds(0x18, 0x50))],
    [ListItem.Shutter, wordsList(...thirds(0x10, 0xa0))],
    [
      ListItem.ExposureCompensation,
      bytesList(0xf0, 0xf4, 0xf8, 0xfc, 0x00, 0x04, 0x08, 0x0c, 0x10),
    ],
    [ListItem.ImageFormat, formatList([0, 1, 2], QUALITIES)],
  ]),
  qualities: QUALITIES,
  sizes: [
    { code: 0, name: 'Large', width: 3504, height: 2336 },
    { code: 1, name: 'Medium', width: 2544, height: 1696 },
    { code: 2, name: 'Small', width: 1728, height: 1152 },
  ],
  bytesPerShot: 3_600_000,
  dial: [
    { label: 'M', code: 4 },
    { label: 'Av', code: 3 },
    { label: 'Tv', code: 2 },
    { label: 'P', code: 1 },
    { label: 'A-DEP', code: 5 },
    { label: 'Auto', code: 0 },
  ],
  focalLength: [50, 50],
  liveView: false,
  customFunctions: Array.from({ length: 18 }, (_, i) => [i, 0] as const),
  storedParameter: 0,
  eventPiece: 8,
  times: { start: 30, exposed: 65, finished: 150 },
};
