/** What sets one virtual camera apart from another: data, no behaviour. */
import type { ImageFormat } from '../../canon/ptp/index.ts';
import type { DeviceInfo } from '../../ptp/index.ts';

/**
 * A property as the first event dump gives it. A number is a cell of four bytes, a string hexadecimal
 * bytes; `size` pads with zeros.
 */
export type DumpValue = readonly [
  property: number,
  value: number | string | { readonly text: string },
  size?: number,
];

/** A list of choices as the first event dump gives it: cells, or structures made of cells. */
export type DumpList = readonly [
  property: number,
  form: number,
  choices?: readonly (number | readonly number[])[],
];

export interface CardSlot {
  /** High half of the storage id. */
  number: number;
  /** "SD1": StorageDescription. */
  label: string;
  /** Handle of DCIM on this card; see `card/handles.ts`. */
  handleBase: number;
  /** This slot's bit in CaptureDestination (D11C). */
  destinationBit: number;
}

/** A position of the mode dial and what it leaves to the photographer. */
export interface DialPosition {
  /** As it is printed on the dial: "M". */
  label: string;
  /** Value of AutoExposureMode and AEModeDial. */
  code: number;
  aperture: boolean;
  shutter: boolean;
  iso: boolean;
  /** Exposure compensation: `autoIso` only while the camera chooses the ISO. */
  compensation: boolean | 'autoIso';
  /** EXIF ExposureProgram. */
  exif: number;
}

export interface PictureSize {
  format: ImageFormat;
  width: number;
  height: number;
  /** JPEG quality for the encoder. */
  quality: number;
  /** What the camera reckons for one picture when it counts the shots that are left. */
  bytesPerShot: number;
}

export interface EosModel {
  id: string;
  name: string;
  fronts: readonly ('ptpip' | 'usbip')[];
  deviceInfo: DeviceInfo;
  /** Property D116. */
  modelId: number;
  nickname: string;
  /** Number on the body, property D1AF. */
  bodySerial: string;
  mac: Uint8Array;
  slots: readonly CardSlot[];
  /** First four characters of file names. */
  filePrefix: string;
  olcVersion: number;
  dial: readonly DialPosition[];
  /** Dial position to begin with. */
  startDial: string;
  apertures: readonly number[];
  shutters: readonly number[];
  isos: readonly number[];
  compensations: readonly number[];
  pictureSizes: readonly PictureSize[];
  values: readonly DumpValue[];
  lists: readonly DumpList[];
  /** Replaces what the dump says where the virtual camera begins in another state. */
  start: readonly DumpValue[];
  liveView: { width: number; height: number; sensorWidth: number; sensorHeight: number };
  /** Focal length written into pictures. */
  focalLength: number;
  /** Pictures for the host that fit into the memory of the camera. */
  bufferedShots: number;
  /** Data phases longer than this are cut into packets of this size. */
  ipPieceSize: number;
}
