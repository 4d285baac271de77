/**
 * What the value of each property is: a number of a certain width, text, or a structure. From the
 * bodies' first dumps (R6, R, 90D, M50 II, 1300D, 100D, 60D, SX70 HS, M10) and libgphoto2.
 *
 * EOS properties that are not listed are numbers of 32 bits where the value has four bytes.
 */
import { EosProperty as Eos, PowerShotProperty as Shot } from './codes/properties.ts';
import type { FlatName } from './structures/flat.ts';

export type NumberType = 'u8' | 'i8' | 'u16' | 'i16' | 'u32' | 'i32';

export type PropertyType =
  | NumberType
  | 'text'
  | 'imageFormat'
  | 'customFunctions'
  | 'focusInfo'
  | FlatName;

const groups: readonly (readonly [PropertyType, readonly number[]])[] = [
  [
    // Narrower than their cells, whose other bytes some bodies never write.
    'u8',
    [
      Eos.ExpCompensation,
      Eos.MeteringMode,
      Eos.WhiteBalance,
      Eos.PictureStyle,
      Eos.ContinuousAFValid,
      Eos.CADarkBright,
    ],
  ],
  [
    'u16',
    [
      Eos.Aperture,
      Eos.ShutterSpeed,
      Eos.ISOSpeed,
      Eos.AutoExposureMode,
      Eos.DriveMode,
      Eos.ColorSpace,
      Eos.BatteryPower,
      Eos.BatterySelect,
      Eos.PTPExtensionVersion,
      Eos.DPOFVersion,
      Eos.BracketMode,
      Eos.AEModeDial,
      Eos.HighISONoiseReduction,
      Eos.QuickReviewTime,
      Eos.EVFMode,
      Eos.EVFRecordStatus,
      Eos.AEB,
    ],
  ],
  ['i32', [Eos.WhiteBalanceAdjustA, Eos.WhiteBalanceAdjustB, Eos.AutoPowerOff]],
  [
    'text',
    [
      Eos.Owner,
      Eos.Artist,
      Eos.Copyright,
      Eos.SerialNumber,
      Eos.CameraNickname,
      Eos.LensName,
      Shot.CameraModel,
      Shot.CameraOwner,
    ],
  ],
  [
    'imageFormat',
    [
      Eos.ImageFormat,
      Eos.ImageFormatCF,
      Eos.ImageFormatSD,
      Eos.ImageFormatExtHD,
      // Without a name, of the same layout.
      0xd210,
    ],
  ],
  ['customFunctions', [Eos.CustomFuncEx]],
  ['focusInfo', [Eos.FocusInfoEx]],
  [
    'pictureStyle',
    [
      Eos.PictureStyleStandard,
      Eos.PictureStylePortrait,
      Eos.PictureStyleLandscape,
      Eos.PictureStyleNeutral,
      Eos.PictureStyleFaithful,
      Eos.PictureStyleBlackWhite,
      Eos.PictureStyleAuto,
    ],
  ],
  [
    'pictureStyleUser',
    [Eos.PictureStyleUserSet1, Eos.PictureStyleUserSet2, Eos.PictureStyleUserSet3],
  ],
  [
    'pictureStyleEx',
    [
      Eos.PictureStyleExStandard,
      Eos.PictureStyleExPortrait,
      Eos.PictureStyleExLandscape,
      Eos.PictureStyleExNeutral,
      Eos.PictureStyleExFaithful,
      Eos.PictureStyleExBlackWhite,
      Eos.PictureStyleExAuto,
      Eos.PictureStyleExFineDetail,
    ],
  ],
  [
    'pictureStyleExUser',
    [Eos.PictureStyleExUserSet1, Eos.PictureStyleExUserSet2, Eos.PictureStyleExUserSet3],
  ],
  ['timezone', [Eos.Timezone]],
  ['movieParam', [Eos.MovieParam]],
  ['movieParam2', [Eos.MovieParam2]],
  ['movieParam4', [Eos.MovieParam4]],
  ['movieParam5', [Eos.MovieParam5]],
  ['focusShift', [Eos.FocusShiftSetting]],
  ['timeShoot', [Eos.TimeShootSetting]],
  ['intervalShoot', [Eos.IntervalShootSetting]],
  ['hdr', [Eos.HDRSetting]],
  ['releaseCounter', [Eos.ShutterReleaseCounter]],
  ['customFunction', range(Eos.CustomFunc1, Eos.CustomFunc19)],
  ['batteryInfo', [Eos.BatteryInfo]],
  ['batteryInfoEx', [Eos.BatteryInfoEx]],
  ['errorHistory', [Eos.ErrorHistory]],
  ['lensHistory', [Eos.LensExchangeHistory]],
];

/* @__NO_SIDE_EFFECTS__ */
function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

let byProperty: ReadonlyMap<number, PropertyType> | undefined;

/** Undefined for properties of which nothing is known. */
export function propertyType(property: number): PropertyType | undefined {
  byProperty ??= new Map(
    groups.flatMap(([type, properties]) =>
      properties.map((each): [number, PropertyType] => [each, type]),
    ),
  );
  return byProperty.get(property);
}
