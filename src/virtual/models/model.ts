/** What sets one virtual camera apart from another: data, no behaviour. */
import type { ImageFormat } from '../../canon/ptp/index.ts';
import type { DeviceInfo, PropertyForm, PtpValue } from '../../ptp/index.ts';
import type { RawKind } from '../picture/index.ts';
import type { WifiMenu } from '../wifi/ports.ts';

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

/** Where a body's object handles are; see `card/handles.ts`. */
export interface HandleSpace {
  /** What the handles of one card begin at: that of folder 100 is this and 100 << 18. */
  base: number;
  /** Distance of DCIM from the base; 0 on EOS bodies. */
  dcim?: number;
  /** Distance of the first file in the root, where the body has a place for such files. */
  rootFiles?: number;
  /** Last hexadecimal digit of a JPEG file. */
  jpegMember: number;
}

export interface CardSlot {
  /** High half of the storage id. */
  number: number;
  /** "SD1": StorageDescription. */
  label: string;
  handles: HandleSpace;
  /** This slot's bit in CaptureDestination (D11C). */
  destinationBit: number;
}

/** How a body names its picture folders: "100CANON", or by month, "100___07". */
export type FolderNames = 'CANON' | 'month';

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
  /** It records movies, and takes no pictures. */
  movie?: true;
}

export interface PictureSize {
  format: ImageFormat;
  /** Pixels of the JPEG; of a raw file alone, of the JPEG within. */
  width: number;
  height: number;
  /** JPEG quality for the encoder. */
  quality: number;
  /** What the camera reckons for one picture when it counts the shots that are left. */
  bytesPerShot: number;
}

/** What in the camera the value of a device property is, where it is not just kept. */
export type PropertySource =
  /** Charge in per cent. */
  | 'batteryPercent'
  /** Charge from 0 to 3. */
  | 'batteryLevel'
  /** Seconds of the camera's clock. */
  | 'clock'
  /** Owner's name in eight-bit characters, with its terminator. */
  | 'owner'
  /** EventEmulateMode (D045): where events go. */
  | 'eventMode';

/** A property by GetDevicePropDesc. */
export interface DeviceProperty {
  code: number;
  dataType: number;
  /** To begin with, and when it is reset. */
  value: PtpValue;
  writable?: true;
  form?: PropertyForm;
  source?: PropertySource;
}

/** How a body shows itself on the bus; the rest is the same on all of them. */
export interface UsbIdentity {
  productId: number;
  /** bcdDevice. */
  release: number;
  manufacturer: string;
  product: string;
  /** Left out where the body tells none. */
  serial?: string;
  /** bmAttributes of the configuration. */
  attributes: number;
  /** bMaxPower, in mA. */
  milliamperes: number;
  /** bcdUSB; 2.0 where it is left out. */
  version?: number;
  /** bMaxPacketSize0; 64 where it is left out. */
  controlPacketSize?: number;
  /** Of the device; left to the interface where it is left out. */
  deviceClass?: UsbClass;
  /** A still image camera where it is left out. */
  interfaceClass?: UsbClass;
  interrupt?: { readonly packetSize: number; readonly interval: number };
}

export interface UsbClass {
  readonly class: number;
  readonly subclass: number;
  readonly protocol: number;
}

export type DumpPart = 'values' | 'lists' | 'cards' | 'powerZoom';

export interface OlcFormat {
  readonly version: number;
  readonly uncounted: 4 | 8;
}

export interface EosModel {
  id: string;
  name: string;
  fronts: readonly ('ptpip' | 'usbip')[];
  /** What its Wi-Fi menu leads to; the first is what it is at unless told otherwise. */
  menus: readonly WifiMenu[];
  usb: UsbIdentity;
  deviceInfo: DeviceInfo;
  /** As it stands in pictures: "1.5.0". */
  firmware: string;
  deviceProperties: readonly DeviceProperty[];
  /** Property D116. */
  modelId: number;
  nickname: string;
  /** Number on the body, property D1AF. */
  bodySerial: string;
  mac: Uint8Array;
  slots: readonly CardSlot[];
  /** First four characters of file names. */
  filePrefix: string;
  folderNames: FolderNames;
  /**
   * Files that a computer may put into the root; left out where the body refuses every upload.
   * `parents` are the second parameters of SendObjectInfo that it takes, `format` is what it shows
   * the files as.
   */
  uploads?: { readonly format: number; readonly parents: readonly number[] };
  /** Parameters that SetRemoteMode takes. */
  remoteModes: readonly number[];
  /**
   * A body that shoots for a computer only once this bit is set in EVFOutputDevice, and only then
   * reports these properties and lists.
   */
  shooting?: {
    readonly outputBit: number;
    readonly values: readonly number[];
    readonly lists: readonly DumpList[];
  };
  /** Order of the first dump. `cards` are the records of cards that have been read. */
  dump: readonly DumpPart[];
  /**
   * Records of the display: the version of their fields (D199), and the bytes that their length
   * leaves out. Left out where the body has no SetRequestOLCInfoGroup.
   */
  olc?: OlcFormat;
  dial: readonly DialPosition[];
  /** Dial position to begin with. */
  startDial: string;
  apertures: readonly number[];
  shutters: readonly number[];
  isos: readonly number[];
  compensations: readonly number[];
  pictureSizes: readonly PictureSize[];
  /** What raw files it writes. */
  raw?: RawKind;
  values: readonly DumpValue[];
  lists: readonly DumpList[];
  /** Told only when asked for by RequestDevicePropValue. */
  onRequest?: readonly DumpValue[];
  /** Replaces what the dump says where the virtual camera begins in another state. */
  start: readonly DumpValue[];
  liveView: {
    width: number;
    height: number;
    sensorWidth: number;
    sensorHeight: number;
    /** Bit of EVFOutputDevice that lets frames flow to the computer. */
    outputBit: number;
  };
  /** Runs event procedures (0x9052); bodies since about 2018 list and refuse them. */
  eventProcs?: true;
  /** Focal length written into pictures. */
  focalLength: number;
  /** Questions for events count as a touch, and keep the body from switching itself off. */
  pollingKeepsOn?: true;
  /** Left out where the body records none. */
  movie?: {
    /** First four characters of their names. */
    readonly prefix: string;
    readonly extension: 'MP4' | 'MOV';
    readonly width: number;
    readonly height: number;
    /** Tells the seconds that it has recorded. */
    readonly tellsTime?: true;
    /** MovieSelectSWOn does what it is named after. */
    readonly selectable?: true;
  };
  /** Has a mirror, which MirrorLockupState can have raised before the exposure. */
  mirror?: true;
  /** Pictures for the host that fit into the memory of the camera. */
  bufferedShots: number;
  /** Data phases longer than this are cut into packets of this size. */
  ipPieceSize: number;
}
