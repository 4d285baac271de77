/** Looks for cameras in the networks of this computer, for as long as it is wanted. */
import { ignore, sleep, systemClock } from '../base/time.ts';
import {
  CameraFinder,
  type Endpoint,
  type FinderEvent,
  type FoundCamera,
  mdnsQuestions,
  type NetworkInterface,
  SSDP_GROUP,
  SSDP_PORT,
  searchedTypes,
  searchMessage,
} from '../discovery/index.ts';
import { httpGet } from './http.ts';
import { type MdnsSocket, openMdns } from './mdns.ts';
import { type DatagramSocket, listenSsdp, openSsdp } from './multicast.ts';

export interface FindOptions {
  interfaces: readonly NetworkInterface[];
  onEvent(event: FinderEvent): void;
  onRefused?: ((reason: string, from: Endpoint) => void) | undefined;
}

export interface Search {
  readonly cameras: readonly FoundCamera[];
  close(): Promise<void>;
}

/** Datagrams are lost: three to begin with, then as Windows does. */
const FIRST_SEARCHES = 3;
const BETWEEN_FIRST_MS = 1200;
const BETWEEN_MS = 20_000;
/** Answers come within a second. */
const MX = 1;

/**
 * Listens for announcements and searches on every interface. What cannot be listened to, because
 * another program has it for itself, is done without: an answer to a search comes all the same.
 */
export async function findCameras(options: FindOptions): Promise<Search> {
  const { interfaces, onEvent, onRefused } = options;
  const finder = new CameraFinder({
    interfaces: () => interfaces,
    get: httpGet,
    clock: systemClock,
    onEvent,
    onRefused,
  });
  const onDatagram = (bytes: Uint8Array, from: Endpoint) => finder.onDatagram(bytes, from);
  const opened = await Promise.allSettled([
    listenSsdp({ interfaces: () => interfaces, onDatagram }),
    ...interfaces.map((own) => openSsdp(own, onDatagram)),
  ]);
  const [listener, ...searchers] = opened.map(socketOf);
  const mdns = (
    await Promise.allSettled(
      interfaces.map((own) =>
        openMdns(own, (message, from) => {
          if (message.type === 'response') finder.onMdns(message, from);
        }),
      ),
    )
  ).map(socketOf);
  const stop = new AbortController();
  void searchOn(searchers, mdns, stop.signal).catch(ignore);
  return {
    get cameras() {
      return finder.cameras;
    },
    async close() {
      stop.abort();
      finder.close();
      const sockets: (DatagramSocket | MdnsSocket | undefined)[] = [
        listener,
        ...searchers,
        ...mdns,
      ];
      await Promise.all(sockets.map(async (socket) => socket?.close()));
    },
  };
}

function socketOf<T>(settled: PromiseSettledResult<T>): T | undefined {
  return settled.status === 'fulfilled' ? settled.value : undefined;
}

async function searchOn(
  searchers: readonly (DatagramSocket | undefined)[],
  mdns: readonly (MdnsSocket | undefined)[],
  signal: AbortSignal,
): Promise<void> {
  const group = { address: SSDP_GROUP, port: SSDP_PORT };
  for (let round = 1; ; round++) {
    for (const socket of searchers) {
      for (const type of searchedTypes) await socket?.send(searchMessage(type, MX), group);
    }
    for (const socket of mdns) await socket?.send({ type: 'query', questions: mdnsQuestions });
    await sleep(round < FIRST_SEARCHES ? BETWEEN_FIRST_MS : BETWEEN_MS, signal);
  }
}

/** Whoever answers or announces itself within `ms`. */
export async function camerasInNetwork(
  interfaces: readonly NetworkInterface[],
  ms: number,
  signal: AbortSignal,
): Promise<FoundCamera[]> {
  if (interfaces.length === 0) return [];
  const search = await findCameras({ interfaces, onEvent: ignore });
  try {
    await sleep(ms, signal);
    return [...search.cameras].sort((a, b) => (a.host < b.host ? -1 : 1));
  } finally {
    await search.close();
  }
}

/** The camera that `isMeant` says yes to; rejects when the signal aborts. */
export async function awaitCamera(
  interfaces: readonly NetworkInterface[],
  isMeant: (camera: FoundCamera) => boolean,
  signal: AbortSignal,
): Promise<FoundCamera> {
  let found: (camera: FoundCamera) => void = ignore;
  const meant = new Promise<FoundCamera>((resolve) => {
    found = resolve;
  });
  const search = await findCameras({
    interfaces,
    onEvent: ({ type, camera }) => {
      if (type !== 'gone' && isMeant(camera)) found(camera);
    },
  });
  const aborted = new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  try {
    return await Promise.race([meant, aborted]);
  } finally {
    await search.close();
  }
}
