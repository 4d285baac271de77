/** What sets one body from before PTP apart from another: data, no behaviour. */
import type { ModelClass, ReleaseParameters, ValueList } from '../../canon/normal/index.ts';
import type { UsbIdentity } from './model.ts';

export interface NormalPictureSize {
  /** Of the release parameters: `imageSize`. */
  readonly code: number;
  /** As it stands among the picture abilities. */
  readonly name: string;
  readonly width: number;
  readonly height: number;
}

export interface NormalDialPosition {
  /** As it is printed on the dial: "M". */
  readonly label: string;
  /** Of the release parameters: `shootingMode`. */
  readonly code: number;
}

export interface NormalModel {
  id: string;
  name: string;
  /** Has no network. */
  fronts: readonly ['usbip'];
  /** No Wi-Fi. */
  menus: readonly [];
  usb: UsbIdentity;
  /** wMaxPacketSize of the bulk pipes: 64 at full speed, 512 at high speed. */
  packetSize: number;
  modelClass: ModelClass;
  firmware: string;
  /** Four bytes of the hello block. */
  marker: readonly number[];
  /** The same place in the identity. */
  identityMarker: readonly number[];
  /** The hello block's ids: product and vendor, of class 6 the model id. */
  helloIds: number;
  /** The four numbers behind them. */
  limits: readonly [number, number, number, number];
  modelId: number;
  /** Length of the structure of abilities. */
  abilitiesSize: number;
  /** Number on the body; left out where it is not told. */
  bodySerial?: number;
  owner: string;
  drive: string;
  /** What the drive's own entry carries, and whether a listing leaves the top folder as well. */
  listing: { readonly driveAttributes: number; readonly closesTop: boolean };
  /** Pictures lie in folders of a hundred, the first of which has this number. */
  firstFolder: number;
  filePrefix: string;
  /** KiB, as this body counts. */
  cardKib: number;
  parameters: ReleaseParameters;
  /** Left out where the body has none. */
  extended?: Uint8Array;
  lists: ReadonlyMap<number, ValueList>;
  /** JPEG qualities, best first. */
  qualities: readonly number[];
  sizes: readonly NormalPictureSize[];
  /** Bytes of the largest picture in the best quality: what is told before it is taken. */
  bytesPerShot: number;
  dial: readonly NormalDialPosition[];
  /** Steps of the zoom; left out on bodies that have none. */
  zoom?: { readonly maximum: number; readonly optical: number };
  /** Millimetres, from wide to tele. */
  focalLength: readonly [number, number];
  liveView: boolean;
  /** Custom functions and their values. */
  customFunctions: readonly (readonly [index: number, value: number])[];
  /** Parameter of the event that a picture is on the card. */
  storedParameter: number;
  /** The first event comes in pieces of so many bytes. */
  eventPiece?: number;
  /** Real milliseconds: until the lens is out, from the release to the exposure, from there to its end. */
  times: { readonly start: number; readonly exposed: number; readonly finished: number };
}
