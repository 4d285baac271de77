/** IPv4 addresses: cameras use no others. */

/** One of this computer's places in a network. */
export interface NetworkInterface {
  /** "wlan0". */
  name: string;
  address: string;
  netmask: string;
}

/** As a number; undefined for what is no address in four decimal parts. */
export function parseIpv4(text: string): number | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (!match) return undefined;
  const parts = match.slice(1).map(Number);
  if (parts.some((part) => part > 255)) return undefined;
  return parts.reduce((value, part) => value * 256 + part, 0);
}

/** The interface in whose network an address is; none for one that no host can have there. */
export function interfaceOf(
  address: string,
  interfaces: readonly NetworkInterface[],
): NetworkInterface | undefined {
  const value = parseIpv4(address);
  if (value === undefined) return undefined;
  return interfaces.find((own) => {
    const at = parseIpv4(own.address);
    const mask = parseIpv4(own.netmask);
    if (at === undefined || mask === undefined || (value & mask) !== (at & mask)) return false;
    const host = (value & ~mask) >>> 0;
    // Networks of two or one addresses have no broadcast.
    return ~mask >>> 0 < 2 || (host !== 0 && host !== ~mask >>> 0);
  });
}

const within = (value: number, network: string, bits: number) =>
  value >>> (32 - bits) === (parseIpv4(network) ?? 0) >>> (32 - bits);

/** Addresses that no router passes on: those of homes, and link-local ones. */
export function isPrivate(address: string): boolean {
  const value = parseIpv4(address);
  if (value === undefined) return false;
  return (
    within(value, '10.0.0.0', 8) ||
    within(value, '172.16.0.0', 12) ||
    within(value, '192.168.0.0', 16) ||
    within(value, '169.254.0.0', 16)
  );
}

export function isLoopback(address: string): boolean {
  const value = parseIpv4(address);
  return value !== undefined && within(value, '127.0.0.0', 8);
}
