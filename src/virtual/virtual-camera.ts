/** A virtual camera: a model, its body, its fronts, and the hands of a person at its controls. */
import type { ByteStream } from '../base/byte-stream.ts';
import { HotshoeError, messageOf } from '../base/errors.ts';
import { type Clock, ignore, systemClock } from '../base/time.ts';
import { EosOperation } from '../canon/ptp/index.ts';
import { MtpOperation, Operation } from '../ptp/index.ts';
import type { CardStore } from './card/card-store.ts';
import { Objects } from './card/objects.ts';
import { CardSlots } from './card/slots.ts';
import { type Controls, runControl } from './control.ts';
import type { BodyEvent, BodyParts, TakeMovie } from './eos/body.ts';
import { createEosFamily } from './eos/family.ts';
import type { Family, FamilyState } from './family.ts';
import { Faults } from './faults.ts';
import { type AcceptMode, IpFront, type SecondMode } from './ip/ip-front.ts';
import type { VirtualModel } from './models/index.ts';
import { type Picture, type PictureRequest, takePicture } from './picture/index.ts';
import { movieFile } from './picture/movie.ts';
import { createPowerShot } from './powershot/create-powershot.ts';
import { Seat } from './seat.ts';
import { startCard } from './start-card.ts';
import { type TimingName, timings } from './timing.ts';
import { UsbGadget } from './usb/gadget.ts';
import { PtpFunction } from './usb/ptp-function.ts';
import { localMilliseconds, WallClock } from './wall-clock.ts';
import { WifiFront, type WifiMenu, type WifiPorts } from './wifi/index.ts';

export interface VirtualCameraOptions {
  /** `instant` unless told otherwise. */
  timing?: TimingName | undefined;
  /** How a computer that connects is received. Default `yes`. */
  accept?: AcceptMode | undefined;
  /** What becomes of a second computer while one is connected. Default `busy`. */
  second?: SecondMode | undefined;
  /** What is in the first slot; a card with three pictures unless told otherwise. */
  card?: CardStore | undefined;
  /** Names of faults that are armed from the start; see `faultKinds`. */
  faults?: readonly string[] | undefined;
  clock?: Clock | undefined;
  /** The camera's own clock: milliseconds whose UTC reading is the local time. */
  now?: (() => number) | undefined;
  /** One line for whatever happens. */
  log?: ((line: string) => void) | undefined;
  /** One line for each transaction, and the milliseconds from its request to its response. */
  trace?: ((line: string, ms: number) => void) | undefined;
  /** Makes the photographs, where they should not be made in this thread. */
  takePicture?: ((request: PictureRequest) => Picture | Promise<Picture>) | undefined;
  /** Answer a cancelled transaction with Cancel and a response, or with a response alone. */
  confirmCancel?: boolean | undefined;
  /** Makes the movies, where they should be something else than rendered frames. */
  takeMovie?: TakeMovie | undefined;
  /** Bytes in a packet of the USB bulk pipes: 8, 16, 32, 64, 512 or 1024. Default 512. */
  usbPacketSize?: number | undefined;
  /** Have two operations that echo data, `SelfTest`; no real camera has them. Default false. */
  selfTest?: boolean | undefined;
}

/** What a test may ask a virtual camera. */
export interface VirtualCameraState extends FamilyState {
  /** A computer is connected. */
  connected: boolean;
  /** A computer waits for the person at the camera to say yes. */
  asking: boolean;
  sessionOpen: boolean;
  cardInserted: boolean;
}

/** With the fault `idle-drop`. */
const FAULTY_IDLE_MS = 10_000;
/** An EOS 6D drops a silent link after 10 to 30 s. */
const WIFI_IDLE_MS = 30_000;
/** Requests for objects, by which a PowerShot sees that a computer means it. */
const OBJECT_OPERATIONS = [
  Operation.GetObjectHandles,
  Operation.GetObjectInfo,
  Operation.GetObject,
  MtpOperation.GetObjectPropsSupported,
];

/** One that speaks PTP. */
export class PtpVirtualCamera implements Controls {
  readonly model: { readonly id: string; readonly name: string };
  /** Settles when the camera was closed, by `close` or by `quit`. */
  readonly closed: Promise<void>;
  /** The camera on a USB bus; see `createUsbDevice` and `createUsbBus`. */
  readonly usb: UsbGadget;
  #model: VirtualModel;
  #family: Family;
  #front: IpFront;
  #usbFunction: PtpFunction | undefined;
  #slots: CardSlots;
  #faults = new Faults();
  #log: (line: string) => void;
  #settleClosed!: () => void;
  #wifi: WifiFront | undefined;
  #options: VirtualCameraOptions;

