/**
 * A PowerShot at "connect to computer": it searches for computers that claim to be Windows, lists
 * their names, and connects to the one that its user chooses. Which computers it refuses, and why,
 * it says: the author of a program that is refused wants to know.
 */
import { messageOf } from '../../base/errors.ts';
import { type Clock, ignore, sleep } from '../../base/time.ts';
import {
  type Endpoint,
  parseDescription,
  parseSsdp,
  ServiceType,
  SSDP_GROUP,
  SSDP_PORT,
  searchMessage,
} from '../../discovery/index.ts';
import type { WifiPorts } from './ports.ts';

export interface ListedComputer {
  /** As the camera shows it. */
  name: string;
  uuid: string;
}

export interface ComputerSearchOptions {
  ports: WifiPorts;
  clock: Clock;
  /** Of the computer that is registered: others are not looked at. */
  uuid?: string | undefined;
  onListed(computer: ListedComputer): void;
  log(line: string): void;
}

/** The rhythm of a real one has not been measured. */
const SEARCH_MS = 2000;
const MX = 3;
const LIST_LIMIT = 16;
const WINDOWS = /Microsoft-Windows/;
/** Exactly so: the quotes and the charset are needed. */
const XML_TYPE = /^text\/xml; *charset="utf-8"$/;

export class ComputerSearch {
  readonly computers: ListedComputer[] = [];
  #options: ComputerSearchOptions;
  #stop = new AbortController();
  #asked = new Set<string>();
  #ended: Promise<void> = Promise.resolve();

  constructor(options: ComputerSearchOptions) {
    this.#options = options;
  }

  start(): void {
    this.#ended = this.#run().catch((error: unknown) => {
      if (!this.#stop.signal.aborted) this.#options.log(`the search ended: ${messageOf(error)}`);
    });
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#ended;
  }

  async #run(): Promise<void> {
    const { ports, clock } = this.#options;
    const { signal } = this.#stop;
    const ssdp = await ports.openSsdp((bytes, from) => {
      void this.#onAnswer(bytes, from).catch(ignore);
    });
    try {
      for (;;) {
        await ssdp.send(searchMessage(ServiceType.RootDevice, MX), {
          address: SSDP_GROUP,
          port: SSDP_PORT,
        });
        await sleep(SEARCH_MS, signal, clock);
      }
    } finally {
      await ssdp.close();
    }
  }

  async #onAnswer(bytes: Uint8Array, from: Endpoint): Promise<void> {
    const message = parseSsdp(bytes);
    if (message?.kind !== 'answer') return;
    const { headers } = message;
    const refuse = (why: string) => this.#options.log(`${from.address} is not listed: ${why}`);
    const usn = headers.get('usn') ?? '';
    const uuid = /^uuid:([^:]+)/.exec(usn)?.[1]?.toLowerCase();
    if (headers.get('st') !== ServiceType.RootDevice && !usn.endsWith(ServiceType.RootDevice)) {
      return refuse('its answer is not about a root device');
    }
    if (!uuid) return refuse('its USN has no uuid');
    if (!WINDOWS.test(headers.get('server') ?? '')) {
      return refuse('the Server of its answer does not say Microsoft-Windows');
    }
    if (this.#options.uuid !== undefined && uuid !== this.#options.uuid) {
      return refuse('it has another uuid than the computer that is registered');
    }
    const location = headers.get('location') ?? '';
    if (!/^http:\/\/\d+\.\d+\.\d+\.\d+:\d+\//.test(location)) {
      return refuse('its LOCATION is no http address in numbers');
    }
    if (this.#asked.has(uuid) || this.#asked.size >= LIST_LIMIT) return;
    this.#asked.add(uuid);
    const why = await this.#read(new URL(location), uuid);
    if (why === undefined) return;
    this.#asked.delete(uuid);
    refuse(why);
  }

  /** Lists it, or says why not. */
  async #read(url: URL, uuid: string): Promise<string | undefined> {
    const { ports, onListed } = this.#options;
    const { signal } = this.#stop;
    try {
      const { status, headers, body } = await ports.get(url, [['Host', url.host]], signal);
      const header = (name: string) =>
        headers.find(([key]) => key.toLowerCase() === name)?.[1] ?? '';
      if (status !== 200) return `its description answers ${status}`;
      if (!XML_TYPE.test(header('content-type'))) {
        return `the Content-Type of its description is ${header('content-type')}, not text/xml; charset="utf-8"`;
      }
      if (!WINDOWS.test(header('server'))) {
        return 'the Server of its description does not say Microsoft-Windows';
      }
      const { friendlyName = '', uuid: told } = parseDescription(body);
      const name = friendlyName.split(':')[0]?.trim();
      if (!name) return 'its description has no friendlyName';
      if (told?.toLowerCase() !== uuid) return 'its description has another uuid than its answer';
      const computer = { name, uuid };
      this.computers.push(computer);
      onListed(computer);
      return undefined;
    } catch (error) {
      return messageOf(error);
    }
  }
}
