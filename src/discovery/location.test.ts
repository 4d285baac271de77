import { expect, it } from 'vitest';
import { checkLocation } from './location.ts';
import { interfaceOf } from './network.ts';

const OWN = [
  { name: 'wlan0', address: '192.168.1.10', netmask: '255.255.255.0' },
  { name: 'eth0', address: '131.1.2.3', netmask: '255.255.0.0' },
];

it.each([
  ['http://192.168.1.20:49152/upnp/CameraDevDesc.xml', '192.168.1.20', undefined],
  ['http://169.254.3.4/CameraDevDesc.xml', '169.254.3.4', undefined],
  // A public address, but of a network that this computer is in.
  ['http://131.1.9.9:49152/x', '131.1.9.9', undefined],
  ['http://127.0.0.1:49152/x', '127.0.0.1', 'points to this computer itself'],
  ['http://127.9.9.9:49152/x', '192.168.1.20', 'points to this computer itself'],
  ['http://192.168.1.1/admin', '192.168.1.20', 'points to 192.168.1.1, but'],
  ['http://8.8.8.8/x', '8.8.8.8', 'is in no network of this computer'],
  ['http://router.local/x', '192.168.1.20', 'names the host router.local'],
  ['http://3232235796/x', '192.168.1.20', 'names the host 3232235796'],
  ['http://0300.0250.1.20/x', '192.168.1.20', 'names the host'],
  ['http://user@192.168.1.20/x', '192.168.1.20', 'is no plain http address'],
  ['http://192.168.1.20@8.8.8.8/x', '192.168.1.20', 'is no plain http address'],
  ['https://192.168.1.20/x', '192.168.1.20', 'is no plain http address'],
  ['file:///etc/passwd', '192.168.1.20', 'is no plain http address'],
  ['http://192.168.1.20:0/x', '192.168.1.20', 'has no port that exists'],
  ['http://192.168.1.20:99999/x', '192.168.1.20', 'is no plain http address'],
  ['http://192.168.1.20', '192.168.1.20', 'is no plain http address'],
  ['http://192.168.1.20/a b', '192.168.1.20', 'is no plain http address'],
  ['http://192.168.1.20/\r\nX: y', '192.168.1.20', 'is no plain http address'],
  [`http://192.168.1.20/${'x'.repeat(256)}`, '192.168.1.20', 'is too long'],
  ['', '192.168.1.20', 'is no plain http address'],
])('LOCATION %j from %s: %s', (location, sender, why) => {
  const checked = checkLocation(location, sender, OWN);
  if (why === undefined) expect(checked).toEqual({ url: new URL(location) });
  else expect(checked).toEqual({ refused: expect.stringContaining(why) });
});

it.each([
  ['192.168.1.20', 'wlan0'],
  ['192.168.1.255', undefined],
  ['192.168.1.0', undefined],
  ['131.1.255.254', 'eth0'],
  ['239.255.255.250', undefined],
  ['0.0.0.0', undefined],
  ['::1', undefined],
  ['192.168.1.256', undefined],
])('%s is in the network of %s', (address, name) => {
  expect(interfaceOf(address, OWN)?.name).toBe(name);
});
