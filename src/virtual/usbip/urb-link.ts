/** One device in the hands of one USB/IP host: transfers come, and go back when they are done. */
import type { ByteReader, ByteStream } from '../../base/byte-stream.ts';
import { LinkError } from '../../base/errors.ts';
import { ignore } from '../../base/time.ts';
import { ProtocolError } from '../../bytes/index.ts';
import type { Setup } from '../usb/control.ts';
import type { UsbGadget } from '../usb/gadget.ts';
import { BufferPool } from './buffer-pool.ts';
import {
  encodeSubmitReply,
  encodeUnlinkReply,
  readSetup,
  readUrb,
  URB_HEAD,
  UrbCommand,
  type UrbHead,
  UrbStatus,
  ZERO_PACKET,
} from './wire.ts';

/** Of one transfer; Linux's usbfs takes 16 MiB in all. */
const LONGEST_TRANSFER = 16 << 20;
/** Transfers under way; a Linux host has a few dozen. */
const MOST_TRANSFERS = 1024;
/** Bytes that wait for the camera, or for the host to take them: then nothing more is read. */
const MOST_WAITING = 16 << 20;

const STATUS = {
  ok: UrbStatus.Ok,
  stall: UrbStatus.Stall,
  babble: UrbStatus.Overflow,
  gone: UrbStatus.Gone,
  cancelled: UrbStatus.Reset,
} as const;

export class UrbLink {
  #stream: ByteStream;
  #reader: ByteReader;
  #gadget: UsbGadget;
  #pool = new BufferPool();
  /** Transfers under way, by their sequence numbers. */
  #flying = new Map<number, AbortController>();
  #waiting = 0;
  #relieved: (() => void) | undefined;

  constructor(stream: ByteStream, reader: ByteReader, gadget: UsbGadget) {
    this.#stream = stream;
    this.#reader = reader;
    this.#gadget = gadget;
  }

  /** Until the host detaches. Rejects with a LinkError or a ProtocolError. */
  async serve(): Promise<void> {
    try {
      for (;;) {
        const head = await this.#reader.exactly(URB_HEAD, cut);
        if (!head) return;
        await this.#onUrb(head);
        while (this.#waiting > MOST_WAITING) {
          await new Promise<void>((resolve) => {
            this.#relieved = resolve;
          });
        }
      }
    } finally {
      for (const transfer of this.#flying.values()) transfer.abort();
      this.#flying.clear();
    }
  }

  async #onUrb(head: Uint8Array): Promise<void> {
    const urb = readUrb(head);
    if (urb.command === UrbCommand.Unlink) {
      this.#unlink(urb);
      return;
    }
    if (urb.command !== UrbCommand.Submit) {
      throw new ProtocolError('INVALID_DATA', `no USB/IP command ${urb.command}`, head, 0);
    }
    if (urb.length > LONGEST_TRANSFER) {
      throw new ProtocolError('INVALID_DATA', `a transfer of ${urb.length} bytes`, head, 24);
    }
    if (this.#flying.size >= MOST_TRANSFERS) {
      throw new ProtocolError('INVALID_DATA', `${MOST_TRANSFERS} transfers at once`, head, 4);
    }
    const data = urb.in ? new Uint8Array(0) : await this.#data(urb.length);
    if (urb.endpoint === 0) this.#control(urb, data);
    else if (urb.in) void this.#read(urb);
    else void this.#write(urb, data);
  }

  /** What follows the head of an OUT transfer; its memory is the transfer's own. */
  async #data(size: number): Promise<Uint8Array> {
    const data = new Uint8Array(size);
    for (let at = 0; at < size; ) {
      const chunk = await this.#reader.some(size - at);
      if (!chunk) throw cut();
      data.set(chunk, at);
      at += chunk.length;
    }
    return data;
  }

  #control(urb: UrbHead, data: Uint8Array): void {
    const setup: Setup = readSetup(urb.setup);
    const answer = this.#gadget.control(setup, data);
    const payload = urb.in ? answer?.slice(0, urb.length) : undefined;
    if (!answer) void this.#send(encodeSubmitReply(urb.sequence, UrbStatus.Stall, 0));
    else if (!payload) void this.#send(encodeSubmitReply(urb.sequence, 0, data.length));
    else void this.#send(encodeSubmitReply(urb.sequence, 0, payload.length), payload);
  }

  async #read(urb: UrbHead): Promise<void> {
    const sink = this.#pool.sink(urb.length);
    const signal = this.#begin(urb);
    const result = await this.#gadget.read(0x80 | urb.endpoint, sink, signal);
    if (this.#end(urb)) {
      const status = result ? STATUS[result.status] : UrbStatus.NoEndpoint;
      const bytes = sink.bytes();
      await this.#send(encodeSubmitReply(urb.sequence, status, bytes.length), bytes);
    }
    sink.release();
  }

  async #write(urb: UrbHead, data: Uint8Array): Promise<void> {
    const signal = this.#begin(urb);
    this.#waiting += data.length;
    const zeroPacket = (urb.flags & ZERO_PACKET) !== 0;
    const result = await this.#gadget.write(urb.endpoint, data, zeroPacket, signal);
    this.#relieve(data.length);
    if (!this.#end(urb)) return;
    const status = result ? STATUS[result.status] : UrbStatus.NoEndpoint;
    await this.#send(encodeSubmitReply(urb.sequence, status, result?.bytesWritten ?? 0));
  }

  /** What was unlinked has no other reply; what is not there any more had its own before. */
  #unlink({ sequence, victim }: UrbHead): void {
    const transfer = this.#flying.get(victim);
    this.#flying.delete(victim);
    transfer?.abort();
    void this.#send(encodeUnlinkReply(sequence, transfer ? UrbStatus.Reset : UrbStatus.Ok));
  }

  #begin({ sequence }: UrbHead): AbortSignal {
    const transfer = new AbortController();
    this.#flying.set(sequence, transfer);
    return transfer.signal;
  }

  /** False when it was unlinked. */
  #end({ sequence }: UrbHead): boolean {
    return this.#flying.delete(sequence);
  }

  async #send(...parts: Uint8Array[]): Promise<void> {
    const size = parts.reduce((sum, { length }) => sum + length, 0);
    this.#waiting += size;
    // That the host is gone `serve` learns from what it reads.
    await this.#stream.write(...parts).catch(ignore);
    this.#relieve(size);
  }

  #relieve(size: number): void {
    this.#waiting -= size;
    this.#relieved?.();
    this.#relieved = undefined;
  }
}

function cut(): LinkError {
  return new LinkError('the USB/IP host went away within a transfer');
}
