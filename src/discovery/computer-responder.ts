/**
 * A computer as PowerShots look for it: they search for root devices and list those that claim to be
 * Windows. Answers could be used to flood a third party that a forged search names as its sender, so
 * they are few, and only for those in a network of this computer.
 */
import type { Clock } from '../base/time.ts';
import { WINDOWS } from './computer-description.ts';
import { interfaceOf, type NetworkInterface } from './network.ts';
import type { Endpoint } from './ports.ts';
import { ServiceType } from './service-types.ts';
import { parseSsdp } from './ssdp.ts';

export interface ComputerResponderOptions {
  uuid: string;
  /** Where the description is, as seen from a camera in the network of `own`. */
  location(own: NetworkInterface): string;
  interfaces(): readonly NetworkInterface[];
  /** Seconds for which others may keep the answer. Default 900. */
  maxAge?: number | undefined;
  /** Also answer searches for everything. Cameras do not send them. */
  answerAll?: boolean | undefined;
  clock: Clock;
  onSearch?: ((from: Endpoint) => void) | undefined;
  /** Why something is not answered; once a second for each reason. */
  onRefused?: ((reason: string, from: Endpoint) => void) | undefined;
}

const WINDOW_MS = 1000;
/** Answers a second to one address, and to all. */
const PER_SOURCE = 5;
const IN_TOTAL = 20;

export class ComputerResponder {
  #options: ComputerResponderOptions;
  #windowEnds = Number.NEGATIVE_INFINITY;
  #answered = new Map<string, number>();
  #total = 0;
  #told = new Set<string>();

  constructor(options: ComputerResponderOptions) {
    this.#options = options;
  }

  /** The datagram to send back, if any. Never throws, whatever came. */
  answer(bytes: Uint8Array, from: Endpoint): Uint8Array | undefined {
    this.#turnWindow();
    const message = parseSsdp(bytes);
    if (message === undefined) {
      // Who begins like a search and is none: oversized, without a type, garbled.
      if (startsAsSearch(bytes)) this.#refuse('a search that is malformed', from);
      return undefined;
    }
    const type = message.headers.get('st');
    if (message.kind !== 'search') return undefined;
    if (type !== ServiceType.RootDevice && !(this.#options.answerAll && type === ServiceType.All)) {
      return undefined;
    }
    const own = interfaceOf(from.address, this.#options.interfaces());
    if (!own || from.port === 0) return this.#refuse('a search from another network', from);
    const before = this.#answered.get(from.address) ?? 0;
    if (before >= PER_SOURCE || this.#total >= IN_TOTAL) {
      return this.#refuse('more searches than a camera sends', from);
    }
    this.#answered.set(from.address, before + 1);
    this.#total++;
    this.#options.onSearch?.(from);
    return this.#compose(own);
  }

  /** Header by header what reyalp's ptpip-canon-upnp-helper sends, which cameras are known to take. */
  #compose(own: NetworkInterface): Uint8Array {
    const { uuid, location, maxAge = 900 } = this.#options;
    return new TextEncoder().encode(
      [
        'HTTP/1.1 200 OK',
        `ST: ${ServiceType.RootDevice}`,
        `USN: uuid:${uuid}::${ServiceType.RootDevice}`,
        `LOCATION: ${location(own)}`,
        `Cache-Control: max-age=${maxAge}`,
        `Server:${WINDOWS}`,
        'Ext: ',
        '\r\n',
      ].join('\r\n'),
    );
  }

  #refuse(reason: string, from: Endpoint): undefined {
    if (this.#told.has(reason)) return;
    this.#told.add(reason);
    this.#options.onRefused?.(reason, from);
  }

  #turnWindow(): void {
    const now = this.#options.clock.now();
    if (now < this.#windowEnds) return;
    this.#windowEnds = now + WINDOW_MS;
    this.#answered.clear();
    this.#total = 0;
    this.#told.clear();
  }
}

const SEARCH = new TextEncoder().encode('M-SEARCH');

function startsAsSearch(bytes: Uint8Array): boolean {
  return SEARCH.every((byte, i) => bytes[i] === byte);
}
