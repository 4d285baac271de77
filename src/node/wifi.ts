/** Reaching a camera that was paired: where it was last, else by looking, else by being chosen on it. */
import { HotshoeError, LinkError, TimeoutError } from '../base/errors.ts';
import { formatDuration, ignore, sleep, systemClock } from '../base/time.ts';
import type { OpenOptions } from '../camera/address.ts';
import type { Camera } from '../camera/camera.ts';
import { Operation, parseGuid } from '../ptp/index.ts';
import { beComputer, type Computer, type ComputerOptions } from './computer.ts';
import { awaitCamera } from './find-cameras.ts';
import { type KnownCamera, rememberCamera } from './known-cameras.ts';
import { ownInterfaces, requireInterfaces } from './network-interfaces.ts';
import { type IpCamera, type IpPlace, openIpCamera } from './open-ip.ts';
import { responderUuid } from './responder-uuid.ts';
import { type Identity, identity } from './state.ts';

/** At its last address a camera that is there answers at once. */
const LAST_PLACE_MS = 3000;
const AWAIT_MS = 60_000;
/** Choosing on a camera's screen takes a person. */
const CHOOSE_MS = 180_000;
/** A port that is about to open: an EOS 6D takes up to 45 s. */
const REFUSED_MS = 45_000;
const RETRY_MS = 1000;
/** All objects of all storages. */
const EVERYTHING = [0xffffffff, 0, 0] as const;

/** A camera that announces itself in the network: EOS bodies, PowerShots waiting for a phone. */
export async function openAnnounced(
  known: KnownCamera,
  address: string,
  options: OpenOptions,
): Promise<Camera> {
  const { guid, name } = await identity();
  const as = { guid: parseGuid(known.guid ?? '') ?? guid, name };
  const open = (host: string, connectMs?: number) =>
    openIpCamera({ host, port: known.port, identity: as, address, connectMs }, options, (id) => {
      if (id === known.id) return;
      throw new LinkError(`another camera than ${known.name} is at ${host}`, {
        code: 'UNREACHABLE',
      });
    });
  try {
    return (await open(known.host, LAST_PLACE_MS)).camera;
  } catch (error) {
    if (!isElsewhere(error)) throw error;
  }
  const { signal, acceptTimeoutMs: timeoutMs = AWAIT_MS, onAwaited } = options;
  onAwaited?.({ camera: known.name, timeoutMs });
  const isMeant = (uuid: string) => uuid.slice(-12).toLowerCase() === known.id;
  const deadline = deadlineSignal(timeoutMs, signal, () => notFound(known, timeoutMs));
  try {
    const { host } = await awaitCamera(
      requireInterfaces(),
      ({ uuid, mode }) => isMeant(uuid) && (mode === 'eos-utility' || mode === 'smartphone'),
      deadline.signal,
    );
    const { camera } = await whileRefused(() => open(host), REFUSED_MS, deadline.signal);
    await rememberCamera({ ...known, host });
    return camera;
  } finally {
    deadline.stop();
  }
}

/** A PowerShot that connects when this computer is chosen on its screen. */
export async function openChosen(
  known: KnownCamera,
  address: string,
  options: OpenOptions,
): Promise<Camera> {
  const { signal, acceptTimeoutMs: timeoutMs = CHOOSE_MS, onAwaited } = options;
  const { uuid } = await responderUuid();
  const deadline = deadlineSignal(timeoutMs, signal, () => notFound(known, timeoutMs));
  const visitors = new Visitors();
  const computer = await beComputerFor(visitors, { uuid, interfaces: () => ownInterfaces() });
  try {
    onAwaited?.({ camera: known.name, computer: computer.name, timeoutMs });
    const as = computerIdentity(uuid, computer);
    for (;;) {
      const host = await visitors.next(deadline.signal);
      try {
        const place = { host, port: known.port, identity: as, address };
        const { camera, id } = await openVisitor(place, options, deadline.signal);
        if (id === known.id) {
          if (host !== known.host) await rememberCamera({ ...known, host });
          return camera;
        }
        await camera.close();
      } catch (error) {
        // Somebody else in the network who read the description; the camera may still come.
        const rejected = error instanceof LinkError && error.code === 'REJECTED';
        if (deadline.signal.aborted || !(rejected || isElsewhere(error))) throw error;
      }
    }
  } finally {
    deadline.stop();
    await computer.close();
  }
}

