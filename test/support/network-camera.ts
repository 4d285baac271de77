/** A virtual camera in the network of this computer. */
import { listenTcp } from '../../src/node/tcp.ts';
import type { VirtualCamera } from '../../src/virtual/index.ts';

export interface NetworkCamera {
  /** "ptpip://127.0.0.1:40123". */
  address: string;
  /** Nobody can connect any more; who is connected stays so. */
  stopListening(): Promise<void>;
  /** Ends the camera, too. */
  close(): Promise<void>;
}

export async function inNetwork(camera: VirtualCamera): Promise<NetworkCamera> {
  const server = await listenTcp({ port: 0 }, (stream) => void camera.servePtpIp(stream));
  return {
    address: `ptpip://127.0.0.1:${server.port}`,
    stopListening: () => server.close(),
    async close() {
      await server.close();
      await camera.close();
    },
  };
}
