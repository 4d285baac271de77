/**
 * What photographers call the settings of PowerShots, the same words as for EOS bodies where they are
 * the same thing, and what gphoto2 calls them (libgphoto2, camlibs/ptp2/config.c). A property that is
 * not here goes by Canon's name.
 */
import { canonNames, PowerShotProperty as Shot } from '../../canon/ptp/index.ts';
import { codeNames, codeOf, DeviceProperty, nameOf } from '../../ptp/index.ts';

type Row = readonly [name: string, property: number, ...aliases: string[]];

const ROWS: readonly Row[] = [
  ['iso', Shot.ISOSpeed, 'isospeed'],
  ['aperture', Shot.Aperture, 'f-number', 'av'],
  ['shutter', Shot.ShutterSpeed, 'shutterspeed', 'tv'],
  ['compensation', Shot.ExpCompensation, 'exposurecompensation', 'ev'],
  ['mode', Shot.ShootingMode, 'shootingmode', 'expprogram'],
  ['drive', Shot.DriveMode, 'drivemode'],
  ['metering', Shot.MeteringMode, 'meteringmode'],
  ['focus-mode', Shot.AFMode, 'focusmode'],
  ['focus-distance', Shot.AFDistance, 'afdistance'],
  ['focus-point', Shot.FocusingPoint, 'focusingpoint'],
  ['white-balance', Shot.WhiteBalance, 'whitebalance', 'wb'],
  ['flash', Shot.FlashMode, 'flashmode'],
  ['flash-compensation', Shot.FlashCompensation, 'flashcompensation'],
  ['bracket', Shot.AEBExposureCompensation, 'aeb', 'aebexpcompensation'],
  ['image-quality', Shot.ImageQuality, 'imagequality', 'quality'],
  ['image-size', Shot.ImageSize, 'imagesize', 'size'],
  ['image-format', Shot.FullViewFileFormat, 'imageformat'],
  ['picture-style', Shot.PhotoEffect, 'photoeffect', 'picturestyle'],
  ['zoom', Shot.Zoom],
  ['digital-zoom', Shot.EZoom],
  ['self-timer', Shot.SelfTime, 'selftimer'],
  ['assist-light', Shot.AssistLight, 'assistlight'],
  ['auto-rotation', Shot.RotationScene, 'autorotation'],
  ['orientation', Shot.RotationAngle],
  ['stabilizer', Shot.ImageStabilization],
  ['output', Shot.CameraOutput],
  ['beep', Shot.BeepMode],
  ['clock', Shot.UnixTime, 'datetime'],
  ['owner', Shot.CameraOwner, 'ownername'],
  ['battery', Shot.BatteryStatus],
  ['firmware', Shot.FirmwareVersion, 'firmwareversion'],
  ['model', Shot.CameraModel],
  ['model-id', Shot.ModelID],
];

/** "iso", "Contrast", "0xd04a". */
export function settingName(property: number): string {
  const row = ROWS.find(([, code]) => code === property);
  return row ? row[0] : nameOf(canonNames.properties, property);
}

/** The property of a name in any case: hotshoe's, gphoto2's, Canon's, or its code. */
export function settingProperty(name: string): number | undefined {
  const wanted = name.trim().toLowerCase();
  if (/^0x[0-9a-f]{4}$/.test(wanted)) return Number(wanted);
  const row = ROWS.find(([own, , ...aliases]) => own === wanted || aliases.includes(wanted));
  if (row) return row[1];
  return codeOf(codeNames(Shot), wanted) ?? codeOf(codeNames(DeviceProperty), wanted);
}
