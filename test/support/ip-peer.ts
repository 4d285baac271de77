/** The camera's side of PTP/IP, played by a test packet by packet, with none of src's encoders. */
import { expect } from 'vitest';
import { type ByteStream, memoryPipe } from '../../src/base/byte-stream.ts';
import type { LinkError } from '../../src/base/errors.ts';
import { FakeClock } from './fake-clock.ts';
import { fromHex, hexFixture, toSpacedHex } from './hex-fixture.ts';
import { settle } from './settle.ts';

/** `u32 length, u32 type` and what follows, written in hexadecimal or as bytes. */
export function packet(type: number, ...parts: (string | Uint8Array)[]): Uint8Array {
  const payload = parts.flatMap((part) => [...(typeof part === 'string' ? fromHex(part) : part)]);
  return Uint8Array.of(...fromHex(le32(8 + payload.length)), ...fromHex(le32(type)), ...payload);
}

/** 0x2001 -> "01 20". */
function le16(value: number): string {
  return toSpacedHex(Uint8Array.of(value, value >>> 8));
}

/** 1 -> "01 00 00 00". */
function le32(value: number): string {
  return toSpacedHex(Uint8Array.of(value, value >>> 8, value >>> 16, value >>> 24));
}

export const request = (code: number, id: number, ...params: number[]) =>
  packet(6, le32(1), le16(code), le32(id), ...params.map(le32));
export const requestWithData = (code: number, id: number, ...params: number[]) =>
  packet(6, le32(2), le16(code), le32(id), ...params.map(le32));
export const response = (code: number, id: number, ...params: number[]) =>
  packet(7, le16(code), le32(id), ...params.map(le32));
export const startData = (id: number, total: number) => packet(9, le32(id), le32(total), le32(0));
export const startUnknown = (id: number) => packet(9, le32(id), 'ff ff ff ff ff ff ff ff');
export const data = (id: number, payload: string | Uint8Array) => packet(10, le32(id), payload);
export const endData = (id: number, payload: string | Uint8Array) => packet(12, le32(id), payload);
export const cancel = (id: number) => packet(11, le32(id));

/** One connection, seen from the peer. */
export class ScriptedConnection {
  readonly #stream: ByteStream;
  readonly #near: BreakableStream;
  #received: Uint8Array[] = [];
  #ended = false;
  #paused: Promise<void> | undefined;
  #resume: (() => void) | undefined;

  constructor(stream: ByteStream, near: BreakableStream) {
    this.#stream = stream;
    this.#near = near;
    void this.#pump();
  }

  /** Everything that has come since the last asking is this, to the byte; '' for nothing. */
  async expects(...parts: (string | Uint8Array)[]): Promise<void> {
    const received = await this.received();
    const expected = parts.map((part) => (typeof part === 'string' ? fromHex(part) : part));
    expect(toSpacedHex(received)).toBe(expected.map(toSpacedHex).filter(Boolean).join(' '));
  }

  /** Everything that has come since the last asking. */
  async received(): Promise<Uint8Array> {
    await settle();
    const all = Uint8Array.from(this.#received.flatMap((chunk) => [...chunk]));
    this.#received = [];
    return all;
  }

  /** Sends the parts in one segment and lets the other side work on them. */
  async sends(...parts: (string | Uint8Array)[]): Promise<void> {
    await this.#stream.write(
      ...parts.map((part) => (typeof part === 'string' ? fromHex(part) : part)),
    );
    await settle();
  }

