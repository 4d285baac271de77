/** A network of this computer for a virtual camera to be in. */
import type { NetworkInterface } from '../discovery/index.ts';
import type { VirtualCamera, WifiPorts } from '../virtual/index.ts';
import { httpGet, serveHttp } from './http.ts';
import { openMdns } from './mdns.ts';
import { listenSsdp, openSsdp } from './multicast.ts';
import { listenTcp } from './tcp.ts';

/** Where Canon's bodies have their description. */
const DESCRIPTION_PORT = 49152;

export interface VirtualWifiOptions {
  own: NetworkInterface;
  /** Of PTP/IP; discovery does not tell it, so others than 15740 are for addresses typed in. */
  port: number;
}

export function wifiPorts(
  camera: Pick<VirtualCamera, 'servePtpIp'>,
  { own, port }: VirtualWifiOptions,
): WifiPorts {
  const host = own.address;
  return {
    address: host,
    get: httpGet,
    async openSsdp(onDatagram) {
      const speaker = await openSsdp(own, onDatagram);
      const listener = await listenSsdp({ interfaces: () => [own], onDatagram }).catch(
        async (error: unknown) => {
          await speaker.close();
          throw error;
        },
      );
      return {
        send: (bytes, to) => speaker.send(bytes, to),
        close: async () => void (await Promise.all([speaker.close(), listener.close()])),
      };
    },
    openMdns: (onMessage) => openMdns(own, onMessage),
    // Two cameras on one computer: the second tells of another port.
    serveHttp: (handler) =>
      serveHttp({ host, port: DESCRIPTION_PORT }, handler).catch(() =>
        serveHttp({ host, port: 0 }, handler),
      ),
    listen: () => listenTcp({ host, port }, (stream) => void camera.servePtpIp(stream)),
  };
}
