/** From frames of networks to TCP segments and UDP datagrams. */
import type { Frame } from './frames.ts';

/** Both are valid during the call. */
export interface NetworkListener {
  segment(segment: Segment): void;
  datagram(packet: Packet, sourcePort: number, destinationPort: number, payload: Uint8Array): void;
}

export interface Packet {
  readonly time: number;
  /** 4 or 16 bytes. */
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  /** Time to live, or hop limit. */
  readonly hops: number;
}

export interface Segment {
  readonly packet: Packet;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly sequence: number;
  /** Undefined without the ACK flag. */
  readonly acknowledged: number | undefined;
  readonly syn: boolean;
  readonly fin: boolean;
  readonly rst: boolean;
  /** As captured. */
  readonly payload: Uint8Array;
  /** As sent: more than captured where the frame was cut. */
  readonly size: number;
}

const LinkType = {
  Null: 0,
  Ethernet: 1,
  RawIp: [12, 101, 228, 229],
  Loop: 108,
  LinuxCooked: 113,
  LinuxCooked2: 276,
} as const;

const ETHERTYPES: Readonly<Record<number, string>> = { 2054: 'arp' };
const IPV4 = 0x0800;
const IPV6 = 0x86dd;
const VLAN: readonly number[] = [0x8100, 0x88a8, 0x9100];
const TCP = 6;
const UDP = 17;
const PROTOCOLS: Readonly<Record<number, string>> = { 1: 'icmp', 58: 'icmpv6' };
/** Hop-by-hop, routing, destination options, mobility: all give their length the same way. */
const EXTENSIONS: readonly number[] = [0, 43, 60, 135];
const FRAGMENT = 44;

/** What the frame is: "tcp", "udp", "arp", "ip2"; undefined where the link type is not one of these. */
export function readNetwork(frame: Frame, listener: NetworkListener): string | undefined {
  const { linkType, bytes } = frame;
  if (linkType === LinkType.Ethernet) return readEthernet(frame, listener);
  if ((LinkType.RawIp as readonly number[]).includes(linkType)) return readIp(frame, 0, listener);
  if (linkType === LinkType.Null || linkType === LinkType.Loop) return readIp(frame, 4, listener);
  if (linkType === LinkType.LinuxCooked) {
    return bytes.length < 16 ? 'cut' : readType(frame, u16(bytes, 14), 16, listener);
  }
  if (linkType === LinkType.LinuxCooked2) {
    return bytes.length < 20 ? 'cut' : readType(frame, u16(bytes, 0), 20, listener);
  }
  return undefined;
}

function readEthernet(frame: Frame, listener: NetworkListener): string {
  const { bytes } = frame;
  let at = 12;
  while (bytes.length >= at + 2 && VLAN.includes(u16(bytes, at))) at += 4;
  if (bytes.length < at + 2) return 'cut';
  return readType(frame, u16(bytes, at), at + 2, listener);
}

function readType(frame: Frame, type: number, at: number, listener: NetworkListener): string {
  if (type === IPV4 || type === IPV6) return readIp(frame, at, listener);
  // Smaller ones are lengths, before a head of Logical Link Control.
  if (type < 0x0600) return 'llc';
  return ETHERTYPES[type] ?? `ethertype 0x${type.toString(16).padStart(4, '0')}`;
}

function readIp(frame: Frame, at: number, listener: NetworkListener): string {
  const version = (frame.bytes[at] ?? 0) >> 4;
  if (version === 4) return readIpv4(frame, at, listener);
  return version === 6 ? readIpv6(frame, at, listener) : 'cut';
}

