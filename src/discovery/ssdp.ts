/** SSDP (UPnP Device Architecture 1.0, section 1): text over UDP. */

export const SSDP_GROUP = '239.255.255.250';
export const SSDP_PORT = 1900;
/** Those of cameras have 342 bytes. */
const SIZE_LIMIT = 2048;
const HEADER_LIMIT = 32;

export type Headers = readonly (readonly [name: string, value: string])[];

export interface SsdpMessage {
  kind: 'search' | 'alive' | 'byebye' | 'answer';
  /** Names in lower case, of each the first value. */
  headers: ReadonlyMap<string, string>;
}

/**
 * Undefined for anything else, and for what is larger than such a message may be. Devices end lines
 * with LF alone, leave out the empty line at the end, write blanks around values: all of it is taken.
 */
export function parseSsdp(bytes: Uint8Array): SsdpMessage | undefined {
  // N, M or H: most of what comes by multicast is recognised by its first byte.
  const [first] = bytes;
  if (bytes.length > SIZE_LIMIT || (first !== 0x4e && first !== 0x4d && first !== 0x48)) {
    return undefined;
  }
  const text = new TextDecoder('latin1').decode(bytes);
  const [start = '', ...lines] = text.split(/\r?\n/);
  const headers = new Map<string, string>();
  for (const line of lines) {
    if (line === '') break;
    const colon = line.indexOf(':');
    if (colon < 1 || headers.size >= HEADER_LIMIT) return undefined;
    const name = line.slice(0, colon).trim().toLowerCase();
    if (!headers.has(name)) headers.set(name, line.slice(colon + 1).trim());
  }
  const kind = kindOf(start.trimEnd(), headers);
  return kind && { kind, headers };
}

function kindOf(
  start: string,
  headers: ReadonlyMap<string, string>,
): SsdpMessage['kind'] | undefined {
  if (start === 'M-SEARCH * HTTP/1.1') return headers.has('st') ? 'search' : undefined;
  if (/^HTTP\/1\.[01] 200(?: |$)/.test(start)) return headers.has('st') ? 'answer' : undefined;
  if (start !== 'NOTIFY * HTTP/1.1' || !headers.has('nt')) return undefined;
  const nts = headers.get('nts');
  if (nts === 'ssdp:alive') return 'alive';
  return nts === 'ssdp:byebye' ? 'byebye' : undefined;
}

/** Lines end in CR LF, an empty one is the last. */
export function formatSsdp(start: string, headers: Headers): Uint8Array {
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`);
  return new TextEncoder().encode(`${start}\r\n${lines.join('')}\r\n`);
}

/** Who has this type of service or device? Answers come within `seconds`. */
export function searchMessage(type: string, seconds: number): Uint8Array {
  return formatSsdp('M-SEARCH * HTTP/1.1', [
    ['HOST', `${SSDP_GROUP}:${SSDP_PORT}`],
    ['MAN', '"ssdp:discover"'],
    ['MX', String(seconds)],
    ['ST', type],
  ]);
}

/** "uuid:X::urn:…" -> "X", in upper case; undefined for anything else. */
export function uuidOfUsn(usn: string | undefined): string | undefined {
  const match = /^uuid:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:::.*)?$/i.exec(usn ?? '');
  return match?.[1]?.toUpperCase();
}
