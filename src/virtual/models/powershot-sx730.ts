/**
 * Canon PowerShot SX730 HS: a compact with Wi-Fi that shoots for a computer. No listing of one is
 * published: what it lists is that of an SX720 HS (libgphoto2 cameras/canon-powershot-sx720hs.txt),
 * and the rest that of an IXUS 180, whose firmware is of the same kind; both are assumed. Its
 * identity, and that it is at home in both Wi-Fi menus, are known (CHDK forum, topic 14822).
 */

import { ixus180 } from './ixus-180.ts';
import type { DeviceProperty, EosModel } from './model.ts';

/** In the order of the SX720's DeviceInfo. */
const OPERATIONS = [
  0x1014, 0x1015, 0x1016, 0x1017, 0x1001, 0x1002, 0x1003, 0x9013, 0x901f, 0x1004, 0x1005, 0x1006,
  0x1007, 0x1008, 0x1009, 0x100a, 0x101b, 0x100c, 0x100d, 0x100b, 0x100f, 0x1012, 0x9001, 0x9021,
  0x901b, 0x901e, 0x9019, 0x9006, 0x901c, 0x9002, 0x904c, 0x9024, 0x9025, 0x9038, 0x9039, 0x903a,
  0x903b, 0x904b, 0x9060, 0x9062, 0x9801, 0x9802, 0x9803, 0x9804, 0x9805, 0x9116, 0x9101, 0x9102,
  0x9103, 0x9105, 0x9106, 0x9107, 0x9109, 0x910a, 0x910c, 0x9117, 0x9118, 0x912c, 0x9132, 0x9135,
  0x9182, 0x9183, 0x9184, 0x9185, 0x9141, 0x9143, 0x9075, 0x9076, 0x9077, 0x9078, 0x9079, 0x911a,
  0x913f, 0x9115, 0x911b, 0x911c, 0x913d, 0x9114, 0x9153, 0x9128, 0x9129, 0x9154, 0x9160, 0x915b,
  0x902f, 0x9110, 0x9127, 0x906c, 0x906d, 0x906e, 0x906f, 0x9050, 0x9051, 0x905c, 0x905d,
];

const MODEL = 'Canon PowerShot SX730 HS';
/** ExifTool's list of CanonModelID. */
const MODEL_ID = 0x04170000;
/** Not that of any body. */
const SERIAL = '473060005678';

const { pictureSizes } = ixus180;

/** What tells the two bodies apart. */
function deviceProperty(property: DeviceProperty): DeviceProperty {
  switch (property.code) {
    case 0xd032:
    case 0xd402:
      return { ...property, value: MODEL };
    case 0xd049:
      return { ...property, value: MODEL_ID };
    case 0xd057:
      return { ...property, value: SERIAL };
    default:
      return property;
  }
}

export const powershotSx730: EosModel = {
  ...ixus180,
  id: 'powershot-sx730',
  name: MODEL,
  menus: ['computer', 'smartphone', 'imink'],
  usb: { ...ixus180.usb, productId: 0x32d6, serial: '7D1E52C09A4B4E3F8C6610D2F5B7A934' },
  deviceInfo: { ...ixus180.deviceInfo, operationsSupported: OPERATIONS, model: MODEL },
  deviceProperties: ixus180.deviceProperties.map(deviceProperty),
  modelId: MODEL_ID,
  nickname: 'SX730HS',
  bodySerial: SERIAL,
  // Locally administered, so that it is nobody's.
  mac: Uint8Array.of(0x02, 0xbf, 0xc0, 0x07, 0x30, 0x36),
  values: ixus180.values.map((value) => (value[0] === 0xd116 ? [0xd116, MODEL_ID] : value)),
  pictureSizes: pictureSizes.map((size, i) =>
    i === 0 ? { ...size, width: 5184, height: 3888 } : size,
  ),
  liveView: { ...ixus180.liveView, sensorWidth: 5184, sensorHeight: 3888 },
};
