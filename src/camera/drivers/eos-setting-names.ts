/**
 * What photographers call the settings, and what gphoto2 calls them (libgphoto2, camlibs/ptp2/config.c,
 * for those who come from it). A property that is not here goes by Canon's name.
 */
import { canonNames, EosProperty as Eos } from '../../canon/ptp/index.ts';
import { codeOf, nameOf } from '../../ptp/index.ts';

type Row = readonly [name: string, property: number, ...aliases: string[]];

const ROWS: readonly Row[] = [
  ['iso', Eos.ISOSpeed, 'isospeed'],
  ['aperture', Eos.Aperture, 'f-number', 'av'],
  ['shutter', Eos.ShutterSpeed, 'shutterspeed', 'tv'],
  ['compensation', Eos.ExpCompensation, 'exposurecompensation', 'ev'],
  ['mode', Eos.AutoExposureMode, 'autoexposuremode', 'expprogram'],
  ['mode-dial', Eos.AEModeDial, 'autoexposuremodedial'],
  ['drive', Eos.DriveMode, 'drivemode'],
  ['metering', Eos.MeteringMode, 'meteringmode'],
  ['focus-mode', Eos.FocusMode, 'focusmode'],
  ['white-balance', Eos.WhiteBalance, 'whitebalance', 'wb'],
  ['color-temperature', Eos.ColorTemperature, 'colortemperature', 'kelvin'],
  ['wb-shift-blue-amber', Eos.WhiteBalanceAdjustA, 'whitebalanceadjusta'],
  ['wb-shift-magenta-green', Eos.WhiteBalanceAdjustB, 'whitebalanceadjustb'],
  ['color-space', Eos.ColorSpace, 'colorspace'],
  ['picture-style', Eos.PictureStyle, 'picturestyle'],
  ['image-format', Eos.ImageFormat, 'imageformat', 'quality'],
  ['image-format-cf', Eos.ImageFormatCF, 'imageformatcf'],
  ['image-format-sd', Eos.ImageFormatSD, 'imageformatsd'],
  ['target', Eos.CaptureDestination, 'capturetarget'],
  ['bracket', Eos.AEB, 'aeb'],
  ['bracket-mode', Eos.BracketMode, 'bracketmode'],
  ['noise-reduction', Eos.HighISONoiseReduction, 'highisonr'],
  ['aspect-ratio', Eos.MultiAspect, 'aspectratio'],
  ['auto-power-off', Eos.AutoPowerOff, 'autopoweroff'],
  ['review-time', Eos.QuickReviewTime, 'reviewtime'],
  ['live-view-output', Eos.EVFOutputDevice, 'output'],
  ['live-view-mode', Eos.EVFMode, 'evfmode'],
  ['live-view-af', Eos.LvAfSystem, 'liveviewaffocus'],
  ['recording', Eos.EVFRecordStatus, 'movierecordtarget'],
  ['continuous-af', Eos.ContinousAFMode, 'continuousaf'],
  ['movie-servo-af', Eos.MovieServoAF, 'movieservoaf'],
  ['auto-lighting-optimizer', Eos.AloMode, 'alomode'],
  ['mirror-lockup', Eos.MirrorUpSetting, 'mirrorlock'],
  ['flash-firing', Eos.StroboFiring, 'strobofiring'],
  ['clock', Eos.CameraTime, 'datetime'],
  ['clock-utc', Eos.UTCTime, 'datetimeutc'],
  ['owner', Eos.Owner, 'ownername'],
  ['artist', Eos.Artist],
  ['copyright', Eos.Copyright],
  ['nickname', Eos.CameraNickname, 'nickname'],
  ['lens', Eos.LensName, 'lensname'],
  ['battery', Eos.BatteryPower, 'batterylevel'],
  ['shots-left', Eos.AvailableShots, 'availableshots'],
  ['shutter-count', Eos.ShutterCounter, 'shuttercounter'],
  ['serial', Eos.SerialNumber, 'eosserialnumber', 'serialnumber'],
  ['model-id', Eos.ModelID, 'model'],
];

/** "iso", "MirrorLockupState", "0xd1ff". */
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
  return codeOf(canonNames.properties, wanted);
}
