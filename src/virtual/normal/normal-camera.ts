/** A virtual camera from before PTP, with the hands of a person at its controls. */
import type { ByteStream } from '../../base/byte-stream.ts';
import { HotshoeError, messageOf } from '../../base/errors.ts';
import { ignore, systemClock } from '../../base/time.ts';
import { MemoryCard } from '../card/memory-card.ts';
import { runControl } from '../control.ts';
import { Faults } from '../faults.ts';
import type { NormalModel } from '../models/normal-model.ts';
import { takePicture } from '../picture/index.ts';
import { UsbGadget } from '../usb/gadget.ts';
import type { VirtualCamera, VirtualCameraOptions, VirtualCameraState } from '../virtual-camera.ts';
import { localMilliseconds, WallClock } from '../wall-clock.ts';
import { NormalBody } from './body.ts';
import { NormalCard } from './card.ts';
import { NormalFunction } from './normal-function.ts';

/** Pictures that a camera comes with, and the seconds between them. */
const START_PICTURES = 3;
const BETWEEN = 48;
const AGO = 3600;
const SETTINGS = [0x20, 0x28, 0x38];

export class NormalCamera implements VirtualCamera {
  readonly model: { readonly id: string; readonly name: string };
  readonly closed: Promise<void>;
  readonly usb: UsbGadget;
  #model: NormalModel;
  #body: NormalBody;
  #card: NormalCard;
  #faults = new Faults();
  #log: (line: string) => void;
  #counts = new Map<number, number>();
  #prepared: Promise<void> | undefined;
  #wall: WallClock;
  #settleClosed!: () => void;
  #shotsLeft = 0;

