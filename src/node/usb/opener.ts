/** Registers `usb:`: cameras on this computer's USB. */
import { registerOpener } from '../../camera/address.ts';
import { openUsbCamera } from '../../camera/open-usb.ts';
import { USB_ADDRESS_FORM } from '../../usb/address.ts';
import { chooseUsbCamera } from '../../usb/cameras.ts';

registerOpener('usb', {
  form: USB_ADDRESS_FORM,
  async open(rest, address, options) {
    // Only now: who speaks to a camera in the network need not have USB.
    const usb = options.usb ?? (await import('./bus.ts')).nodeUsb();
    const camera = await chooseUsbCamera(await usb, rest, address);
    return openUsbCamera(camera, options, process.platform);
  },
});