  constructor(model: VirtualModel, options: VirtualCameraOptions) {
    const { clock = systemClock, timing = 'instant', now = localMilliseconds } = options;
    this.model = { id: model.id, name: model.name };
    this.#model = model;
    this.#options = options;
    this.#log = options.log ?? ignore;
    this.closed = new Promise((resolve) => {
      this.#settleClosed = resolve;
    });
    for (const name of options.faults ?? []) this.#faults.arm(name);
    const wall = new WallClock(now);
    const render = options.takePicture ?? takePicture;
    // A breath between two pictures, so that others are answered while a card is being filled.
    const rest = () => new Promise<void>((resolve) => void clock.after(0, resolve));
    const card =
      options.card ??
      startCard(model, wall, async (request) => {
        await rest();
        return render(request);
      });
    this.#slots = new CardSlots(model, [card], () => wall.seconds());
    const parts = {
      objects: new Objects(this.#slots),
      faults: this.#faults,
      timing: timings[timing],
      clock,
      wall,
      selfTest: options.selfTest ?? false,
      takePicture: render,
      takeMovie: options.takeMovie ?? movieFile,
      switchOff: () => {
        this.#log('auto power off');
        void this.sleep();
      },
      // Who does not have the body does not hear of it.
      sendEvent: ({ code, params }: BodyEvent) => {
        this.#front?.sendEvent(code, params);
        this.#usbFunction?.sendEvent(code, params);
      },
      log: this.#log,
      trace: options.trace ?? ignore,
    } satisfies Omit<BodyParts, 'model'>;
    this.#family =
      'family' in model
        ? createPowerShot({ ...parts, model })
        : createEosFamily({ ...parts, model });
    const { firstAnswer, answer, eventMode } = timings[timing];
    const common = {
      responder: this.#family.responder,
      faults: this.#faults,
      seat: new Seat(),
      clock,
      latency(code: number, first: boolean) {
        if (code === Operation.GetDeviceInfo && first) return firstAnswer;
        return code === EosOperation.SetEventMode ? eventMode : answer;
      },
      onConnect: () => void this.ready(),
      log: this.#log,
    };
    const packetSize = options.usbPacketSize ?? 512;
    this.usb = new UsbGadget({
      identity: model.usb,
      packetSize,
      makeFunction: (unplug) => {
        this.#usbFunction = new PtpFunction({ ...common, packetSize, unplug });
        return this.#usbFunction;
      },
    });
    this.#front = new IpFront({
      ...common,
      pieceSize: model.ipPieceSize,
      accept: options.accept ?? 'yes',
      second: options.second ?? 'busy',
      guid: guidOf(model.mac),
      name: model.nickname,
      confirmCancel: options.confirmCancel ?? true,
      idleMs: () => {
        if (this.#faults.has('idle-drop')) return FAULTY_IDLE_MS;
        return this.#wifi && WIFI_IDLE_MS;
      },
    });
  }

  /** Speaks PTP/IP on one incoming connection until it ends. Never rejects. */
  servePtpIp(stream: ByteStream): Promise<void> {
    return this.#front.serve(stream);
  }

