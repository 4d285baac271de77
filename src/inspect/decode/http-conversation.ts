/** One TCP connection that may carry HTTP: how the description of a device is fetched. */
import { concat } from '../../base/byte-stream.ts';
import type { Connection, Time } from '../traffic.ts';
import type { HttpExchange } from './seen.ts';
import { HEAD_LIMIT, headerOf, readTextHead, type TextHead } from './text.ts';

/** Of a body, kept. Descriptions have one or two kilobytes. */
const BODY_LIMIT = 1 << 20;
const REQUEST = /^(?:GET|HEAD|POST|PUT|DELETE|SUBSCRIBE|UNSUBSCRIBE) \S+ HTTP\/1\.[01]$/;
const RESPONSE = /^HTTP\/1\.[01] \d{3}/;

interface Message {
  time: Time;
  head: TextHead;
  /** Bytes still to come; Infinity: until the connection ends. */
  left: number;
  body: Uint8Array[];
  kept: number;
}

export class HttpConversation {
  /** `emit` found what it got worth telling. */
  relevant = false;
  #emit: (seen: HttpExchange) => boolean;
  #connection: Connection;
  /** Where the beginning is missing, the guess of who is client may be wrong. */
  #clientIsClient: boolean | undefined;
  #partial: [Uint8Array, Uint8Array] = [new Uint8Array(0), new Uint8Array(0)];
  #lost = false;
  #request: Message | undefined;
  #response: Message | undefined;

  constructor(connection: Connection, emit: (seen: HttpExchange) => boolean) {
    this.#connection = connection;
    this.#emit = emit;
  }

  /** A request or a response was seen. */
  get known(): boolean {
    return this.#clientIsClient !== undefined;
  }

  bytes(time: Time, fromClient: boolean, bytes: Uint8Array): void {
    let rest = bytes;
    while (rest.length > 0 && !this.#lost) {
      const open = this.#openFrom(fromClient);
      if (open) {
        const part = rest.subarray(0, open.left);
        this.#take(open, part);
        rest = rest.subarray(part.length);
        if (open.left === 0 && open === this.#response) this.#end();
      } else {
        rest = this.#begin(time, fromClient, rest);
      }
    }
  }

  /** What is missing cannot be told from what is not. */
  hole(): void {
    this.#lost = true;
  }

  end(): void {
    if (this.#request || this.#response) this.#end();
  }

  /** The message of this side whose body is under way. */
  #openFrom(fromClient: boolean): Message | undefined {
    if (this.#clientIsClient === undefined) return undefined;
    const message = fromClient === this.#clientIsClient ? this.#request : this.#response;
    return message && message.left > 0 ? message : undefined;
  }

  #take(message: Message, part: Uint8Array): void {
    message.left -= part.length;
    if (message.kept + part.length > BODY_LIMIT) return;
    message.kept += part.length;
    message.body.push(part.slice());
  }

  /** Reads a head; what is behind it is returned, nothing while it is not whole. */
  #begin(time: Time, fromClient: boolean, bytes: Uint8Array): Uint8Array {
    const side = fromClient ? 0 : 1;
    const whole = concat([this.#partial[side], bytes]);
    const head = readTextHead(whole);
    if (!head) {
      this.#partial[side] = whole.slice();
      if (whole.length > HEAD_LIMIT || !couldBeHttp(whole)) this.#lost = true;
      return new Uint8Array(0);
    }
    this.#partial[side] = new Uint8Array(0);
    const isRequest = REQUEST.test(head.start);
    if (!isRequest && !RESPONSE.test(head.start)) {
      this.#lost = true;
      return new Uint8Array(0);
    }
    this.#clientIsClient ??= isRequest === fromClient;
    const message = { time, head, left: bodySize(head, isRequest), body: [], kept: 0 };
    if (isRequest) {
      this.end();
      this.#request = message;
    } else {
      this.#response = message;
      if (message.left === 0) this.#end();
    }
    return whole.subarray(head.size);
  }

  #end(): void {
    const { client, server } = this.#connection;
    const [asker, answerer] = this.#clientIsClient ? [client, server] : [server, client];
    const request = this.#request;
    const response = this.#response;
    this.#request = undefined;
    this.#response = undefined;
    const body = concat(response?.body ?? []);
    const told = this.#emit({
      kind: 'http',
      time: response?.time ?? request?.time ?? 0,
      asked: request?.time,
      client: `${asker.address}:${asker.port}`,
      server: `${answerer.address}:${answerer.port}`,
      request: request?.head.start,
      requestHeaders: request?.head.headers ?? [],
      status: response?.head.start,
      headers: response?.head.headers ?? [],
      body,
      fields: xmlTexts(body),
    });
    this.relevant ||= told;
  }
}

function couldBeHttp(bytes: Uint8Array): boolean {
  // A letter first, and no zero: PTP/IP and TLS begin otherwise.
  const [first = 0] = bytes;
  return first >= 0x41 && first <= 0x5a && !bytes.subarray(0, 64).includes(0);
}

function bodySize({ start, headers }: TextHead, isRequest: boolean): number {
  const length = headerOf(headers, 'content-length');
  if (length !== undefined && /^\d{1,15}$/.test(length)) return Number(length);
  if (isRequest || / (?:1\d\d|204|304)\b/.test(start)) return 0;
  return Number.POSITIVE_INFINITY;
}

/** Elements that hold text and nothing else, without the prefixes of their namespaces. */
function xmlTexts(body: Uint8Array): [string, string][] {
  const text = new TextDecoder().decode(body);
  if (!text.trimStart().startsWith('<')) return [];
  return [...text.matchAll(/<([\w:.-]+)(?:\s[^<>]*)?>([^<]*)<\/\1>/g)].map(([, name, value]) => [
    name?.replace(/^.*:/, '') ?? '',
    unescapeXml(value ?? '').trim(),
  ]);
}

const ENTITIES: Readonly<Record<string, string>> = {
  ...{ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" },
};

function unescapeXml(text: string): string {
  return text.replace(/&(amp|lt|gt|quot|apos);/g, (whole, name: string) => ENTITIES[name] ?? whole);
}
