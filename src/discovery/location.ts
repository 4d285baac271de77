/**
 * LOCATION says where a device's description is. Anybody in the network may announce anything: this
 * computer must not be made to fetch from a router's pages, from itself, or from a third party.
 */
import { interfaceOf, isLoopback, isPrivate, type NetworkInterface, parseIpv4 } from './network.ts';

const PATH_LIMIT = 256;

/** The address to fetch from, or why nothing is fetched. */
export function checkLocation(
  location: string,
  sender: string,
  interfaces: readonly NetworkInterface[],
): { url: URL } | { refused: string } {
  const refused = (why: string) => ({ refused: `LOCATION ${why}` });
  const match = /^http:\/\/([^/:@?#]+)(?::(\d{1,5}))?(\/[!-~]*)$/.exec(location);
  const [, host = '', port = '80', path = ''] = match ?? [];
  if (!match || !URL.canParse(location)) return refused('is no plain http address');
  if (Number(port) < 1 || Number(port) > 65535) return refused('has no port that exists');
  if (path.length > PATH_LIMIT) return refused('is too long');
  if (parseIpv4(host) === undefined) return refused(`names the host ${host}, not an address`);
  if (isLoopback(host)) return refused('points to this computer itself');
  if (host !== sender) return refused(`points to ${host}, but ${sender} sent it`);
  if (!isPrivate(host) && !interfaceOf(host, interfaces)) {
    return refused(`points to ${host}, which is in no network of this computer`);
  }
  return { url: new URL(location) };
}
