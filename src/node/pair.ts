/** The first connection with a camera: be found, find, be accepted by a person, and remember. */
import { HotshoeError, messageOf } from '../base/errors.ts';
import { ignore, sleep } from '../base/time.ts';
import type { OpenOptions } from '../camera/address.ts';
import type { Camera } from '../camera/camera.ts';
import type { FoundCamera, NetworkInterface } from '../discovery/index.ts';
import { PTP_IP_PORT, parseGuid } from '../ptp/index.ts';
import type { Computer } from './computer.ts';
import { findCameras, type Search } from './find-cameras.ts';
import { freeName, type KnownCamera, knownCameras, rememberCamera } from './known-cameras.ts';
import { type IpCamera, openIpCamera } from './open-ip.ts';
import { responderUuid } from './responder-uuid.ts';
import { type Identity, identity } from './state.ts';
import { beComputerFor, computerIdentity, openVisitor, Visitors, whileRefused } from './wifi.ts';

/** What happens on the way, as it happens. */
export type PairEvent =
  /** This computer can be found now, under this name. */
  | { type: 'ready'; computer: string; addresses: string[] }
  /** A camera announces itself. */
  | { type: 'found'; camera: FoundCamera }
  /** It is connected to something else. */
  | { type: 'in-use'; camera: FoundCamera }
  /** It is at a menu that leads elsewhere. */
  | { type: 'other-mode'; camera: FoundCamera }
  /** Something looks for computers. */
  | { type: 'searched'; host: string }
  /** It has read who this one is. */
  | { type: 'read'; host: string }
  | { type: 'connecting'; host: string }
  /** The camera asks its user about this computer. */
  | { type: 'asked'; host: string; timeoutMs: number }
  /** Not this time. */
  | { type: 'failed'; host: string; reason: string; hint: string | undefined }
  /** Heard, and not believed. */
  | { type: 'ignored'; host: string; reason: string };

export interface PairOptions {
  interfaces: readonly NetworkInterface[];
  /** A camera whose address is known; nothing is looked for then. */
  place?: { host: string; port: number } | undefined;
  /** Shown on the camera's screen; this computer's name unless told otherwise. */
  name?: string | undefined;
  /** What the camera will be called here; its own nickname unless told otherwise. */
  as?: string | undefined;
  descriptionPort?: number | undefined;
  /**
   * Present the GUID that the camera says it waits for, of a pairing that another program made, in
   * place of this computer's own.
   */
  useExpectedGuid?: boolean | undefined;
  onEvent(event: PairEvent): void;
  open: OpenOptions;
  signal: AbortSignal;
}

export interface Paired {
  camera: Camera;
  known: KnownCamera;
}

/** A camera that is remembered already waits, so that a new one comes first. */
const KNOWN_LATER_MS = 5000;
/** An EOS 6D opens its port so long after its description was read. */
const REFUSED_MS = 45_000;

/** Resolves with the first camera that accepts this computer; it is open. Rejects at the signal. */
export async function pairCamera(options: PairOptions): Promise<Paired> {
  const { place, signal } = options;
  const own = await identity();
  const as = { guid: own.guid, name: options.name ?? own.name };
  if (place) {
    const opened = await connect(place.host, place.port, as, options);
    return remember(options, opened, { ...place, flow: 'announced' });
  }
  // Whoever is first ends the other.
  const stop = new AbortController();
  const onAbort = () => stop.abort(signal.reason);
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    // What to press is said before anything is said of cameras.
    const visits = await startVisits(options);
    const ways = [
      awaitChoice(options, visits, stop.signal),
      awaitAnnounced(options, as, stop.signal),
    ];
    for (const way of ways) way.catch(ignore);
    const paired = await Promise.race(ways);
    stop.abort(new Error('another camera was first'));
    for (const other of await Promise.allSettled(ways)) {
      // Two at once: the second is remembered, and let go.
      if (other.status === 'fulfilled' && other.value !== paired) await other.value.camera.close();
    }
    return paired;
  } finally {
    stop.abort();
    signal.removeEventListener('abort', onAbort);
  }
}

