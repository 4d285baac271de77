/** What the data of several bodies from before PTP are made of. */
import { parseHex } from '../../bytes/index.ts';
import type { ValueList } from '../../canon/normal/index.ts';
import type { UsbIdentity } from './model.ts';

const VENDOR = { class: 0xff, subclass: 0xff, protocol: 0xff } as const;

/** As a PowerShot G3 describes itself; the others are taken to do alike. */
export function normalUsb(
  own: Pick<UsbIdentity, 'productId' | 'version' | 'controlPacketSize'>,
): UsbIdentity {
  return {
    release: 0x0001,
    manufacturer: 'Canon Inc.',
    product: 'Canon Digital Camera',
    attributes: 0xc0,
    milliamperes: 100,
    deviceClass: VENDOR,
    interfaceClass: VENDOR,
    interrupt: { packetSize: 64, interval: 96 },
    ...own,
  };
}

export function hexBytes(text: string): Uint8Array {
  const bytes = parseHex(text);
  if (!bytes) throw new RangeError(`this is not hexadecimal: ${text}`);
  return bytes;
}

export const bytesList = (...values: number[]): ValueList => ({ width: 1, values });
export const wordsList = (...values: number[]): ValueList => ({ width: 2, values });

const JPEG = 1;

/** Records of format, size and quality, which are counted in bytes. */
export function formatList(sizes: readonly number[], qualities: readonly number[]): ValueList {
  const records = sizes.flatMap((size) =>
    qualities.flatMap((quality) => [JPEG, size, quality, 0xff, 0xff, 0xff]),
  );
  return { width: 1, values: records };
}

/** +2 to -2 in thirds, of bodies before class 6. */
export const COMPENSATIONS: readonly number[] = [
  0x08, 0x0b, 0x0d, 0x10, 0x13, 0x15, 0x18, 0x1b, 0x1d, 0x20, 0x23, 0x25, 0x28,
];
