/**
 * A body that announces itself: SSDP and mDNS in the order, and with the pauses, of an EOS R; its
 * description by HTTP.
 */

import type { Clock } from '../../base/time.ts';
import { ignore, sleep } from '../../base/time.ts';
import { type Endpoint, parseSsdp, SSDP_GROUP, SSDP_PORT } from '../../discovery/index.ts';
import {
  type Announced,
  alive,
  answerHttp,
  asksForService,
  byebye,
  hostAnnounced,
  hostGoodbye,
  hostProbe,
  instanceProbe,
  notificationTypes,
  searchAnswers,
  serviceAnnounced,
  serviceGoodbye,
} from './eos-messages.ts';
import type { Closable, OutgoingDns, WifiPorts } from './ports.ts';

export interface AnnouncerOptions {
  identity: Pick<Announced, 'model' | 'serialNumber' | 'mac' | 'productId' | 'mode' | 'path'>;
  ports: WifiPorts;
  clock: Clock;
  /** Whether the pauses of a real body are kept. */
  realistic: boolean;
  /** EOS bodies are also found by mDNS; PowerShots are not. */
  mdns: boolean;
  /** Milliseconds out of `most`; answers to searches come at irregular moments. */
  delay(most: number): number;
}

const GROUP: Endpoint = { address: SSDP_GROUP, port: SSDP_PORT };
const PROBES = 3;
const PROBE_MS = 250;
const GOODBYES = 3;
/** Seconds after the first announcement. */
const REPEATED_S = [1, 3, 7, 15, 31, 63, 127];
/** From the acknowledgement to the news of it. */
const IN_USE_MS = 743;
/** From `alive` to the first probe for the service's name, and from a claim to its announcement. */
const SERVICE_MS = 190;
const CLAIMED_MS = 1500;
/** Probes do not leave the network. */
const PROBE_HOPS = 1;
/** Searches that wait for their answer; more are not answered. */
const WAITING_LIMIT = 32;

type Opened<Name extends 'openSsdp' | 'openMdns' | 'serveHttp'> = Awaited<
  ReturnType<WifiPorts[Name]>
>;

export class Announcer {
  #options: AnnouncerOptions;
  #ssdp: Opened<'openSsdp'> | undefined;
  #mdns: Opened<'openMdns'> | undefined;
  #http: Opened<'serveHttp'> | undefined;
  #stop = new AbortController();
  /** Announcements that are still to be repeated. */
  #repeating = new AbortController();
  #inUse = false;
  #waiting = 0;
  /** What is said is said one after the other. */
  #saying: Promise<void> = Promise.resolve();

  constructor(options: AnnouncerOptions) {
    this.#options = options;
  }