/** Cameras that announce themselves, one after the other. */
async function awaitAnnounced(
  options: PairOptions,
  as: Identity,
  signal: AbortSignal,
): Promise<Paired> {
  const { interfaces, onEvent } = options;
  const known = new Set((await knownCameras()).map(({ id }) => id));
  const queue: FoundCamera[] = [];
  /** Whose connection is our own. */
  let connecting: string | undefined;
  let wake: () => void = ignore;
  const take = (camera: FoundCamera) => {
    queue.push(camera);
    wake();
  };
  const search: Search = await findCameras({
    interfaces,
    onRefused: (reason, { address }) => onEvent({ type: 'ignored', host: address, reason }),
    onEvent({ type, camera }) {
      if (type === 'gone') return;
      if (camera.mode === 'imink' || camera.mode === 'api') {
        return onEvent({ type: 'other-mode', camera });
      }
      if (camera.uuid === connecting) return;
      if (camera.inUse) return onEvent({ type: 'in-use', camera });
      onEvent({ type: 'found', camera });
      if (!known.has(idOf(camera))) take(camera);
      else void sleep(KNOWN_LATER_MS, signal).then(() => take(camera), ignore);
    },
  });
  try {
    for (;;) {
      signal.throwIfAborted();
      const camera = queue.shift();
      if (!camera) {
        await new Promise<void>((resolve) => {
          wake = resolve;
          signal.addEventListener('abort', () => resolve(), { once: true });
        });
        continue;
      }
      // A menu entered twice is heard of twice.
      for (let i = queue.length - 1; i >= 0; i--) {
        if (queue[i]?.uuid === camera.uuid) queue.splice(i, 1);
      }
      const expected = options.useExpectedGuid ? camera.expectedGuid : undefined;
      const guid = expected === undefined ? as.guid : (parseGuid(expected) ?? as.guid);
      const identityOf = { guid, name: as.name };
      const { host } = camera;
      connecting = camera.uuid;
      try {
        const opened = await connect(host, PTP_IP_PORT, identityOf, options, signal);
        return await remember(options, opened, {
          ...{ host, port: PTP_IP_PORT, flow: 'announced' },
          ...(expected !== undefined && { guid: expected }),
        });
      } catch (error) {
        if (signal.aborted) throw error;
        onEvent(failed(host, error));
      } finally {
        connecting = undefined;
      }
    }
  } finally {
    await search.close();
  }
}

interface Visits {
  uuid: string;
  computer: Computer;
  visitors: Visitors;
}

/** This computer as PowerShots look for it. */
async function startVisits(options: PairOptions): Promise<Visits> {
  const { interfaces, onEvent, descriptionPort, name } = options;
  const { uuid } = await responderUuid();
  const visitors = new Visitors();
  const computer = await beComputerFor(visitors, {
    uuid,
    interfaces: () => interfaces,
    name,
    descriptionPort,
    onSearch: ({ address }) => onEvent({ type: 'searched', host: address }),
    onFetched: ({ address }) => onEvent({ type: 'read', host: address }),
    onRefused: (reason, { address }) => onEvent({ type: 'ignored', host: address, reason }),
  });
  const addresses = interfaces.map(({ address }) => address);
  onEvent({ type: 'ready', computer: computer.name, addresses });
  return { uuid, computer, visitors };
}

/** PowerShots, which look for computers and open their port to the one that is chosen. */
async function awaitChoice(
  options: PairOptions,
  { uuid, computer, visitors }: Visits,
  signal: AbortSignal,
): Promise<Paired> {
  try {
    const as = computerIdentity(uuid, computer);
    for (;;) {
      const host = await visitors.next(signal);
      const place = { host, port: PTP_IP_PORT, identity: as, address: addressOf(host) };
      try {
        const opened = await openVisitor(place, openOptions(host, options), signal);
        return await remember(options, opened, { host, port: PTP_IP_PORT, flow: 'computer' });
      } catch (error) {
        if (signal.aborted) throw error;
        options.onEvent(failed(host, error));
      }
    }
  } finally {
    await computer.close();
  }
}

async function connect(
  host: string,
  port: number,
  as: Identity,
  options: PairOptions,
  signal: AbortSignal = options.signal,
): Promise<IpCamera> {
  options.onEvent({ type: 'connecting', host });
  const place = { host, port, identity: as, address: addressOf(host, port) };
  const open = () => openIpCamera(place, { ...openOptions(host, options), signal });
  return whileRefused(open, REFUSED_MS, signal);
}

function openOptions(host: string, { open, onEvent }: PairOptions): OpenOptions {
  return {
    ...open,
    onWaiting: ({ timeoutMs }) => onEvent({ type: 'asked', host, timeoutMs }),
  };
}

async function remember(
  options: PairOptions,
  { camera, id, nickname }: IpCamera,
  place: Pick<KnownCamera, 'host' | 'port' | 'flow' | 'guid'>,
): Promise<Paired> {
  try {
    const { model } = camera.identity;
    const before = (await knownCameras()).find((known) => known.id === id);
    const wanted = options.as ?? before?.name ?? (nickname || model);
    const known: KnownCamera = { id, name: await freeName(wanted, id), model, ...place };
    await rememberCamera(known);
    return { camera, known };
  } catch (error) {
    await camera.close();
    throw error;
  }
}

function failed(host: string, error: unknown): PairEvent {
  const hint = error instanceof HotshoeError ? error.hint : undefined;
  return { type: 'failed', host, reason: messageOf(error), hint };
}

const addressOf = (host: string, port = PTP_IP_PORT) =>
  port === PTP_IP_PORT ? `ptpip://${host}` : `ptpip://${host}:${port}`;

const idOf = ({ uuid }: FoundCamera) => uuid.slice(-12).toLowerCase();