function readIpv4({ time, bytes }: Frame, at: number, listener: NetworkListener): string {
  const headSize = ((bytes[at] ?? 0) & 0x0f) * 4;
  if (headSize < 20 || bytes.length < at + headSize) return 'cut';
  // 0 where the network card cuts large packets itself.
  const total = u16(bytes, at + 2) || bytes.length - at;
  const protocol = bytes[at + 9] ?? 0;
  const packet = {
    time,
    source: bytes.subarray(at + 12, at + 16),
    destination: bytes.subarray(at + 16, at + 20),
    hops: bytes[at + 8] ?? 0,
  };
  // More to come, or behind the first.
  if ((u16(bytes, at + 6) & 0x3fff) !== 0) return 'fragment';
  return readProtocol(protocol, packet, bytes, at + headSize, at + total, listener);
}

function readIpv6({ time, bytes }: Frame, at: number, listener: NetworkListener): string {
  if (bytes.length < at + 40) return 'cut';
  const end = at + 40 + (u16(bytes, at + 4) || bytes.length - at - 40);
  const packet = {
    time,
    source: bytes.subarray(at + 8, at + 24),
    destination: bytes.subarray(at + 24, at + 40),
    hops: bytes[at + 7] ?? 0,
  };
  let protocol = bytes[at + 6] ?? 0;
  let from = at + 40;
  while (EXTENSIONS.includes(protocol)) {
    if (bytes.length < from + 8) return 'cut';
    protocol = bytes[from] ?? 0;
    from += 8 * ((bytes[from + 1] ?? 0) + 1);
  }
  if (protocol === FRAGMENT) return 'fragment';
  return readProtocol(protocol, packet, bytes, from, end, listener);
}

function readProtocol(
  protocol: number,
  packet: Packet,
  bytes: Uint8Array,
  from: number,
  end: number,
  listener: NetworkListener,
): string {
  if (protocol === TCP) return readTcp(packet, bytes, from, end, listener);
  if (protocol === UDP) return readUdp(packet, bytes, from, end, listener);
  return PROTOCOLS[protocol] ?? `ip${protocol}`;
}

function readTcp(
  packet: Packet,
  bytes: Uint8Array,
  at: number,
  end: number,
  listener: NetworkListener,
): string {
  if (bytes.length < at + 20) return 'cut';
  const view = new DataView(bytes.buffer, bytes.byteOffset + at);
  const from = at + (view.getUint8(12) >> 4) * 4;
  if (from < at + 20 || from > end) return 'cut';
  const flags = view.getUint8(13);
  listener.segment({
    packet,
    sourcePort: view.getUint16(0),
    destinationPort: view.getUint16(2),
    sequence: view.getUint32(4),
    acknowledged: flags & 0x10 ? view.getUint32(8) : undefined,
    syn: (flags & 0x02) !== 0,
    fin: (flags & 0x01) !== 0,
    rst: (flags & 0x04) !== 0,
    payload: bytes.subarray(from, end),
    size: end - from,
  });
  return 'tcp';
}

function readUdp(
  packet: Packet,
  bytes: Uint8Array,
  at: number,
  end: number,
  listener: NetworkListener,
): string {
  if (bytes.length < at + 8) return 'cut';
  const size = u16(bytes, at + 4);
  const to = size >= 8 ? Math.min(end, at + size) : end;
  const payload = bytes.subarray(at + 8, to);
  listener.datagram(packet, u16(bytes, at), u16(bytes, at + 2), payload);
  return 'udp';
}

/** Networks send the high byte first. */
function u16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

/** "192.168.0.46", "fe80::1". */
export function addressText(address: Uint8Array): string {
  if (address.length === 4) return address.join('.');
  const groups = Array.from({ length: 8 }, (_, i) => u16(address, 2 * i));
  const [from, length] = longestZeros(groups);
  const text = groups.map((group) => group.toString(16));
  if (length < 2) return text.join(':');
  return `${text.slice(0, from).join(':')}::${text.slice(from + length).join(':')}`;
}

function longestZeros(groups: readonly number[]): [from: number, length: number] {
  let best: [number, number] = [0, 0];
  for (let from = 0; from < groups.length; from++) {
    let length = 0;
    while (groups[from + length] === 0) length++;
    if (length > best[1]) best = [from, length];
  }
  return best;
}
