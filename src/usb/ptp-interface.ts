/** Which interface of a USB device speaks PTP, and by which endpoints. */
import type { UsbAlternate, UsbConfiguration, UsbDevice, UsbEndpoint } from './port.ts';

export interface PtpInterface {
  configurationValue: number;
  interfaceNumber: number;
  alternateSetting: number;
  bulkIn: UsbEndpoint;
  bulkOut: UsbEndpoint;
  /** The class requires it; a device that has none sends no events. */
  interruptIn: UsbEndpoint | undefined;
}

/** Still image, capture, PIMA 15740: what every PTP camera of Canon's shows. */
const STILL_IMAGE = 6;
const VENDOR_SPECIFIC = 0xff;

/**
 * The first interface of class 6/1/1 of the active configuration, or of any where none is active.
 * Failing that, one of a vendor's class with just the endpoints that PTP needs, as some MTP players
 * have it. Undefined: this device speaks no PTP.
 */
export function findPtpInterface(
  device: Pick<UsbDevice, 'configuration' | 'configurations'>,
): PtpInterface | undefined {
  return findStillImage(device) ?? find(activeOf(device), isLikePtp);
}

/** The interface of class 6/1/1 alone: such a device says itself that it speaks PTP. */
export function findStillImage(
  device: Pick<UsbDevice, 'configuration' | 'configurations'>,
): PtpInterface | undefined {
  return find(activeOf(device), isStillImage);
}

function activeOf({
  configuration,
  configurations,
}: Pick<UsbDevice, 'configuration' | 'configurations'>): readonly UsbConfiguration[] {
  return configuration ? [configuration] : configurations;
}

function find(
  configurations: readonly UsbConfiguration[],
  fits: (alternate: UsbAlternate) => boolean,
): PtpInterface | undefined {
  for (const { configurationValue, interfaces } of configurations) {
    for (const { interfaceNumber, alternates } of interfaces) {
      for (const alternate of alternates) {
        if (!fits(alternate)) continue;
        const { alternateSetting, endpoints } = alternate;
        const bulkIn = endpoint(endpoints, 'bulk', 'in');
        const bulkOut = endpoint(endpoints, 'bulk', 'out');
        if (!bulkIn || !bulkOut) continue;
        const interruptIn = endpoint(endpoints, 'interrupt', 'in');
        return {
          configurationValue,
          interfaceNumber,
          alternateSetting,
          bulkIn,
          bulkOut,
          interruptIn,
        };
      }
    }
  }
  return undefined;
}

function isStillImage(alternate: UsbAlternate): boolean {
  return (
    alternate.interfaceClass === STILL_IMAGE &&
    alternate.interfaceSubclass === 1 &&
    alternate.interfaceProtocol === 1
  );
}

function isLikePtp({ interfaceClass, endpoints }: UsbAlternate): boolean {
  if (interfaceClass !== VENDOR_SPECIFIC && interfaceClass !== STILL_IMAGE) return false;
  return endpoints.length === 3 && endpoint(endpoints, 'interrupt', 'in') !== undefined;
}

function endpoint(
  endpoints: readonly UsbEndpoint[],
  type: UsbEndpoint['type'],
  direction: UsbEndpoint['direction'],
): UsbEndpoint | undefined {
  return endpoints.find(
    (candidate) =>
      candidate.type === type && candidate.direction === direction && candidate.packetSize > 0,
  );
}
