/** Which cameras are in the network: what they announce, checked and put together. */
import { messageOf } from '../base/errors.ts';
import type { Clock } from '../base/time.ts';
import { type DeviceDescription, parseDescription } from './description.ts';
import { checkLocation } from './location.ts';
import { type DnsMessage, type MdnsCamera, readMdnsCamera } from './mdns.ts';
import { interfaceOf, type NetworkInterface } from './network.ts';
import type { Endpoint, HttpGet } from './ports.ts';
import { ServiceType } from './service-types.ts';
import { parseSsdp, type SsdpMessage, uuidOfUsn } from './ssdp.ts';

/**
 * What the camera's menu is at. `imink`: a PowerShot that wants the phone program's own exchange
 * before it opens PTP/IP.
 */
export type WifiMode = 'eos-utility' | 'smartphone' | 'api' | 'imink';

export interface FoundCamera {
  /** "00000000-0000-0000-0001-58D50A13A80B": the same wherever the camera is. */
  uuid: string;
  mode: WifiMode;
  /** Its IPv4 address. */
  host: string;
  model: string;
  nickname: string | undefined;
  serialNumber: string | undefined;
  /** As on USB. */
  productId: number | undefined;
  /** A computer or phone is connected to it. */
  inUse: boolean;
  /** GUID of the computer that it waits for; undefined where it tells of none. */
  expectedGuid: string | undefined;
}

export interface FinderEvent {
  type: 'found' | 'changed' | 'gone';
  camera: FoundCamera;
}

export interface FinderOptions {
  interfaces(): readonly NetworkInterface[];
  get: HttpGet;
  clock: Clock;
  onEvent(event: FinderEvent): void;
  /** What was heard and not believed, and why. */
  onRefused?: ((reason: string, from: Endpoint) => void) | undefined;
}

const CAMERAS_LIMIT = 64;
const FETCHES_AT_ONCE = 4;
/** Between two fetches of one description at one place. */
const FETCH_AGAIN_MS = 20_000;
const FETCH_FAILED_MS = 2000;
/** A 1D X Mark II says byebye and comes back within 8 s while it is being paired. */
const GONE_MS = 10_000;
const REFUSALS_A_SECOND = 10;

/**
 * As Windows asks, header by header: an EOS 6D is reported to open its port only for whoever fetched
 * its description so.
 */
const WINDOWS_GET = [
  ['Cache-Control', 'no-cache'],
  ['Connection', 'Close'],
  ['Pragma', 'no-cache'],
  ['Accept', 'text/xml, application/xml'],
] as const;
const WINDOWS_AGENT = ['User-Agent', 'Microsoft-Windows/10.0 UPnP/1.0'] as const;

interface Known {
  camera: FoundCamera;
  stopGoing: (() => void) | undefined;
}

export class CameraFinder {
  #options: FinderOptions;
  #cameras = new Map<string, Known>();
  /** When a description may be fetched again. */
  #fetchAfter = new Map<string, number>();
  #fetching = 0;
  #abort = new AbortController();
  #refusals = 0;
  #refusalsEnd = Number.NEGATIVE_INFINITY;

  constructor(options: FinderOptions) {
    this.#options = options;
  }

