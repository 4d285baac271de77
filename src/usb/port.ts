/**
 * The port that USB code is written against: the part of WebUSB's `USBDevice` that cameras need
 * (https://wicg.github.io/webusb/), so that a browser's device fits as it is. Adapters give Node's
 * devices and virtual ones the same shape. What Node can do better is an extension, `transfers`.
 */

export type UsbTransferStatus = 'ok' | 'stall' | 'babble';
export type UsbDirection = 'in' | 'out';

export interface UsbEndpoint {
  readonly endpointNumber: number;
  readonly direction: UsbDirection;
  readonly type: 'bulk' | 'interrupt' | 'isochronous';
  /** wMaxPacketSize, in bytes. */
  readonly packetSize: number;
}

export interface UsbAlternate {
  readonly alternateSetting: number;
  readonly interfaceClass: number;
  readonly interfaceSubclass: number;
  readonly interfaceProtocol: number;
  readonly endpoints: readonly UsbEndpoint[];
}

export interface UsbInterface {
  readonly interfaceNumber: number;
  readonly alternates: readonly UsbAlternate[];
}

export interface UsbConfiguration {
  readonly configurationValue: number;
  readonly interfaces: readonly UsbInterface[];
}

export interface UsbControlSetup {
  readonly requestType: 'standard' | 'class' | 'vendor';
  readonly recipient: 'device' | 'interface' | 'endpoint' | 'other';
  readonly request: number;
  readonly value: number;
  readonly index: number;
}

export interface UsbInResult {
  /** Undefined where nothing came, on a stall for example. */
  readonly data?: DataView | undefined;
  readonly status?: UsbTransferStatus | undefined;
}

export interface UsbOutResult {
  readonly bytesWritten: number;
  readonly status?: UsbTransferStatus | undefined;
}

export interface UsbDevice {
  readonly vendorId: number;
  readonly productId: number;
  readonly manufacturerName?: string | null | undefined;
  readonly productName?: string | null | undefined;
  readonly serialNumber?: string | null | undefined;
  readonly opened: boolean;
  readonly configuration?: UsbConfiguration | null | undefined;
  readonly configurations: readonly UsbConfiguration[];

  open(): Promise<void>;
  close(): Promise<void>;
  selectConfiguration(configurationValue: number): Promise<void>;
  claimInterface(interfaceNumber: number): Promise<void>;
  releaseInterface(interfaceNumber: number): Promise<void>;
  selectAlternateInterface(interfaceNumber: number, alternateSetting: number): Promise<void>;
  controlTransferIn(setup: UsbControlSetup, length: number): Promise<UsbInResult>;
  controlTransferOut(setup: UsbControlSetup, data?: Uint8Array<ArrayBuffer>): Promise<UsbOutResult>;
  clearHalt(direction: UsbDirection, endpointNumber: number): Promise<void>;
  /**
   * Resolves when `length` bytes have come, or a short packet. Several may be pending; they are
   * answered in their order.
   */
  transferIn(endpointNumber: number, length: number): Promise<UsbInResult>;
  transferOut(endpointNumber: number, data: Uint8Array<ArrayBuffer>): Promise<UsbOutResult>;
  reset(): Promise<void>;

  /** Absent in a browser. */
  readonly transfers?: UsbTransfers | undefined;
  /** Where it is plugged in, where the system tells: what `usb:BUS,DEV` names. */
  readonly location?: { readonly bus: number; readonly device: number } | undefined;
}

export interface UsbReadResult {
  /** `cancelled`: the signal has aborted. What had come by then counts all the same. */
  readonly status: UsbTransferStatus | 'cancelled';
  readonly bytesRead: number;
}

export interface UsbWriteResult {
  readonly status: UsbTransferStatus | 'cancelled';
  readonly bytesWritten: number;
}

/** Transfers without WebUSB's copy, and an end to waiting that the system knows of. */
export interface UsbTransfers {
  /** As `transferIn`, into memory of the caller's. */
  read(
    endpointNumber: number,
    buffer: Uint8Array<ArrayBuffer>,
    signal?: AbortSignal | undefined,
  ): Promise<UsbReadResult>;
  /** As `transferOut`. Absent where a write cannot be taken back. */
  write?(
    endpointNumber: number,
    data: Uint8Array<ArrayBuffer>,
    signal?: AbortSignal | undefined,
  ): Promise<UsbWriteResult>;
}

export type UsbBusEvent = 'connect' | 'disconnect';

export type UsbBusListener = (event: { readonly device: UsbDevice }) => void;

/** The part of WebUSB's `USB` that finds devices, and tells of their coming and going. */
export interface UsbBus {
  getDevices(): Promise<UsbDevice[]>;
  addEventListener(type: UsbBusEvent, listener: UsbBusListener): void;
  removeEventListener(type: UsbBusEvent, listener: UsbBusListener): void;
}
