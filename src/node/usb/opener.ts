/** Registers `usb:`: cameras on this computer's USB. */
import { registerOpener } from '../../camera/address.ts';
import { openPtpCamera } from '../../camera/open-ptp.ts';
import { connectUsb } from '../../ptp/index.ts';
import { USB_ADDRESS_FORM } from '../../usb/address.ts';
import { chooseUsbCamera, requirePtp } from '../../usb/cameras.ts';

registerOpener('usb', {
  form: USB_ADDRESS_FORM,
  async open(rest, address, options) {
    // Only now: who speaks to a camera in the network need not have USB.
    const { nodeUsb } = await import('./bus.ts');
    const camera = await chooseUsbCamera(await nodeUsb(), rest, address);
    requirePtp(camera);
    const transport = await connectUsb({
      device: options.traffic?.usb(camera.device) ?? camera.device,
      name: camera.model,
      platform: process.platform,
      signal: options.signal,
    });
    return openPtpCamera(transport, camera.address, options);
  },
});