  get cameras(): FoundCamera[] {
    return [...this.#cameras.values()].map(({ camera }) => camera);
  }

  /** Takes an SSDP datagram, whatever is in it. */
  onDatagram(bytes: Uint8Array, from: Endpoint): void {
    const message = parseSsdp(bytes);
    if (!message || message.kind === 'search') return;
    const type = message.headers.get(message.kind === 'answer' ? 'st' : 'nt') ?? '';
    const mode = modeOf(type);
    const uuid = uuidOfUsn(message.headers.get('usn'));
    if (!mode || !uuid) return;
    if (message.kind === 'byebye') this.#onByebye(uuid, mode, from);
    else this.#onAnnounced(message, uuid, mode, from);
  }

  /** Takes a message of mDNS, whatever is in it. */
  onMdns(message: Pick<DnsMessage, 'answers' | 'additionals'>, from: Endpoint): void {
    const told = readMdnsCamera(message);
    if (!told) return;
    // Its own idea of its address is not asked for: some bodies never tell it.
    if (!interfaceOf(from.address, this.#options.interfaces())) {
      this.#refuse('an announcement from another network', from);
      return;
    }
    const { mode } = told;
    const uuid = told.uuid ?? (mode === 'imink' ? from.address : undefined);
    if (told.goodbye) {
      for (const { camera } of this.#cameras.values()) {
        if (camera.host === from.address && camera.mode === mode) this.#mayGo(camera.uuid, mode);
      }
    } else if (uuid) {
      const camera = cameraOfMdns(uuid, mode, told, from.address);
      // It may tell less than the description did: that is no news.
      const before = this.#cameras.get(`${uuid} ${mode}`)?.camera;
      const said = Object.entries(camera).filter(([, value]) => value !== undefined);
      this.#know(before ? { ...before, ...Object.fromEntries(said) } : camera);
    }
  }

  /** Ends what is under way. */
  close(): void {
    this.#abort.abort();
    for (const { stopGoing } of this.#cameras.values()) stopGoing?.();
    this.#cameras.clear();
  }

  #onAnnounced(message: SsdpMessage, uuid: string, mode: WifiMode, from: Endpoint): void {
    const checked = checkLocation(
      message.headers.get('location') ?? '',
      from.address,
      this.#options.interfaces(),
    );
    if ('refused' in checked) {
      this.#refuse(checked.refused, from);
      return;
    }
    const { clock } = this.#options;
    const place = `${uuid} ${mode} ${checked.url.host}`;
    if (clock.now() < (this.#fetchAfter.get(place) ?? Number.NEGATIVE_INFINITY)) return;
    if (this.#fetching >= FETCHES_AT_ONCE) return;
    if (this.#fetchAfter.size >= 4 * CAMERAS_LIMIT) this.#fetchAfter.clear();
    this.#fetchAfter.set(place, clock.now() + FETCH_AGAIN_MS);
    this.#fetching++;
    void this.#fetch(checked.url, uuid, mode, from)
      .catch((error: unknown) => {
        this.#fetchAfter.set(place, clock.now() + FETCH_FAILED_MS);
        if (!this.#abort.signal.aborted) this.#refuse(messageOf(error), from);
      })
      .finally(() => {
        this.#fetching--;
      });
  }

  async #fetch(url: URL, uuid: string, mode: WifiMode, from: Endpoint): Promise<void> {
    const { signal } = this.#abort;
    const headers = [...WINDOWS_GET, ['Host', url.host] as const, WINDOWS_AGENT];
    const { status, body } = await this.#options.get(url, headers, signal);
    if (signal.aborted) return;
    if (status !== 200) return this.#refuse(`a description that answers ${status}`, from);
    const description = parseDescription(body);
    if (description.uuid !== uuid) {
      return this.#refuse('a description of another device than announced', from);
    }
    this.#know(cameraOf(uuid, mode, description, url.hostname));
  }

  #know(camera: FoundCamera): void {
    const key = `${camera.uuid} ${camera.mode}`;
    const known = this.#cameras.get(key);
    if (!known) {
      if (this.#cameras.size >= CAMERAS_LIMIT) return;
      this.#cameras.set(key, { camera, stopGoing: undefined });
      this.#options.onEvent({ type: 'found', camera });
      return;
    }
    // Back from a goodbye it is news, too: its menu was entered again.
    const changed = known.stopGoing || JSON.stringify(known.camera) !== JSON.stringify(camera);
    known.stopGoing?.();
    known.stopGoing = undefined;
    known.camera = camera;
    if (changed) this.#options.onEvent({ type: 'changed', camera });
  }

  #onByebye(uuid: string, mode: WifiMode, from: Endpoint): void {
    // Nobody else says goodbye for it.
    if (this.#cameras.get(`${uuid} ${mode}`)?.camera.host === from.address) this.#mayGo(uuid, mode);
  }

  #mayGo(uuid: string, mode: WifiMode): void {
    const key = `${uuid} ${mode}`;
    const known = this.#cameras.get(key);
    if (!known) return;
    // What it says when it comes back may be new.
    for (const place of this.#fetchAfter.keys()) {
      if (place.startsWith(key)) this.#fetchAfter.delete(place);
    }
    known.stopGoing?.();
    known.stopGoing = this.#options.clock.after(GONE_MS, () => {
      this.#cameras.delete(key);
      this.#options.onEvent({ type: 'gone', camera: known.camera });
    });
  }

  #refuse(reason: string, from: Endpoint): void {
    const now = this.#options.clock.now();
    if (now >= this.#refusalsEnd) {
      this.#refusals = 0;
      this.#refusalsEnd = now + 1000;
    }
    if (this.#refusals++ < REFUSALS_A_SECOND) this.#options.onRefused?.(reason, from);
  }
}

function modeOf(type: string): WifiMode | undefined {
  switch (type) {
    case ServiceType.EosUtility:
      return 'eos-utility';
    case ServiceType.Smartphone:
      return 'smartphone';
    case ServiceType.CameraControlApi:
      return 'api';
    case ServiceType.MobileConnectedCamera:
      return 'imink';
    default:
      return undefined;
  }
}

function cameraOf(
  uuid: string,
  mode: WifiMode,
  description: DeviceDescription,
  host: string,
): FoundCamera {
  const { modelName, friendlyName, nickname, serialNumber, productId, inUse, expectedGuid } =
    description;
  const model = modelName ?? friendlyName ?? 'Canon camera';
  return { uuid, mode, host, model, nickname, serialNumber, productId, inUse, expectedGuid };
}

function cameraOfMdns(uuid: string, mode: WifiMode, told: MdnsCamera, host: string): FoundCamera {
  const { modelName, nickname, serialNumber, productId, inUse, expectedGuid } = told;
  const model = modelName ?? 'Canon camera';
  return { uuid, mode, host, model, nickname, serialNumber, productId, inUse, expectedGuid };
}
