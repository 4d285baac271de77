/** Registers `virtual:MODEL`: a camera made in this process, spoken to by PTP/IP through a pipe. */
import { memoryPipe } from '../base/byte-stream.ts';
import { registerOpener } from '../camera/address.ts';
import { openPtpCamera } from '../camera/open-ptp.ts';
import { connectIp, makeGuid } from '../ptp/index.ts';

registerOpener('virtual', {
  form: 'virtual:MODEL',
  async open(model, address, options) {
    // Only now: who speaks to a real camera need not wait until all of this one is loaded.
    const { createVirtualCamera } = await import('./virtual-camera.ts');
    const virtual = createVirtualCamera(model);
    try {
      const transport = await connectIp({
        connect: async () => {
          const [here, there] = memoryPipe(address, 'hotshoe');
          void virtual.servePtpIp(there);
          return options.traffic?.stream(here) ?? here;
        },
        // Nobody else can reach this camera, so it need not be kept secret or remembered.
        guid: makeGuid(new Uint8Array(6)),
        name: 'hotshoe',
        ...options,
      });
      void transport.closed.then(() => virtual.close());
      return await openPtpCamera(transport, address, options);
    } catch (error) {
      await virtual.close();
      throw error;
    }
  },
});