  /** Resolves when the camera can be found: it has announced itself. */
  async join(): Promise<void> {
    const { ports, mdns } = this.#options;
    this.#stop = new AbortController();
    this.#http = await ports.serveHttp((request) => answerHttp(this.#camera(), request));
    this.#ssdp = await ports.openSsdp((bytes, from) => this.#onDatagram(bytes, from));
    if (mdns) {
      this.#mdns = await ports.openMdns((message) => {
        if (message.type === 'query' && asksForService(message)) {
          void this.#tell(serviceAnnounced(this.#camera()));
        }
      });
    }
    await this.#say(async () => {
      await this.#notify(byebye);
      await this.#claim(hostProbe, hostGoodbye);
      await this.#tell(hostAnnounced(this.#camera()));
      await this.#notify(alive);
    });
    // Programs that listen to SSDP alone have found it by now.
    void this.#say(async () => {
      await this.#pause(SERVICE_MS);
      await this.#claim(instanceProbe, serviceGoodbye);
      this.#announce();
    });
  }

  /** A computer is connected, or none any more. */
  setInUse(inUse: boolean): void {
    this.#inUse = inUse;
    if (!inUse) return;
    void this.#say(async () => {
      await this.#pause(IN_USE_MS);
      await this.#times(GOODBYES, serviceGoodbye);
      this.#announce();
    });
  }

  /** Says goodbye and leaves the network; nothing answers any more. */
  async leave(): Promise<void> {
    if (!this.#ssdp) return;
    this.#repeating.abort();
    this.#stop.abort();
    await this.#say(async () => {
      await this.#notify(byebye);
      await this.#times(GOODBYES, serviceGoodbye);
      await this.#times(GOODBYES, hostGoodbye);
    });
    await this.drop();
  }

  /** Leaves without a word: the cable is out, the battery empty. */
  async drop(): Promise<void> {
    this.#repeating.abort();
    this.#stop.abort();
    const open: (Closable | undefined)[] = [this.#ssdp, this.#mdns, this.#http];
    this.#ssdp = undefined;
    this.#mdns = undefined;
    this.#http = undefined;
    this.#inUse = false;
    await Promise.all(open.map(async (port) => port?.close()));
  }

  #camera(): Announced {
    const { identity, ports } = this.#options;
    const port = this.#http?.port ?? 0;
    return { ...identity, address: ports.address, port, inUse: this.#inUse };
  }

  #onDatagram(bytes: Uint8Array, from: Endpoint): void {
    const message = parseSsdp(bytes);
    if (message?.kind !== 'search' || this.#waiting >= WAITING_LIMIT) return;
    const answers = searchAnswers(this.#camera(), message.headers.get('st') ?? '');
    if (answers.length === 0) return;
    const seconds = Number(message.headers.get('mx') ?? '1');
    const most = 1000 * Math.min(seconds > 0 ? seconds : 0, 5);
    const { clock, delay, realistic } = this.#options;
    this.#waiting++;
    sleep(realistic ? delay(most) : 0, this.#stop.signal, clock)
      .then(async () => {
        for (const answer of answers) await this.#ssdp?.send(answer, from);
      })
      .catch(ignore)
      .finally(() => {
        this.#waiting--;
      });
  }

  /** Probes for a name, then makes others forget it. */
  async #claim(
    probe: (camera: Announced) => OutgoingDns,
    goodbye: (camera: Announced) => OutgoingDns,
  ): Promise<void> {
    if (!this.#mdns) return;
    for (let i = 0; i < PROBES; i++) {
      await this.#mdns?.send(probe(this.#camera()), PROBE_HOPS);
      await this.#pause(PROBE_MS);
    }
    await this.#times(GOODBYES, goodbye);
    await this.#pause(CLAIMED_MS);
  }

  /** Now, and again at growing distances. */
  #announce(): void {
    this.#repeating.abort();
    this.#repeating = new AbortController();
    const { signal } = this.#repeating;
    const repeat = async () => {
      let said = 0;
      await this.#tell(serviceAnnounced(this.#camera()));
      for (const at of REPEATED_S) {
        await sleep(1000 * (at - said), signal, this.#options.clock);
        said = at;
        await this.#tell(serviceAnnounced(this.#camera()));
      }
    };
    repeat().catch(ignore);
  }

  async #tell(message: OutgoingDns): Promise<void> {
    await this.#mdns?.send(message);
  }

  async #times(count: number, message: (camera: Announced) => OutgoingDns): Promise<void> {
    for (let i = 0; i < count; i++) await this.#tell(message(this.#camera()));
  }

  /** Each type twice. */
  async #notify(message: (camera: Announced, type: string) => Uint8Array): Promise<void> {
    const camera = this.#camera();
    for (const type of notificationTypes(camera)) {
      for (let i = 0; i < 2; i++) await this.#ssdp?.send(message(camera, type), GROUP);
    }
  }

  #pause(ms: number): Promise<void> {
    const { realistic, clock } = this.#options;
    return realistic ? sleep(ms, this.#stop.signal, clock) : Promise.resolve();
  }

  #say(words: () => Promise<void>): Promise<void> {
    // Broken off when the camera leaves meanwhile.
    this.#saying = this.#saying.then(words).catch(ignore);
    return this.#saying;
  }
}
