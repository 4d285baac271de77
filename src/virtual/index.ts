/**
 * Virtual cameras: they answer as real bodies do, on links that programs for real bodies use.
 * Importing this registers the addresses `virtual:MODEL`.
 */
import './opener.ts';

export type { CardAccess, CardContent, CardEntry, CardStore } from './card/card-store.ts';
export type { FileContent, GeneratedContent, RenderedContent } from './card/memory-card.ts';
export { MemoryCard, patternContent } from './card/memory-card.ts';
export { createVirtualCamera } from './create.ts';
export type { FaultName } from './faults.ts';
export { faultKinds } from './faults.ts';
export type { AcceptMode, SecondMode } from './ip/ip-front.ts';
export { virtualModels } from './models/index.ts';
export type { Picture, PictureRequest } from './picture/index.ts';
export type { Recorded, RecordedEvent, Recording, ReplayOptions } from './replay/index.ts';
export { ReplayCamera, ReplayTransport, readRecording } from './replay/index.ts';
export { SelfTest, selfTestSizes } from './responder/self-test.ts';
export type { TimingName } from './timing.ts';
export type {
  MemoryBusOptions,
  MemoryDeviceOptions,
  MemoryUsbBus,
  MemoryUsbDevice,
  UsbConnectionEvent,
  UsbDeviceFilter,
  UsbDeviceRequest,
} from './usb/index.ts';
export { createUsbBus, createUsbDevice } from './usb/index.ts';
export type { UsbipServerOptions } from './usbip/index.ts';
export { USBIP_PORT, UsbipServer } from './usbip/index.ts';
export type { VirtualCamera, VirtualCameraOptions, VirtualCameraState } from './virtual-camera.ts';
export type { OutgoingDns, WifiMenu, WifiPorts } from './wifi/index.ts';