  /** From now on nothing is read, so that the writer has to wait. */
  stopsReading(): void {
    this.#paused = new Promise((resolve) => {
      this.#resume = resolve;
    });
  }

  readsAgain(): void {
    this.#paused = undefined;
    this.#resume?.();
  }

  /** Ends the connection in good order. */
  async ends(): Promise<void> {
    await this.#stream.close();
    await settle();
  }

  /** Ends the connection as a reset does. */
  async breaks(error: LinkError): Promise<void> {
    this.#near.break(error);
    await settle();
  }

  /** True once the other side has closed, or this one. */
  async ended(): Promise<boolean> {
    await settle();
    return this.#ended;
  }

  async #pump(): Promise<void> {
    for (;;) {
      await this.#paused;
      const chunk = await this.#stream.read();
      if (!chunk) break;
      this.#received.push(chunk);
    }
    this.#ended = true;
  }
}

/** A pipe's end that can fail in the middle. */
class BreakableStream implements ByteStream {
  readonly name: string;
  readonly closed: Promise<LinkError | undefined>;
  readonly #stream: ByteStream;
  readonly #broken: Promise<never>;
  #fail!: (error: LinkError) => void;

  constructor(stream: ByteStream) {
    this.#stream = stream;
    this.name = stream.name;
    this.#broken = new Promise((_, reject) => {
      this.#fail = reject;
    });
    this.closed = Promise.race([stream.closed, this.#broken.catch((error: LinkError) => error)]);
  }

  break(error: LinkError): void {
    this.#fail(error);
  }

  read(): Promise<Uint8Array | undefined> {
    return Promise.race([this.#broken, this.#stream.read()]);
  }

  write(...parts: Uint8Array[]): Promise<void> {
    return Promise.race([this.#broken, this.#stream.write(...parts)]);
  }

  close(): Promise<void> {
    return this.#stream.close();
  }
}

/** What the clients of tests call themselves: EOS Utility's GUID and name, as captured. */
const GUID = fromHex('ae 6d 94 5c 56 fa fb 44 82 e5 0b 5b 15 e4 fd 05');
const NAME = 'FENNEL';

/** A camera that waits for connections and does nothing by itself. */
export class ScriptedPeer {
  readonly clock = new FakeClock();
  readonly connections: ScriptedConnection[] = [];
  /** Errors for the next attempts to connect; undefined lets one pass. */
  readonly refusals: (Error | undefined)[] = [];
  attempts = 0;

  readonly connect = async (): Promise<ByteStream> => {
    this.attempts++;
    const refusal = this.refusals.shift();
    if (refusal) throw refusal;
    const [pipe, far] = memoryPipe('192.0.2.70:15740', 'test');
    const near = new BreakableStream(pipe);
    this.connections.push(new ScriptedConnection(far, near));
    return near;
  };

  /** What `connectIp` is given. */
  get options() {
    return { connect: this.connect, guid: GUID, name: NAME, clock: this.clock };
  }

  get command(): ScriptedConnection {
    return this.connections[0] ?? expect.fail('there is no command connection');
  }

  get event(): ScriptedConnection {
    return this.connections[1] ?? expect.fail('there is no event connection');
  }

  /** Plays the opening as an EOS 70D does: ack with connection number 1, event ack. */
  async accepts(): Promise<void> {
    await this.command.expects(hexFixture('ptpip/init-command-request-eos-utility.hex'));
    await this.command.sends(hexFixture('ptpip/init-command-ack-eos-70d.hex'));
    await this.event.expects('0c 00 00 00 03 00 00 00 01 00 00 00');
    await this.event.sends(hexFixture('ptpip/init-event-ack-eos-70d.hex'));
  }

  /** Plays the opening of a session, answering GetDeviceInfo as an EOS 60D does. */
  async opensSession(): Promise<void> {
    const info = hexFixture('ptp/device-info-eos-60d.hex');
    await this.command.expects('16 00 00 00 06 00 00 00 01 00 00 00 02 10 00 00 00 00 01 00 00 00');
    await this.command.sends(response(0x2001, 0));
    await this.command.expects('12 00 00 00 06 00 00 00 01 00 00 00 01 10 01 00 00 00');
    await this.command.sends(startData(1, info.length), endData(1, info), response(0x2001, 1));
  }
}
