/**
 * The settings of bodies from before PTP: where they stand in the block of release parameters, what
 * photographers and gphoto2 call them. Codes are those of the PTP properties of later PowerShots, to
 * which the fields correspond.
 */
import { ListItem, type ReleaseParameters } from '../../canon/normal/index.ts';
import { PowerShotProperty as Shot } from '../../canon/ptp/index.ts';

export interface NormalSettingRow {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly code: number;
  readonly field: keyof ReleaseParameters;
  /** The list that says what it may be; without, `values` do, or it is read only. */
  readonly item?: number;
  readonly values?: readonly number[];
  /** That it can be set from here, and what the field is, nobody has seen on a camera. */
  readonly guess?: true;
}

type Place = Pick<NormalSettingRow, 'item' | 'values' | 'guess'>;

/* @__NO_SIDE_EFFECTS__ */
function row(
  name: string,
  field: keyof ReleaseParameters,
  code: number,
  place: Place = {},
  ...aliases: string[]
): NormalSettingRow {
  return { name, aliases, code, field, ...place };
}

const list = (item: number): Place => ({ item });
const guess: Place = { guess: true };

export const settingRows: readonly NormalSettingRow[] = [
  row('iso', 'iso', Shot.ISOSpeed, list(ListItem.Iso), 'isospeed'),
  row('aperture', 'aperture', Shot.Aperture, list(ListItem.Aperture), 'av', 'f-number'),
  row('shutter', 'shutter', Shot.ShutterSpeed, list(ListItem.Shutter), 'shutterspeed', 'tv'),
  row(
    'compensation',
    'exposureCompensation',
    Shot.ExpCompensation,
    list(ListItem.ExposureCompensation),
    ...['exposurecompensation', 'ev', 'expcompensation'],
  ),
  row(
    'flash-compensation',
    'flashCompensation',
    Shot.FlashCompensation,
    list(ListItem.FlashCompensation),
  ),
  row('mode', 'shootingMode', Shot.ShootingMode, list(ListItem.ShootingMode), 'shootingmode'),
  row('image-mode', 'imageMode', Shot.ImageMode, list(ListItem.ImageMode)),
  row('drive', 'driveMode', Shot.DriveMode, { values: [0, 1, 2] }, 'drivemode'),
  row('self-timer', 'selfTimer', Shot.SelfTime, { values: [0x14, 0x64] }, 'selftimer'),
  row('metering', 'metering', Shot.MeteringMode, list(ListItem.Metering), 'meteringmode'),
  row('flash', 'flash', Shot.FlashMode, list(ListItem.Flash), 'flashmode'),
  row('macro', 'afDistance', Shot.AFDistance, list(ListItem.AfDistance), 'af-distance'),
  row('focus-point', 'focusPoint', Shot.FocusingPoint, list(ListItem.FocusPoint), 'focusingpoint'),
  row('focus-mode', 'afMode', Shot.AFMode, guess, 'focusmode'),
  row(
    'white-balance',
    'whiteBalance',
    Shot.WhiteBalance,
    list(ListItem.WhiteBalance),
    'wb',
    'whitebalance',
  ),
  row('beep', 'beep', Shot.Beep, { values: [0, 1] }),
  row('digital-zoom', 'digitalZoom', Shot.EZoom, guess),
  row('contrast', 'contrast', Shot.Contrast, guess),
  row('color-gain', 'colorGain', Shot.ColorGain, guess),
  row('sharpness', 'sharpness', Shot.Sharpness, guess),
  row('parameter-set', 'parameterSet', Shot.ParameterSet, list(ListItem.ParameterSet)),
  row('bracket', 'bracketing', Shot.AEBExposureCompensation, guess, 'aeb'),
];

/** Numbers that say that a body has no such setting. */
export const NOT_THERE: readonly number[] = [0x7f, 0xff, 0xffff];
