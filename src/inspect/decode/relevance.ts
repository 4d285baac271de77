/** Which messages have to do with cameras: networks are full of others. */
import type { Header, HttpExchange, MdnsMessage, SsdpMessage } from './seen.ts';

/** Canon's names for its services and hosts, and what any PTP camera announces. */
const CAMERA = /canon|ICPO-|_ptp\._tcp/i;
/** Searches that a camera answers. */
const SEARCH = /^(?:ssdp:all|upnp:rootdevice)$|canon|ICPO-/i;
const DESCRIPTION = /\/ccapi\b|\/upnp\/|\.xml\b/i;

export class Relevance {
  /** Hosts that have shown themselves as cameras. */
  #cameras = new Set<string>();

  camera(address: string): void {
    this.#cameras.add(address);
  }

  of(message: SsdpMessage | MdnsMessage | HttpExchange): boolean {
    switch (message.kind) {
      case 'ssdp': {
        const { start, headers, source } = message;
        if (start.startsWith('M-SEARCH')) {
          return headers.some(({ name, value }) => /^st$/i.test(name) && SEARCH.test(value));
        }
        return this.#from(source, headers.some(tellsOfCamera));
      }
      case 'mdns': {
        const { questions, records, source } = message;
        if (questions.some(({ name }) => CAMERA.test(name))) return true;
        return this.#from(
          source,
          records.some(({ name, value }) => CAMERA.test(name) || CAMERA.test(String(value))),
        );
      }
      case 'http': {
        const { request, requestHeaders, headers, fields, server } = message;
        const found =
          [...requestHeaders, ...headers].some(tellsOfCamera) ||
          fields.some(([, text]) => CAMERA.test(text)) ||
          /\/ccapi\b/.test(request ?? '');
        return this.#from(server, found && DESCRIPTION.test(request ?? '.xml'));
      }
    }
  }

  #from(place: string, found: boolean): boolean {
    const address = place.slice(0, place.lastIndexOf(':'));
    if (found) this.#cameras.add(address);
    return found || this.#cameras.has(address);
  }
}

function tellsOfCamera({ value }: Header): boolean {
  return CAMERA.test(value);
}
