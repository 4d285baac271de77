/** Bundled into a page by test/peers/webusb.test.ts: a virtual camera in place of `navigator.usb`. */
import {
  createUsbBus,
  createVirtualCamera,
  MemoryCard,
  patternContent,
} from '../../src/virtual/index.ts';

const card = new MemoryCard();
card.addFile('DCIM/100CANON/2U4A0001.MP4', patternContent(5_000_123), 1);
const camera = createVirtualCamera('eos-r6', { card });
const usb = createUsbBus([camera], { granted: false, transfers: false });
Object.defineProperty((globalThis as { navigator?: object }).navigator, 'usb', {
  value: usb,
  configurable: true,
});
Object.assign(globalThis, { virtualCamera: camera });
