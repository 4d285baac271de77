/** The transactions of a recording, in the form in which they can be given again. */
import { HotshoeError } from '../../base/errors.ts';
import { decodeTraffic, type Link, type Seen } from '../../inspect/index.ts';
import type { Traffic } from '../../inspect/traffic.ts';
import { type DeviceInfo, decodePacket, PacketType } from '../../ptp/index.ts';

export interface RecordedEvent {
  readonly code: number;
  readonly params: readonly number[];
}

export interface Recorded {
  readonly code: number;
  readonly params: readonly number[];
  /** What the computer sent. */
  readonly sent: Uint8Array | undefined;
  /** What the camera sent; undefined where it sent none. */
  readonly received: Uint8Array | undefined;
  readonly response: { readonly code: number; readonly params: readonly number[] };
  /** Came from the camera after this transaction and before the next. */
  readonly events: RecordedEvent[];
}

export interface Recording {
  /** How messages call it. */
  readonly name: string;
  /** How the camera was reached. */
  readonly kind: Link['kind'];
  readonly transactions: readonly Recorded[];
  readonly deviceInfo: DeviceInfo | undefined;
  /** What the camera called itself when it was connected to. */
  readonly guid: Uint8Array | undefined;
  readonly nickname: string | undefined;
  /** Transactions that cannot be given again, and why. */
  readonly left: readonly string[];
}

/** All that one transaction moves has to be in memory. */
const KEEP = 64 << 20;
/** Of all of them. */
const KEEP_ALL = 1 << 30;

/**
 * Reads the first camera of a capture. Throws a HotshoeError `INVALID_DATA` where no transaction of
 * PTP is whole.
 */
export async function readRecording(
  name: string,
  traffic: AsyncIterable<Traffic>,
): Promise<Recording> {
  let room = KEEP_ALL;
  const { seen } = decodeTraffic(traffic, { keep: () => Math.min(KEEP, room) });
  const transactions: Recorded[] = [];
  const left: string[] = [];
  let link: Link | undefined;
  let guid: Uint8Array | undefined;
  let nickname: string | undefined;
  for await (const item of seen) {
    if (!('link' in item)) continue;
    link ??= item.link;
    if (item.link !== link) continue;
    if (item.kind === 'transaction') {
      const recorded = recordedOf(item);
      if (typeof recorded === 'string') left.push(recorded);
      else transactions.push(recorded);
      room -= item.data?.bytes?.length ?? 0;
    } else if (item.kind === 'event') {
      transactions.at(-1)?.events.push({ code: item.code, params: item.params });
    } else if (item.kind === 'handshake' && item.type === PacketType.InitCommandAck) {
      const ack = decodePacket(item.packet);
      if (ack.type === PacketType.InitCommandAck) ({ guid, name: nickname } = ack);
    }
  }
  if (transactions.length === 0 || !link) {
    throw new HotshoeError('INVALID_DATA', `${name} holds no whole transaction of a camera`, {
      hint: 'See what it holds: `hotshoe inspect FILE`.',
    });
  }
  return { name, kind: link.kind, transactions, deviceInfo: link.deviceInfo, guid, nickname, left };
}

function recordedOf(seen: Extract<Seen, { kind: 'transaction' }>): Recorded | string {
  const { code, params, data, response, transactionId, cancelled } = seen;
  if (code === undefined) return `#${transactionId}: its request is not in the capture`;
  if (!response || cancelled) return `#${transactionId}: it was not answered`;
  if (data && !data.bytes) return `#${transactionId}: its data is not whole, or very large`;
  const sent = data?.direction === 'out' ? data.bytes : undefined;
  const received = data?.direction === 'in' ? data.bytes : undefined;
  return { code, params, sent, received, response, events: [] };
}
