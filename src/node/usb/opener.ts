/** Registers `usb:`: cameras on this computer's USB. */
import { registerOpener } from '../../camera/address.ts';
import { openPtpCamera } from '../../camera/open-ptp.ts';
import { connectUsb } from '../../ptp/index.ts';
import { USB_ADDRESS_FORM } from '../../usb/address.ts';
import { chooseUsbCamera } from '../../usb/cameras.ts';
import { nodeUsb } from './bus.ts';

registerOpener('usb', {
  form: USB_ADDRESS_FORM,
  async open(rest, address, options) {
    const camera = await chooseUsbCamera(await nodeUsb(), rest, address);
    const transport = await connectUsb({
      device: camera.device,
      name: camera.model,
      platform: process.platform,
      signal: options.signal,
    });
    return openPtpCamera(transport, camera.address, options);
  },
});
