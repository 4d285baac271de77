/** An EOS body for one client: in remote mode already, with its own copy of the events, and its own bits. */
import { EosOperation, encodeCell, encodePropValue } from '../canon/ptp/index.ts';
import { type PtpSession, Response, type TransactionOptions } from '../ptp/index.ts';
import type { EventQueue, EventShare } from './event-share.ts';
import type { Asked, Client, OwnAnswer, Sharing } from './sharing.ts';

const EVENT_MODE_OFF = 0;
/** Data of SetDevicePropValueEx with a number: u32 size, u32 property, u32 value. */
const NUMBER_SIZE = 12;
const UNDO_MS = 5000;

/** What it needs of the link. */
interface Asking {
  session: PtpSession;
  /** Asks once for the events of all; resolves with the code of the answer. */
  ask(options: TransactionOptions): Promise<{ code: number }>;
}

export class EosSharing implements Sharing {
  readonly tellsAllEvents = false;
  #link: Asking;
  #share: EventShare;
  #client: Client;
  #queue: EventQueue | undefined;

  constructor(link: Asking, share: EventShare, client: Client) {
    this.#link = link;
    this.#share = share;
    this.#client = client;
  }

  async answer({ code, params, priority, signal, data }: Asked): Promise<OwnAnswer | undefined> {
    switch (code) {
      case EosOperation.SetRemoteMode:
        return { code: Response.OK };
      case EosOperation.SetEventMode:
        this.#queue?.end();
        this.#queue = params[0] === EVENT_MODE_OFF ? undefined : this.#share.join(this.#client);
        return { code: Response.OK };
      case EosOperation.GetEvent: {
        const answer = await this.#link.ask({ priority, signal });
        if (answer.code !== Response.OK) return { code: answer.code };
        this.#queue ??= this.#share.join(this.#client);
        return { code: Response.OK, data: this.#queue.take() };
      }
      case EosOperation.SetDevicePropValueEx: {
        const set = async () => data && this.#set(data, { priority, signal });
        return this.#share.settingBits.run('user', set, signal);
      }
      default:
        return undefined;
    }
  }

  async leave(inPeace: boolean): Promise<void> {
    const { bits } = this.#share;
    const touched = bits.touched(this.#client);
    this.#queue?.end();
    const switchOff = async () => {
      for (const property of touched) {
        const current = this.#share.numberOf(property) ?? 0;
        const value = current & ~bits.alone(this.#client, property);
        if (value !== current) await this.#send(property, value, { timeoutMs: UNDO_MS });
      }
    };
    try {
      if (!inPeace) await this.#share.settingBits.run('user', switchOff);
    } catch {
      // The link is gone, and the camera's state with it.
    } finally {
      bits.forget(this.#client);
      for (const property of touched) this.#share.retell(property);
    }
  }

  /** Undefined for what is nobody's alone. */
  async #set(data: Uint8Array, options: TransactionOptions): Promise<OwnAnswer | undefined> {
    if (data.length !== NUMBER_SIZE) return undefined;
    const view = new DataView(data.buffer, data.byteOffset);
    const [property, value] = [view.getUint32(4, true), view.getUint32(8, true)];
    const { bits } = this.#share;
    const current = this.#share.numberOf(property);
    if (current === undefined || !bits.isShared(property)) return undefined;
    const before = bits.own(this.#client, property);
    const whole = bits.set(this.#client, property, value, current);
    if (whole === current) {
      this.#share.retell(property);
      return { code: Response.OK };
    }
    const code = await this.#send(property, whole, options);
    if (code !== Response.OK) bits.restore(this.#client, property, before);
    return { code };
  }

  async #send(property: number, value: number, options: TransactionOptions): Promise<number> {
    const data = encodePropValue(property, encodeCell(value));
    const { session } = this.#link;
    const { code } = await session.transaction(EosOperation.SetDevicePropValueEx, [], {
      ...options,
      data,
    });
    if (code === Response.OK) this.#share.note(property, value);
    return code;
  }
}
