/** A recording as a virtual camera: for other programs, by PTP/IP and on USB. */
import type { ByteStream } from '../../base/byte-stream.ts';
import { HotshoeError } from '../../base/errors.ts';
import { ignore, systemClock } from '../../base/time.ts';
import { hex32 } from '../../bytes/index.ts';
import { canonNames } from '../../canon/ptp/index.ts';
import { nameOf, Operation, Response } from '../../ptp/index.ts';
import { canonProductId } from '../../usb/canon-ids.ts';
import { Faults } from '../faults.ts';
import { IpFront } from '../ip/ip-front.ts';
import {
  type Answer,
  type PtpResponder,
  receive,
  type Transaction,
} from '../responder/transaction.ts';
import { Seat } from '../seat.ts';
import { UsbGadget } from '../usb/gadget.ts';
import { PtpFunction } from '../usb/ptp-function.ts';
import type { RecordedEvent, Recording } from './recording.ts';
import { notRecorded } from './replay-transport.ts';
import { Script } from './script.ts';

/** Of what a computer sends; as much as a recording may hold. */
const SENT_LIMIT = 64 << 20;

export interface ReplayOptions {
  log?: ((line: string) => void) | undefined;
  /** One line for each transaction, and the milliseconds from its request to its response. */
  trace?: ((line: string, ms: number) => void) | undefined;
}

export class ReplayCamera {
  readonly model: { readonly id: 'replay'; readonly name: string };
  /** Settles when it was closed. */
  readonly closed: Promise<void>;
  /** How the camera was reached when the recording was made. */
  readonly kind: Recording['kind'];
  /** The camera on a USB bus; see `createUsbDevice` and `createUsbBus`. */
  readonly usb: UsbGadget;
  #usbFunction: PtpFunction | undefined;
  #front: IpFront;
  #settleClosed!: () => void;

  constructor(recording: Recording, options: ReplayOptions = {}) {
    const { log = ignore } = options;
    const { deviceInfo, guid, nickname } = recording;
    const product = deviceInfo?.model ?? 'Canon Digital Camera';
    this.model = { id: 'replay', name: product };
    this.kind = recording.kind;
    this.closed = new Promise((resolve) => {
      this.#settleClosed = resolve;
    });
    const sendEvent = ({ code, params }: RecordedEvent) => {
      this.#front.sendEvent(code, params);
      this.#usbFunction?.sendEvent(code, params);
    };
    const told = { log, trace: options.trace ?? ignore };
    const responder = new ReplayResponder(recording, told, sendEvent);
    const common = {
      responder,
      faults: new Faults(),
      seat: new Seat(),
      clock: systemClock,
      latency: () => 0,
      onConnect: ignore,
      log,
    };
    const packetSize = 512;
    this.usb = new UsbGadget({
      packetSize,
      makeFunction: (unplug) => {
        this.#usbFunction = new PtpFunction({ ...common, packetSize, unplug });
        return this.#usbFunction;
      },
      identity: {
        // Where no list names the model: programs that go by ids take any PTP camera then.
        productId: canonProductId(product) ?? 0,
        release: 0x0002,
        manufacturer: deviceInfo?.manufacturer ?? 'Canon Inc.',
        product,
        attributes: 0xc0,
        milliamperes: 2,
      },
    });
    this.#front = new IpFront({
      ...common,
      pieceSize: 1 << 20,
      accept: 'yes',
      second: 'busy',
      guid: guid ?? new Uint8Array(16),
      name: nickname ?? 'replay',
      confirmCancel: true,
    });
  }

  /** Speaks PTP/IP on one incoming connection until it ends. Never rejects. */
  servePtpIp(stream: ByteStream): Promise<void> {
    return this.#front.serve(stream);
  }

  /** A recording has no buttons: the one line that it knows is `quit`. */
  async control(line: string): Promise<string> {
    if (line === 'quit') await this.close();
    else if (line !== '') {
      throw new HotshoeError('USAGE', `a recording cannot "${line}"`, { hint: 'It can quit.' });
    }
    return '';
  }

  /** Ends every link. Never rejects. */
  async close(): Promise<void> {
    this.#front.reachable = false;
    this.usb.detach();
    await this.#front.disconnect();
    this.#settleClosed();
  }
}

interface Telling {
  log(line: string): void;
  trace(line: string, ms: number): void;
}

class ReplayResponder implements PtpResponder {
  sessionId: number | undefined;
  #script: Script;
  #options: Telling;
  #sendEvent: (event: RecordedEvent) => void;

  constructor(recording: Recording, options: Telling, sendEvent: (event: RecordedEvent) => void) {
    this.#script = new Script(recording);
    this.#options = options;
    this.#sendEvent = sendEvent;
  }

  takesData(code: number): boolean {
    return this.#script.takesData(code);
  }

  endSession(): void {
    this.sessionId = undefined;
  }

  async handle(transaction: Transaction): Promise<Answer> {
    const from = performance.now();
    const answer = await this.#answer(transaction);
    const { code, params } = transaction;
    const name = nameOf(canonNames.operations, code);
    const result = nameOf(canonNames.responses, answer.code);
    const args = params.map(hex32).join(', ');
    this.#options.trace(`${name}(${args}): ${result}`, performance.now() - from);
    return answer;
  }

  async #answer(transaction: Transaction): Promise<Answer> {
    const { code, params } = transaction;
    if (code === Operation.OpenSession) {
      if (this.sessionId !== undefined) return { code: Response.Session_Already_Open };
      this.sessionId = params[0];
      this.#script.restart();
    } else if (code === Operation.CloseSession) {
      this.endSession();
    }
    const sent = this.takesData(code) ? await receive(transaction, SENT_LIMIT) : undefined;
    const reply = this.#script.answer(code, params, sent);
    if (!reply) {
      const { message, hint } = notRecorded(this.#script.recording, code, params);
      this.#options.log(`${message}. ${hint ?? ''}`);
      return { code: Response.Operation_Not_Supported };
    }
    if (reply.data) await transaction.send(reply.data);
    // Behind the response, as the camera sent them.
    systemClock.after(0, () => {
      for (const event of reply.events) this.#sendEvent(event);
    });
    return reply;
  }
}