/** Addresses that have read this computer's description, each once at a time. */
export class Visitors {
  #waiting: string[] = [];
  #wake: () => void = ignore;

  add(host: string): void {
    if (!this.#waiting.includes(host) && this.#waiting.length < 16) this.#waiting.push(host);
    this.#wake();
  }

  async next(signal: AbortSignal): Promise<string> {
    for (;;) {
      signal.throwIfAborted();
      const host = this.#waiting.shift();
      if (host !== undefined) return host;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
  }
}

/** The responder for PowerShots, noting who reads its description. */
export async function beComputerFor(
  visitors: Visitors,
  options: ComputerOptions,
): Promise<Computer> {
  const noting: ComputerOptions = {
    ...options,
    onFetched(from) {
      visitors.add(from.address);
      options.onFetched?.(from);
    },
  };
  try {
    return await beComputer(noting);
  } catch (error) {
    // Answers name the port: only a person who wrote one wants that one.
    const taken = error instanceof HotshoeError && error.code === 'LISTEN';
    if (!taken || options.descriptionPort !== undefined) throw error;
    return beComputer({ ...noting, descriptionPort: 0 });
  }
}

/** By its uuid, in case the camera compares; and by the name that stands in its list. */
export function computerIdentity(uuid: string, { name }: Pick<Computer, 'name'>): Identity {
  return { guid: parseGuid(uuid) ?? new Uint8Array(16), name };
}

/**
 * Connects to a camera on which this computer was, or is about to be, chosen: until then its port is
 * closed. It gives up soon unless objects are asked for: opening a session does not count.
 */
export async function openVisitor(
  place: IpPlace,
  options: OpenOptions,
  signal: AbortSignal,
): Promise<IpCamera> {
  const opened = await whileRefused(
    () => openIpCamera(place, { ...options, signal }),
    CHOOSE_MS,
    signal,
    ['CONNECTION_REFUSED', 'REJECTED'],
  );
  try {
    await opened.camera.ptp?.transaction(Operation.GetObjectHandles, EVERYTHING, { signal });
    return opened;
  } catch (error) {
    await opened.camera.close();
    throw error;
  }
}

/** Again and again while the port is closed. */
export async function whileRefused<T>(
  open: () => Promise<T>,
  ms: number,
  signal: AbortSignal | undefined,
  codes: readonly string[] = ['CONNECTION_REFUSED'],
): Promise<T> {
  const end = systemClock.now() + ms;
  for (;;) {
    try {
      return await open();
    } catch (error) {
      const refused = error instanceof HotshoeError && codes.includes(error.code);
      if (!refused || systemClock.now() >= end) throw error;
      await sleep(RETRY_MS, signal);
    }
  }
}

/** Nothing answers there, or something else: it may be at another address. */
function isElsewhere(error: unknown): boolean {
  const codes = ['CONNECTION_REFUSED', 'UNREACHABLE', 'TIMEOUT', 'INVALID_DATA'];
  return error instanceof HotshoeError && codes.includes(error.code);
}

function notFound({ name, model, flow }: KnownCamera, ms: number): TimeoutError {
  return new TimeoutError(`${name} (${model}) did not come within ${formatDuration(ms)}`, {
    hint:
      flow === 'computer'
        ? 'Choose this computer in the camera’s Wi-Fi menu. Some access points keep their clients apart.'
        : 'Switch the camera on, in the same network. Some access points keep their clients apart.',
  });
}

/** Aborts with the signal, or with an error of its own when the time is up. */
function deadlineSignal(
  ms: number,
  signal: AbortSignal | undefined,
  reason: () => Error,
): { signal: AbortSignal; stop(): void } {
  const controller = new AbortController();
  const onAbort = () => controller.abort(signal?.reason);
  const stopTimer = systemClock.after(ms, () => controller.abort(reason()));
  if (signal?.aborted) onAbort();
  signal?.addEventListener('abort', onAbort, { once: true });
  return {
    signal: controller.signal,
    stop() {
      stopTimer();
      signal?.removeEventListener('abort', onAbort);
    },
  };
}
