/** SSDP (UPnP Device Architecture 1.0, 1): how cameras and computers tell of each other. */
import type { Datagram } from '../traffic.ts';
import type { SsdpMessage } from './seen.ts';
import { headerOf, readTextHead } from './text.ts';

const STARTS = /^(?:NOTIFY \*|M-SEARCH \*|HTTP\/1\.[01] 200)/;

/** Undefined where the datagram is none. Some devices leave out the empty line at the end. */
export function readSsdp(datagram: Datagram): SsdpMessage | undefined {
  const { bytes } = datagram;
  // N, M or H.
  if (bytes[0] !== 0x4e && bytes[0] !== 0x4d && bytes[0] !== 0x48) return undefined;
  const head = readTextHead(bytes) ?? readTextHead(withEnd(bytes));
  if (!head || !STARTS.test(head.start)) return undefined;
  const { start, headers } = head;
  // An answer to a search has what was searched for.
  const about = headerOf(headers, 'nt') ?? headerOf(headers, 'st') ?? headerOf(headers, 'man');
  if (about === undefined) return undefined;
  const { time, source, destination, hops } = datagram;
  return {
    ...{ kind: 'ssdp', time, hops, start, headers, size: bytes.length },
    source: `${source.address}:${source.port}`,
    destination: `${destination.address}:${destination.port}`,
  };
}

function withEnd(bytes: Uint8Array): Uint8Array {
  const ended = new Uint8Array(bytes.length + 4);
  ended.set(bytes);
  ended.set([13, 10, 13, 10], bytes.length);
  return ended;
}