  /**
   * Sends the camera into a network, at the menu that leads to computers, phones or EOS Utility: it
   * announces itself or searches, and opens its port when it may. Resolves when it can be found.
   * Throws a USAGE error for a menu that the model does not have.
   */
  async joinWifi(menu: WifiMenu, ports: WifiPorts): Promise<void> {
    const { menus } = this.#model;
    if (!menus.includes(menu)) {
      throw new HotshoeError('USAGE', `the Wi-Fi menu of ${this.model.name} has no ${menu}`, {
        hint: menus.length > 0 ? `It has: ${menus.join(', ')}.` : 'It has no Wi-Fi.',
      });
    }
    const { model } = this;
    const { accept = 'yes', timing = 'instant', clock = systemClock } = this.#options;
    this.#wifi = new WifiFront({
      ...{ menu, ports, accept, clock, realistic: timing === 'realistic', log: this.#log },
      identity: {
        model: model.name,
        serialNumber: this.#model.bodySerial,
        mac: this.#model.mac,
        productId: this.#model.usb.productId,
      },
      isEos: menus.includes('eos-utility'),
      delay: (most) => Math.random() * most,
      objectRequests: () => OBJECT_OPERATIONS.reduce((sum, code) => sum + this.requests(code), 0),
      disconnect: () => this.#front.disconnect(),
    });
    this.#front.gate = this.#wifi;
    await this.#wifi.join();
  }

  /** Resolves when the card has been read, which begins when the first computer connects. */
  async ready(): Promise<void> {
    try {
      await this.#family.ready();
    } catch (error) {
      this.#log(`the card cannot be read: ${messageOf(error)}`);
    }
  }

  get state(): VirtualCameraState {
    return {
      connected: this.#front.connected || this.usb.connected,
      asking: this.#front.asking || (this.#wifi?.choosing ?? false),
      sessionOpen: this.#family.responder.sessionId !== undefined,
      cardInserted: this.#slots.slots[0]?.inserted ?? false,
      ...this.#family.state(),
    };
  }

  /** How often an operation was asked for, since the camera was made. */
  requests(operation: number): number {
    return this.#family.responder.counts.get(operation) ?? 0;
  }

  /** A control line: the name of a method below and what it takes. Gives what to show, if anything. */
  control(line: string): Promise<string> {
    return runControl(this, line);
  }

  /** Presses the shutter button all the way; resolves when the picture is where it belongs. */
  async press(): Promise<void> {
    this.#wake();
    await this.ready();
    this.#requireButtons();
    this.#byHand(() => this.#family.press(3));
    this.#family.release();
    await this.#family.idle();
  }

  /** Presses it halfway. */
  half(): void {
    this.#wake();
    this.#requireButtons();
    this.#byHand(() => this.#family.press(1));
  }

  release(): void {
    this.#family.release();
  }

  /** Turns the mode dial: "M", "Av", "Tv", "P", "Fv", "A+". */
  dial(label: string): void {
    if (this.#family.turnDial(label)) return;
    const labels = this.#model.dial.map((position) => position.label).join(', ');
    throw new HotshoeError('USAGE', `the dial has no position "${label}"`, {
      hint: `Positions: ${labels}.`,
    });
  }

  /** Turns the zoom ring, to a focal length in millimetres. */
  zoom(millimetres: number): void {
    const { turnZoom } = this.#family;
    if (!turnZoom) throw new HotshoeError('USAGE', `${this.model.name} has no zoom ring`);
    turnZoom(millimetres);
  }

  /** The person at the camera lets the waiting computer in. */
  accept(): void {
    this.#decide(true);
  }

  refuse(): void {
    this.#decide(false);
  }

  /** The cable goes in, the network is there. */
  plug(): void {
    this.#wake();
  }

  /** Ends the link and lets nobody in until `plug`. */
  async unplug(): Promise<void> {
    this.#front.reachable = false;
    this.usb.detach();
    await this.#wifi?.drop();
    await this.#front.disconnect();
    this.#family.powerOff();
  }

  /** Auto power off; a press of the button or `plug` wakes the camera. */
  async sleep(): Promise<void> {
    await this.#wifi?.leave();
    await this.unplug();
  }

  async cardOut(): Promise<void> {
    const [slot] = this.#slots.slots;
    if (!slot?.inserted || !slot.catalogue) throw new HotshoeError('USAGE', 'there is no card');
    slot.inserted = false;
    await this.#family.cardMoved(slot.catalogue.storageId, false);
  }

  async cardIn(): Promise<void> {
    const [slot] = this.#slots.slots;
    if (slot?.inserted || !slot?.catalogue) throw new HotshoeError('USAGE', 'the card is in');
    slot.inserted = true;
    await this.#slots.reload();
    await this.#family.cardMoved(slot.catalogue.storageId, true);
  }

  battery(percent: number): void {
    if (!(percent >= 0 && percent <= 100)) {
      throw new HotshoeError('USAGE', 'a battery has 0 to 100 per cent');
    }
    this.#family.setBattery(Math.round(percent));
  }

  /** Arms a fault by name; `off` clears all. */
  fault(name: string): void {
    this.#faults.arm(name);
    this.#family.faultsChanged();
  }

  /** Ends every link. Never rejects. */
  async close(): Promise<void> {
    this.#front.reachable = false;
    this.usb.detach();
    this.#family.release();
    await this.#wifi?.leave();
    await this.#front.disconnect();
    this.#settleClosed();
  }

  #decide(accepted: boolean): void {
    if (this.#front.decide(accepted) || (accepted && this.#wifi?.choose())) return;
    throw new HotshoeError('USAGE', 'no computer is waiting to be let in');
  }

  #wake(): void {
    this.#front.reachable = true;
    this.usb.attach();
    this.#wifi?.join().catch((error: unknown) => this.#log(`no Wi-Fi: ${messageOf(error)}`));
  }

  #requireButtons(): void {
    if (!this.#family.locked) return;
    throw new HotshoeError('BUSY', 'the computer has locked the buttons of the camera');
  }

  /** The camera's refusals in the words of somebody who holds it. */
  #byHand(press: () => void): void {
    try {
      press();
    } catch {
      const reason = this.#family.state().busy ? 'it is busy' : 'there is no room for a picture';
      throw new HotshoeError('BUSY', `the camera does not release: ${reason}`);
    }
  }
}

/** What every virtual camera can do, whatever it speaks. */
export type VirtualCamera = { [Name in keyof PtpVirtualCamera]: PtpVirtualCamera[Name] };

/** As Canon bodies make it of their MAC address: 00000000-0000-0000-0001-<MAC>. */
function guidOf(mac: Uint8Array): Uint8Array {
  const guid = new Uint8Array(16);
  guid[9] = 1;
  guid.set(mac, 10);
  return guid;
}
