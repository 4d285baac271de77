/** Virtual cameras for other machines' USB, on a port. */

import { USBIP_PORT, UsbipServer, type UsbipServerOptions } from '../virtual/usbip/index.ts';
import type { VirtualCamera } from '../virtual/virtual-camera.ts';
import { listenTcp, type TcpServer } from './tcp.ts';

export interface UsbipListenOptions extends UsbipServerOptions {
  /** 127.0.0.1 unless told otherwise: whoever connects has the cameras. */
  host?: string | undefined;
  /** 3240 unless told otherwise; 0 takes any free one. */
  port?: number | undefined;
}

export interface UsbipListener extends TcpServer {
  /** In the order of the cameras: "1-1", "1-2". */
  readonly busIds: readonly string[];
}

/** Exports cameras by USB/IP. Rejects with a HotshoeError `LISTEN` when the port is not to be had. */
export async function listenUsbip(
  cameras: readonly Pick<VirtualCamera, 'usb'>[],
  options: UsbipListenOptions = {},
): Promise<UsbipListener> {
  const { host, port = USBIP_PORT } = options;
  const server = new UsbipServer(cameras, options);
  const flag = '--usbip=PORT';
  const listener = await listenTcp({ host, port, flag }, (stream) => void server.serve(stream));
  return { ...listener, busIds: server.devices.map(({ busId }) => busId) };
}
