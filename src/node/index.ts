/** The entry `hotshoe/node`: everything of `hotshoe`, with sockets and files. */
import './openers.ts';

export * from '../index.ts';
export type { Capture, OpenCaptureOptions } from './capture-file.ts';
export { openCapture, openTraffic } from './capture-file.ts';
export { folderCard } from './card-folder.ts';
export type { DownloadOptions, DownloadResult, OnExists } from './download.ts';
export { downloadFile, safeName } from './download.ts';
export type { Recording, RecordOptions } from './record-file.ts';
export { recordTo } from './record-file.ts';
export type { Identity } from './state.ts';
export { identity, stateFolder } from './state.ts';
export type { TcpConnectOptions, TcpListenOptions, TcpServer } from './tcp.ts';
export { connectTcp, listenTcp } from './tcp.ts';
export type { UsbipListener, UsbipListenOptions } from './usbip.ts';
export { listenUsbip } from './usbip.ts';
