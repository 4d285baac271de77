/** No server: the library in this page, cameras by WebUSB, and the API as a function. */
import { makeApi } from '../../src/api/app.ts';
import { Cameras } from '../../src/api/cameras.ts';
import { connectPlugged } from '../../src/api/plugged.ts';
import type { Available } from '../../src/api/schemas.ts';
import { findUsbCameras, lastingAddress } from '../../src/usb/cameras.ts';
import '../../src/virtual/opener.ts';
import { browserUsb, open, requestUsbCamera, type WebUsb } from '../../src/web/index.ts';
import type { Transport } from './client.ts';

export async function localTransport(): Promise<Transport> {
  const usb = 'usb' in navigator ? browserUsb() : undefined;
  const cameras = new Cameras({ open, available: () => available(usb) });
  const api = makeApi({ cameras });
  if (usb) await connectPlugged(cameras, usb, new AbortController().signal);
  addEventListener('pagehide', () => void cameras.close());
  return {
    local: true,
    fetch: async (path, init) => api.fetch(new Request(new URL(path, location.href), init)),
    ...(usb && {
      async chooseUsb() {
        const chosen = await requestUsbCamera(usb);
        if (chosen) cameras.connect(lastingAddress(chosen, await findUsbCameras(usb)));
      },
    }),
  };
}

async function available(usb: WebUsb | undefined): Promise<Available[]> {
  const plugged = usb ? await findUsbCameras(usb) : [];
  // Whoever has a camera need not wait for those that are made up.
  const { virtualModels } = await import('../../src/virtual/models/index.ts');
  return [
    ...plugged.map((camera) => ({
      address: lastingAddress(camera, plugged),
      model: camera.model,
      virtual: false,
      note: camera.protocol === 'ptp' ? null : 'It speaks the protocol from before PTP.',
    })),
    ...virtualModels.map(({ id, name }) => ({
      address: `virtual:${id}`,
      model: name,
      virtual: true,
      note: null,
    })),
  ];
}
