/** Traffic to what it means: finds the links that speak PTP, and what lets cameras be found. */
import { canonNames } from '../../canon/ptp/index.ts';
import type { Connection, Datagram, Traffic, UsbPlace } from '../traffic.ts';
import { HttpConversation } from './http-conversation.ts';
import { connectionName, IpConversation } from './ip-conversation.ts';
import { Ledger } from './ledger.ts';
import { readMdns } from './mdns.ts';
import { NormalConversation } from './normal-conversation.ts';
import { Relevance } from './relevance.ts';
import type { DecodeOptions, HttpExchange, Link, MdnsMessage, Seen, SsdpMessage } from './seen.ts';
import { readSsdp } from './ssdp.ts';
import { UsbConversation } from './usb-conversation.ts';

/** What no decoder knows: other programs, encrypted traffic, devices that are no cameras. */
export interface Unrelated {
  connections: number;
  datagrams: number;
  /** On USB. */
  devices: number;
  /** Of all of these. */
  bytes: number;
}

export interface DecodeStatistics {
  /** Of PTP/IP and containers of USB, by "initiator to responder OperationRequest". */
  readonly packets: Map<string, number>;
  readonly unrelated: Unrelated;
}

interface WatchedConnection {
  readonly ptp: IpConversation;
  readonly http: HttpConversation;
  bytes: number;
}

interface WatchedDevice {
  readonly ptp: UsbConversation;
  readonly normal: NormalConversation;
  bytes: number;
}

export class Decoder {
  readonly statistics: DecodeStatistics = {
    packets: new Map(),
    unrelated: { connections: 0, datagrams: 0, devices: 0, bytes: 0 },
  };
  #emit: (seen: Seen) => void;
  #options: DecodeOptions;
  #connections = new Map<Connection, WatchedConnection>();
  #devices = new Map<UsbPlace, WatchedDevice>();
  /** By hosts and the number that the camera gave: where an event connection belongs. */
  #sessions = new Map<string, Ledger>();
  #links = 0;
  #relevance = new Relevance();

  constructor(emit: (seen: Seen) => void, options: DecodeOptions = {}) {
    this.#emit = emit;
    this.#options = options;
  }

  push(traffic: Traffic): void {
    switch (traffic.kind) {
      case 'usb': {
        const watched = this.#device(traffic.place);
        watched.bytes += traffic.size;
        if (!watched.ptp.known) watched.normal.transfer(traffic);
        if (!watched.normal.known) watched.ptp.transfer(traffic);
        return;
      }
      case 'datagram':
        this.#datagram(traffic);
        return;
      case 'open':
        this.#connection(traffic.connection);
        return;
      case 'bytes': {
        const { time, connection, fromClient, bytes } = traffic;
        const watched = this.#connection(connection);
        watched.bytes += bytes.length;
        if (!watched.http.known) watched.ptp.bytes(time, fromClient, bytes);
        if (!watched.ptp.known) watched.http.bytes(time, fromClient, bytes);
        return;
      }
      case 'hole': {
        const watched = this.#connection(traffic.connection);
        watched.ptp.hole(traffic.time, traffic.fromClient, traffic.size);
        watched.http.hole();
        return;
      }
      case 'close':
        this.#close(traffic.connection);
    }
  }

  /** The capture ends: so does all that is under way. */
  end(): void {
    for (const connection of [...this.#connections.keys()]) this.#close(connection);
    for (const { ptp, normal, bytes } of this.#devices.values()) {
      ptp.end();
      normal.end();
      if (ptp.known || normal.known) continue;
      this.statistics.unrelated.devices++;
      this.statistics.unrelated.bytes += bytes;
    }
    this.#devices.clear();
  }

  #connection(connection: Connection): WatchedConnection {
    let watched = this.#connections.get(connection);
    if (!watched) {
      watched = {
        ptp: new IpConversation(connection, {
          emit: this.#emit,
          packet: this.#count,
          ledger: (...args) => this.#ledger(...args),
          eventLedger: (at, isClient, number) =>
            this.#sessions.get(sessionKey(at, number)) ?? this.#ledger(at, isClient),
          sessionNumber: (at, number, ledger) => {
            this.#sessions.set(sessionKey(at, number), ledger);
          },
        }),
        http: new HttpConversation(connection, (exchange) => this.#told(exchange)),
        bytes: 0,
      };
      this.#connections.set(connection, watched);
    }
    return watched;
  }

  #close(connection: Connection): void {
    const watched = this.#connections.get(connection);
    if (!watched) return;
    this.#connections.delete(connection);
    watched.ptp.end();
    watched.http.end();
    if (watched.ptp.known || watched.http.relevant || watched.bytes === 0) return;
    this.statistics.unrelated.connections++;
    this.statistics.unrelated.bytes += watched.bytes;
  }

  #device(place: UsbPlace): WatchedDevice {
    let watched = this.#devices.get(place);
    if (!watched) {
      const number = (value: number) => String(value).padStart(3, '0');
      const name = `usb:${number(place.bus)},${number(place.device)}`;
      watched = {
        ptp: new UsbConversation({
          emit: this.#emit,
          packet: this.#count,
          ledger: () => this.#newLedger('usb', name),
        }),
        normal: new NormalConversation({
          emit: this.#emit,
          packet: this.#count,
          link: () => this.#newLink('usb', name),
        }),
        bytes: 0,
      };
      this.#devices.set(place, watched);
    }
    return watched;
  }

  #datagram(datagram: Datagram): void {
    const message = readSsdp(datagram) ?? readMdns(datagram);
    if (message && this.#told(message)) return;
    this.statistics.unrelated.datagrams++;
    this.statistics.unrelated.bytes += datagram.bytes.length;
  }

  /** Passes a message on where it has to do with cameras. */
  #told(message: SsdpMessage | MdnsMessage | HttpExchange): boolean {
    const relevant = this.#relevance.of(message);
    if (relevant) this.#emit(message);
    return relevant;
  }

  #ledger(connection: Connection, initiatorIsClient: boolean): Ledger {
    const { client, server } = connection;
    this.#relevance.camera((initiatorIsClient ? server : client).address);
    return this.#newLedger('ptpip', connectionName(connection, initiatorIsClient));
  }

  #newLedger(kind: Link['kind'], name: string): Ledger {
    const link = this.#newLink(kind, name);
    return new Ledger(link, this.#options, this.#emit);
  }

  #newLink(kind: Link['kind'], name: string): Link {
    const id = ++this.#links;
    return { ...{ kind, id, name, names: canonNames, deviceInfo: undefined } };
  }

  #count = (fromInitiator: boolean, name: string): void => {
    const way = fromInitiator ? 'initiator to responder' : 'responder to initiator';
    const key = `${way} ${name}`;
    const { packets } = this.statistics;
    packets.set(key, (packets.get(key) ?? 0) + 1);
  };
}

function sessionKey({ client, server }: Connection, number: number): string {
  return `${[client.address, server.address].sort().join(' ')} ${number}`;
}

/** All that `traffic` means, in its order; the statistics are complete when that has ended. */
export function decodeTraffic(
  traffic: AsyncIterable<Traffic>,
  options: DecodeOptions = {},
): { seen: AsyncIterable<Seen>; statistics: DecodeStatistics } {
  const queue: Seen[] = [];
  const decoder = new Decoder((item) => queue.push(item), options);
  return { seen: all(), statistics: decoder.statistics };

  async function* all(): AsyncGenerator<Seen, void, undefined> {
    for await (const item of traffic) {
      decoder.push(item);
      if (queue.length > 0) yield* queue.splice(0);
    }
    decoder.end();
    yield* queue.splice(0);
  }
}
