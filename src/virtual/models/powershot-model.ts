/** What sets one virtual PowerShot of the older extension apart from another: data, no behaviour. */
import type { DeviceProperty, DialPosition, EosModel, PictureSize } from './model.ts';

export interface PowerShotModel
  extends Pick<
    EosModel,
    | 'id'
    | 'name'
    | 'fronts'
    | 'menus'
    | 'usb'
    | 'firmware'
    | 'nickname'
    | 'mac'
    | 'bodySerial'
    | 'slots'
    | 'filePrefix'
    | 'folderNames'
    | 'uploads'
    | 'apertures'
    | 'shutters'
    | 'ipPieceSize'
    | 'focalLength'
  > {
  readonly family: 'powershot';
  /** Without its properties, which come and go with release control. */
  deviceInfo: Omit<EosModel['deviceInfo'], 'devicePropertiesSupported'>;
  /** In the order of DeviceInfo; `shooting` are there under release control only. */
  properties: readonly PowerShotProperty[];
  /** ShootingMode (D00C) is `code`. */
  dial: readonly DialPosition[];
  startDial: string;
  /** The largest first. */
  pictureSizes: readonly PowerShotSize[];
  /** JPEG quality for the encoder, by ImageQuality (D006). */
  qualities: Readonly<Record<number, number>>;
  /** AverageFilesizes (D048): bytes by code of SizeQualityMode, from 1. */
  averageSizes: readonly number[];
  lens: {
    /** 32nds of a millimetre, from wide to tele. */
    readonly focalLengths: readonly [number, number];
    /** Widest aperture at both ends. */
    readonly widest: readonly [number, number];
    /** Last position of Zoom (D02A). */
    readonly positions: number;
  };
  viewfinder: { readonly width: number; readonly height: number };
}

export interface PowerShotSize extends Omit<PictureSize, 'format' | 'bytesPerShot'> {
  /** ImageSize (D008). */
  code: number;
  /** First number of SizeQualityMode (D02C) of this size; 5 and 10 more are lower qualities. */
  mode: number;
}

/** What in the body the value of a property is, where it is not just kept. */
export type PowerShotSource =
  | 'clock'
  | 'owner'
  | 'eventMode'
  | 'batteryStatus'
  | 'aperture'
  | 'shutter'
  | 'mode'
  | 'focalLength'
  | 'widestAperture'
  | 'sizeQuality';

export interface PowerShotProperty extends Omit<DeviceProperty, 'source'> {
  shooting?: true;
  source?: PowerShotSource;
}
