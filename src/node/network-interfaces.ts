/** Where this computer is in networks that cameras could be in. */
import { networkInterfaces } from 'node:os';
import { HotshoeError } from '../base/errors.ts';
import type { NetworkInterface } from '../discovery/index.ts';

/** IPv4, without loopback. `only` is the name of one, or an address of one. */
export function ownInterfaces(only?: string): NetworkInterface[] {
  const all = Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
    addresses
      .filter(({ family, internal }) => family === 'IPv4' && !internal)
      .map(({ address, netmask }) => ({ name, address, netmask })),
  );
  return only === undefined
    ? all
    : all.filter(({ name, address }) => name === only || address === only);
}

/** The same, where without one nothing can be done. Throws UNREACHABLE or USAGE. */
export function requireInterfaces(only?: string): NetworkInterface[] {
  const found = ownInterfaces(only);
  if (found.length > 0) return found;
  const all = ownInterfaces();
  if (only !== undefined) {
    throw new HotshoeError('USAGE', `this computer has no network interface ${only}`, {
      hint: all.length > 0 ? `It has: ${all.map(named).join(', ')}.` : 'It is in no network.',
    });
  }
  throw new HotshoeError('UNREACHABLE', 'this computer is in no network', {
    hint: 'Join the network of the camera, or the one that the camera makes itself.',
  });
}

const named = ({ name, address }: NetworkInterface) => `${name} (${address})`;
