/**
 * The two blocks of settings. Order and values are those of the PTP properties that later PowerShots
 * have from 0xD006 and 0xD037 on. A field that says "guess" fits by its place alone: no source that
 * changed it is known.
 */
import { bytes, type Infer, struct, u8, u16, u32 } from '../../bytes/index.ts';

export const ReleaseParameters = struct('ReleaseParameters', {
  /** Send back unchanged. */
  unknown00: u8,
  /** 1 economy, 2 normal, 3 fine, 4 RAW, 5 superfine. */
  quality: u8,
  /** 1 JPEG, 2 CRW, 0x12 both. */
  fileFormat: u8,
  /** 0 large, 1 medium 1, 2 small, 3 medium 2, 7 medium 3. */
  imageSize: u8,
  /** Tenths of a second; the drive mode starts it. */
  selfTimer: u16,
  flash: u8,
  beep: u8,
  shootingMode: u8,
  imageMode: u8,
  /** 0 single, 1 continuous, 2 self-timer. */
  driveMode: u8,
  digitalZoom: u8,
  metering: u8,
  /** 0 manual, 1 normal, 3 macro. */
  afDistance: u8,
  focusPoint: u16,
  whiteBalance: u8,
  /** Guess. */
  slowShutter: u8,
  afMode: u8,
  /** Guess. */
  imageStabilization: u8,
  contrast: u8,
  colorGain: u8,
  sharpness: u8,
  /** Guess. */
  sensitivity: u8,
  parameterSet: u16,
  /** APEX codes; 0 is automatic. */
  iso: u16,
  aperture: u16,
  shutter: u16,
  /** 0x18 less eighths of a stop; of class 6 a signed number of eighths. */
  exposureCompensation: u8,
  flashCompensation: u8,
  bracketing: u8,
  unknown23: u8,
  apertureOpen: u16,
  apertureMax: u16,
  /** Which of the outer two is the current one is a guess: all samples stand at the wide end. */
  focalLength: u16,
  focalLengthTele: u16,
  focalLengthWide: u16,
  /** Focal lengths of one millimetre. */
  focalUnits: u16,
});
export type ReleaseParameters = Infer<typeof ReleaseParameters>;

export const RELEASE_PARAMETERS_SIZE = 0x30;

/** The first eight and the focal length are sure; the names of the rest are guesses. */
export const ExtendedParameters = struct('ExtendedParameters', {
  size: u32,
  version: u32,
  apertureShown: u16,
  apertureOpen: u16,
  digitalZoomReference: u16,
  spotPosition: u16,
  apertureMaxShown: u16,
  apertureMax: u16,
  unknown14: u16,
  digitalZoomStart: u16,
  focalLengthTele: u16,
  digitalZoomWidth: u16,
  photoEffect: u16,
  afAssistLight: u16,
  flashQuantity: u16,
  rotationAngle: u16,
  rest: bytes(8),
});
export type ExtendedParameters = Infer<typeof ExtendedParameters>;

/** A version that hotshoe knows the fields of has just so many bytes. */
export const EXTENDED_PARAMETERS_SIZE = 0x2c;

/** Numbers of the lists of values. */
export const ListItem = {
  Flash: 0x05,
  ShootingMode: 0x07,
  ImageMode: 0x08,
  Metering: 0x0b,
  AfDistance: 0x0c,
  FocusPoint: 0x0d,
  WhiteBalance: 0x0e,
  ParameterSet: 0x16,
  Iso: 0x17,
  Aperture: 0x18,
  Shutter: 0x19,
  ExposureCompensation: 0x1a,
  FlashCompensation: 0x1b,
  PhotoEffect: 0x24,
  AfAssistLight: 0x25,
  FlashQuantity: 0x26,
  ImageFormat: 0x27,
} as const;

/** Eighths of a stop of a code of exposure compensation; of class 6 it is a signed number of them. */
export function compensationEighths(code: number, isSigned: boolean): number {
  return isSigned ? (code << 24) >> 24 : 0x18 - code;
}
