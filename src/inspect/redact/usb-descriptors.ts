/** Descriptors of USB devices (USB 2.0, 9.6): the text of the serial number, masked in place. */
import type { UsbPlace, UsbTransfer } from '../traffic.ts';
import { maskText16 } from './mask.ts';

const GET_DESCRIPTOR = 6;
const DEVICE = 1;
const STRING = 3;
/** Where the device's descriptor has the number of the text. */
const SERIAL_INDEX = 16;
/** What most devices number it, where their descriptor was not seen. */
const USUAL_INDEX = 3;

export class UsbDescriptors {
  #serials = new WeakMap<UsbPlace, number>();

  mask({ place, setup, bytes }: UsbTransfer): void {
    if (setup?.requestType !== 'standard' || setup.request !== GET_DESCRIPTOR) return;
    const type = setup.value >> 8;
    const index = setup.value & 0xff;
    const serial = bytes[SERIAL_INDEX];
    if (type === DEVICE && serial !== undefined) this.#serials.set(place, serial);
    const wanted = this.#serials.get(place) ?? USUAL_INDEX;
    if (type === STRING && index !== 0 && index === wanted) maskText16(bytes.subarray(2));
  }
}
