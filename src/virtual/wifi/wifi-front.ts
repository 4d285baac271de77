/** A camera's Wi-Fi: what its menu is at, whom it knows, and when its PTP/IP port is open. */
import { type Clock, ignore, sleep } from '../../base/time.ts';
import { formatGuid } from '../../ptp/index.ts';
import type { AcceptMode } from '../ip/ip-front.ts';
import { Announcer } from './announcer.ts';
import { ComputerSearch, type ListedComputer } from './computer-search.ts';
import type { Announced } from './eos-messages.ts';
import { uuidOf } from './eos-messages.ts';
import { IminkCamera } from './imink.ts';
import type { Closable, WifiMenu, WifiPorts } from './ports.ts';

export interface WifiFrontOptions {
  menu: WifiMenu;
  ports: WifiPorts;
  identity: Pick<Announced, 'model' | 'serialNumber' | 'mac' | 'productId'>;
  /** EOS bodies are found by mDNS, too. */
  isEos: boolean;
  accept: AcceptMode;
  clock: Clock;
  realistic: boolean;
  delay(most: number): number;
  /** How often a computer has asked for objects: PowerShots give up where it does not. */
  objectRequests(): number;
  /** Ends whatever is connected. */
  disconnect(): Promise<void>;
  log(line: string): void;
}

/** From the end of a session until an EOS R has joined the network again. */
const REJOIN_MS = 7000;
/** How long a PowerShot waits for a request for objects; not measured on a real one. */
const OBJECTS_MS = 10_000;

export class WifiFront {
  #options: WifiFrontOptions;
  /** GUIDs of computers that were accepted. */
  #paired = new Set<string>();
  #announcer: Announcer | undefined;
  #search: ComputerSearch | undefined;
  #imink: IminkCamera | undefined;
  #port: Closable | undefined;
  #registered: ListedComputer | undefined;
  #joined = false;
  #stop = new AbortController();

  constructor(options: WifiFrontOptions) {
    this.#options = options;
  }

  /** A computer is listed and waits to be chosen. */
  get choosing(): boolean {
    return (this.#search?.computers.length ?? 0) > 0 && !this.#port;
  }

  /** The person sends the camera into the network; resolves when it can be found, or searches. */
  async join(): Promise<void> {
    if (this.#joined) return;
    this.#joined = true;
    this.#stop = new AbortController();
    const { menu, ports, identity, clock } = this.#options;
    switch (menu) {
      case 'computer':
        this.#searchComputers();
        break;
      case 'imink':
        this.#imink = new IminkCamera({
          ...{ model: identity.model, uuid: uuidOf(identity.mac), ports, clock },
        });
        await this.#imink.join();
        break;
      default:
        this.#port = await ports.listen();
        this.#announcer = this.#makeAnnouncer(menu);
        await this.#announcer.join();
    }
  }

  /** Says goodbye and leaves. */
  async leave(): Promise<void> {
    // Coming back, too, is off.
    this.#stop.abort();
    if (!this.#joined) return;
    this.#joined = false;
    await this.#announcer?.leave();
    await this.#close();
  }

  /** Is gone without a word. */
  async drop(): Promise<void> {
    // Coming back, too, is off.
    this.#stop.abort();
    if (!this.#joined) return;
    this.#joined = false;
    await this.#announcer?.drop();
    await this.#close();
  }

  /** The person chooses the computer that is listed; false when none is. */
  choose(): boolean {
    const [computer] = this.#search?.computers ?? [];
    if (!computer || this.#port) return false;
    void this.#choose(computer).catch(ignore);
    return true;
  }

  /** Whether a computer is let in without a question. */
  knows(guid: Uint8Array): boolean {
    // On a PowerShot at "connect to computer" the choice was the answer.
    return this.#options.menu === 'computer' || this.#paired.has(formatGuid(guid));
  }

  /** A computer was let in. */
  began(guid: Uint8Array): void {
    const { menu, clock, objectRequests, disconnect, log } = this.#options;
    this.#paired.add(formatGuid(guid));
    this.#announcer?.setInUse(true);
    if (menu !== 'computer') return;
    const before = objectRequests();
    sleep(OBJECTS_MS, this.#stop.signal, clock)
      .then(() => {
        if (objectRequests() > before) return;
        log('the computer has asked for no objects: the camera leaves the network');
        return disconnect();
      })
      .catch(ignore);
  }

  /** The person said no: the camera takes its leave before the computer hears it. */
  async refused(): Promise<void> {
    this.#options.log('the camera leaves the network; `plug` sends it there again');
    await this.#announcer?.leave();
  }

  turnedAway(): Promise<void> {
    return this.leave();
  }

  /** The computer has gone: so does the camera, and EOS bodies come back. */
  async ended(): Promise<void> {
    if (!this.#joined) return;
    const { menu, clock, realistic, accept } = this.#options;
    await this.leave();
    // A PowerShot's user would have to choose again; one that says yes to all does.
    if (menu === 'computer' && (accept === 'ask' || accept === 'no')) return;
    const again = new AbortController();
    this.#stop = again;
    sleep(realistic ? REJOIN_MS : 0, again.signal, clock)
      .then(() => this.join())
      .catch(ignore);
  }

  #searchComputers(): void {
    const { ports, clock, accept, log } = this.#options;
    this.#search = new ComputerSearch({
      ports,
      clock,
      uuid: this.#registered?.uuid,
      log,
      onListed: (computer) => {
        log(`the camera lists "${computer.name}"`);
        const choose = () => this.#choose(computer).catch(ignore);
        if (accept === 'yes') void choose();
        if (typeof accept === 'number') {
          sleep(accept, this.#stop.signal, clock).then(choose, ignore);
        }
        if (accept === 'ask') log('waiting for "accept"');
      },
    });
    this.#search.start();
  }

  async #choose(computer: ListedComputer): Promise<void> {
    if (this.#port || !this.#joined) return;
    this.#registered = computer;
    this.#options.log(`Connected to device ${computer.name}`);
    this.#port = await this.#options.ports.listen();
    await this.#search?.stop();
  }

  #makeAnnouncer(mode: Announced['mode']): Announcer {
    const { identity, ports, isEos, clock, realistic, delay } = this.#options;
    const path = isEos ? '/upnp/CameraDevDesc.xml' : '/CameraDevDesc.xml';
    return new Announcer({
      identity: { ...identity, mode, path },
      ...{ ports, clock, realistic, mdns: isEos, delay },
    });
  }

  async #close(): Promise<void> {
    await Promise.all([this.#port?.close(), this.#search?.stop(), this.#imink?.leave()]);
    this.#port = undefined;
    this.#announcer = undefined;
    this.#search = undefined;
    this.#imink = undefined;
  }
}