  constructor(model: NormalModel, options: VirtualCameraOptions) {
    const { clock = systemClock, timing = 'instant', now = localMilliseconds } = options;
    this.model = { id: model.id, name: model.name };
    this.#model = model;
    this.#log = options.log ?? ignore;
    this.closed = new Promise((resolve) => {
      this.#settleClosed = resolve;
    });
    for (const name of options.faults ?? []) this.#faults.arm(name);
    this.#wall = new WallClock(now);
    const render = options.takePicture ?? takePicture;
    const store = options.card ?? new MemoryCard({ capacity: model.cardKib * 1024 });
    this.#card = new NormalCard(store, model);
    let usbFunction: NormalFunction | undefined;
    this.#body = new NormalBody({
      ...{ model, clock, wall: this.#wall, card: this.#card, faults: this.#faults },
      realistic: timing === 'realistic',
      takePicture: render,
      sendEvent: (event) => usbFunction?.sendEvent(event),
      log: this.#log,
    });
    if (!options.card) this.#fill(store as MemoryCard, render);
    this.usb = new UsbGadget({
      identity: model.usb,
      packetSize: model.packetSize,
      makeFunction: (unplug) => {
        usbFunction = new NormalFunction({
          body: this.#body,
          ready: () => this.#prepare(),
          unplug,
          trace: options.trace ?? ignore,
          count: (code) => void this.#counts.set(code, this.requests(code) + 1),
        });
        return usbFunction;
      },
    });
  }

  /** It has no network: the connection is closed at once. */
  async servePtpIp(stream: ByteStream): Promise<void> {
    await stream.close();
  }

  /** Resolves when the card has been read, to the size of the last picture on it. */
  async ready(): Promise<void> {
    await this.#prepare();
    this.#shotsLeft = await this.#body.shotsLeft();
  }

  async joinWifi(menu: string): Promise<void> {
    throw new HotshoeError('USAGE', `${this.model.name} has no Wi-Fi menu "${menu}"`, {
      hint: 'It has no Wi-Fi.',
    });
  }

  get state(): VirtualCameraState {
    const { remote, dial, busy, viewfinder, waiting } = this.#body;
    return {
      connected: this.usb.connected,
      asking: false,
      sessionOpen: this.usb.connected,
      remoteMode: remote ? 1 : 0,
      dial: dial.label,
      busy,
      recording: false,
      firmwareFile: undefined,
      liveView: viewfinder,
      cardInserted: this.#card.inserted,
      shotsLeft: this.#shotsLeft,
      waitingPictures: waiting ? 1 : 0,
    };
  }

  /**
   * How often a command was asked for: its group and its code (0x1201 is IdentifyCamera), or a
   * subcommand of remote control and 0x10000.
   */
  requests(command: number): number {
    return this.#counts.get(command) ?? 0;
  }

  control(line: string): Promise<string> {
    return runControl(this, line);
  }

  async press(): Promise<void> {
    this.plug();
    await this.ready();
    this.#requireButtons();
    if (!this.#card.inserted || (await this.#body.shotsLeft()) === 0) {
      throw new HotshoeError('BUSY', 'the camera does not release: there is no room for a picture');
    }
    await this.#body.press();
  }

  half(): void {
    this.#requireButtons();
    this.#body.halfPressed = true;
  }

  release(): void {
    this.#body.halfPressed = false;
  }

  dial(label: string): void {
    const position = this.#model.dial.find((each) => each.label === label);
    if (position) {
      this.#body.parameters.shootingMode = position.code;
      return;
    }
    throw new HotshoeError('USAGE', `the dial has no position "${label}"`, {
      hint: `Positions: ${this.#model.dial.map((each) => each.label).join(', ')}.`,
    });
  }

  accept(): void {
    throw new HotshoeError('USAGE', 'no computer is waiting to be let in');
  }

  refuse(): void {
    this.accept();
  }

  plug(): void {
    this.usb.attach();
  }

  async unplug(): Promise<void> {
    this.usb.detach();
  }

  sleep(): Promise<void> {
    return this.unplug();
  }

  async cardOut(): Promise<void> {
    if (!this.#card.inserted) throw new HotshoeError('USAGE', 'there is no card');
    this.#card.inserted = false;
    this.#shotsLeft = 0;
  }

  async cardIn(): Promise<void> {
    if (this.#card.inserted) throw new HotshoeError('USAGE', 'the card is in');
    this.#card.inserted = true;
    this.#prepared = undefined;
    await this.ready();
  }

  battery(percent: number): void {
    if (!(percent >= 0 && percent <= 100)) {
      throw new HotshoeError('USAGE', 'a battery has 0 to 100 per cent');
    }
    this.#body.batteryPercent = percent;
  }

  power(source: string): void {
    if (source !== 'mains' && source !== 'battery') {
      throw new HotshoeError(
        'USAGE',
        `power comes from "mains" or "battery", not from "${source}"`,
      );
    }
    this.#body.onMains = source === 'mains';
  }

  /** A motor moves the lens of compact cameras; that of the others has no zoom. */
  zoom(): void {
    throw new HotshoeError('USAGE', `${this.model.name} has no zoom ring`);
  }

  fault(name: string): void {
    this.#faults.arm(name);
  }

  async close(): Promise<void> {
    this.usb.detach();
    await this.#body.idle();
    this.#settleClosed();
  }

  /** The camera answers at once; its pictures are looked at when somebody wants to know. */
  #prepare(): Promise<void> {
    this.#prepared ??= this.#card.prepare(this.#wall.seconds()).catch((error: unknown) => {
      this.#log(`the card cannot be read: ${messageOf(error)}`);
    });
    return this.#prepared;
  }

  #requireButtons(): void {
    if (!this.#body.keysLocked) return;
    throw new HotshoeError('BUSY', 'the computer has locked the buttons of the camera');
  }

  /** A few pictures of the smallest size, made when somebody looks. */
  #fill(card: MemoryCard, render: NonNullable<VirtualCameraOptions['takePicture']>): void {
    const smallest = this.#model.sizes.at(-1);
    for (let i = 0; i < START_PICTURES; i++) {
      const time = this.#wall.seconds() - AGO - (START_PICTURES - 1 - i) * BETWEEN;
      const counter = i + 1;
      const { parts, parameters } = this.#body;
      const shot = { ...parameters, aperture: SETTINGS[i] ?? parameters.aperture, shootingMode: 3 };
      const request = () => {
        const body = new NormalBody({ ...parts, model: { ...this.#model, parameters: shot } });
        return {
          ...body.request(counter),
          ...(smallest && { width: smallest.width, height: smallest.height }),
          takenAt: this.#wall.localAt(time * 1000),
        };
      };
      card.addFile(
        this.#card.picturePath(counter),
        { render: async () => (await render(request())).jpeg },
        time,
      );
    }
  }
}
