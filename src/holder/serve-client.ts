/** A client of a holder comes: who it is, what it wants, and the camera for it. */
import type { ByteStream } from '../base/byte-stream.ts';
import { HotshoeError, LinkError } from '../base/errors.ts';
import { type Clock, ignore, systemClock, within } from '../base/time.ts';
import { ClientDesk, setAlive } from './client-desk.ts';
import {
  Frame,
  FrameReader,
  FrameWriter,
  type Hello,
  type HolderStatus,
  PROTOCOL,
  plainError,
  type Welcome,
} from './frames.ts';
import type { HeldCamera } from './held-camera.ts';
import type { HeldLink } from './held-link.ts';

export interface ServeOptions {
  held: HeldCamera;
  version: string;
  pid: number;
  clock?: Clock | undefined;
}

const HELLO_MS = 5000;

/** Resolves when the client has left. Never rejects. */
export async function serveClient(stream: ByteStream, options: ServeOptions): Promise<void> {
  const reader = new FrameReader(stream);
  const writer = new FrameWriter(stream);
  try {
    const hello = await within(readHello(reader), { ms: HELLO_MS, what: 'no greeting came' });
    if (hello) await answer(hello, stream, reader, writer, options);
  } catch (error) {
    await writer.send(Frame.Refused, plainError(error)).catch(ignore);
  } finally {
    await stream.close();
  }
}

async function readHello(reader: FrameReader): Promise<Hello | undefined> {
  const head = await reader.head();
  if (!head) return undefined;
  if (head.kind !== Frame.Hello) throw new LinkError('this is the socket of a camera’s holder');
  return reader.json<Hello>(head);
}

async function answer(
  hello: Hello,
  stream: ByteStream,
  reader: FrameReader,
  writer: FrameWriter,
  options: ServeOptions,
): Promise<void> {
  const { held, version, pid } = options;
  // These two are understood by all versions: one must be able to end another.
  if (hello.want === 'status') return writer.send(Frame.Welcome, statusOf(options));
  if (hello.want === 'release') {
    if (held.users > 0 && !hello.force) {
      throw new HotshoeError('BUSY', `${nameOf(held)} is used by ${commands(held.users)}`, {
        hint: 'Wait for its end, or end it all the same: hotshoe release --force.',
      });
    }
    const status = statusOf(options);
    await held.close();
    return writer.send(Frame.Welcome, status);
  }
  if (hello.protocol !== PROTOCOL || hello.version !== version) {
    throw new HotshoeError(
      'BUSY',
      `${nameOf(held)} is held by hotshoe ${version} (process ${pid}), and this is ${hello.version}`,
      { hint: 'Let it go by `hotshoe release`, and hold it again.' },
    );
  }
  const leave = held.enter();
  try {
    const link = await awaitLink(stream, writer, held);
    await writer.send(Frame.Welcome, {
      ...statusOf(options),
      kind: link.session.transport.kind,
      peerName: link.session.transport.peerName,
    } satisfies Welcome);
    await new ClientDesk(stream, reader, writer, link, options.clock).run();
  } finally {
    leave();
  }
}

/** Tells the client meanwhile what it waits for. */
async function awaitLink(
  stream: ByteStream,
  writer: FrameWriter,
  held: HeldCamera,
): Promise<HeldLink> {
  const gone = new AbortController();
  void stream.closed.then(() => gone.abort(new LinkError('the command has ended')));
  const states = held.states.subscribe();
  const telling = (async () => {
    if (held.state.name !== 'connected') await writer.send(Frame.State, held.state);
    for await (const state of states) await writer.send(Frame.State, state);
  })().catch(ignore);
  const alive = setAlive(writer, systemClock);
  try {
    return await held.link(gone.signal);
  } finally {
    alive();
    await states.return();
    await telling;
  }
}

function statusOf({ held, version, pid }: ServeOptions): HolderStatus {
  const { address, state, users, model } = held;
  return { pid, version, address, model, state, users };
}

const nameOf = (held: HeldCamera) => held.model ?? held.address;

const commands = (n: number) => (n === 1 ? 'another command' : `${n} other commands`);
