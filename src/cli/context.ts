/** What every command gets: output, the camera, the signal of Ctrl-C. */
import { appendFileSync } from 'node:fs';
import { HotshoeError } from '../base/errors.ts';
import { canonNames } from '../canon/ptp/index.ts';
import type { NetworkInterface } from '../discovery/index.ts';
import type { HeldState } from '../holder/index.ts';
import type { TransactionLog } from '../inspect/index.ts';
import type { NormalLog } from '../inspect/normal-log.ts';
import { fileError } from '../node/file-error.ts';
import { type Camera, type OpenOptions, open } from '../node/index.ts';
import type { Recording } from '../node/record-file.ts';
import type { UsbBus } from '../usb/port.ts';
import '../virtual/opener.ts';
import { Output, type Streams } from './output.ts';
import { version } from './version.ts';

export interface GlobalOptions {
  camera?: string;
  json?: boolean;
  jsonl?: boolean;
  quiet?: boolean;
  verbose?: number;
  log?: string;
  record?: string;
  redact?: boolean;
  wait?: number;
  mode?: 'ptp' | 'normal';
}

export interface RunOptions {
  streams: Streams & { stdin: NodeJS.ReadableStream };
  env: NodeJS.ProcessEnv;
  /** Aborts at Ctrl-C. */
  signal: AbortSignal;
  /** Instead of this computer's USB; for tests. */
  usb?: UsbBus | undefined;
  /** Instead of this computer's networks; with a `usb` and without these there are none. */
  interfaces?: readonly NetworkInterface[] | undefined;
}

export interface Context {
  readonly options: GlobalOptions;
  readonly output: Output;
  readonly env: NodeJS.ProcessEnv;
  /** Aborts at the first Ctrl-C. */
  readonly signal: AbortSignal;
  /** This computer's USB; throws an UNSUPPORTED error where the package for it is missing. */
  usb(): Promise<UsbBus>;
  /** Where transactions are shown or noted down, as -v and --log want it. */
  log(): Promise<Logs | undefined>;
  /** The networks that cameras could be in. */
  interfaces(): Promise<readonly NetworkInterface[]>;
  /** The address of the camera that the user chose, as a holder of it is known by. */
  chosenCamera(): Promise<string>;
  /**
   * Opens the camera that the user chose, runs `work`, closes it on every path. Who can go on with a
   * camera that was lost and is back gets it by `joinAgain`, and closes it.
   */
  withCamera<T>(
    work: (camera: Camera, joinAgain: JoinAgain) => Promise<T>,
    options?: Pick<OpenOptions, 'driver' | 'onDeviceInfo'>,
  ): Promise<T>;
}

/**
 * Waits for a camera that was lost, where a holder looks for it; undefined where none does. Rejects
 * when that one gives it up.
 */
export type JoinAgain = () => Promise<Camera | undefined>;

export function makeContext(options: GlobalOptions, run: RunOptions): Context {
  const { streams, env, signal } = run;
  const output = new Output(streams, options, env);
  // Whoever names a camera in the network need not wait until what reaches USB is loaded.
  const usb = async () => run.usb ?? (await import('../node/usb/bus.ts')).nodeUsb();
  const chosen = async () => {
    const named = options.camera || env.HOTSHOE_CAMERA;
    return named ? addressOf(named) : onlyCamera(usb, env);
  };
  return {
    options,
    output,
    env,
    signal,
    usb,
    log: () => makeLog(options, output),
    async interfaces() {
      if (run.interfaces || run.usb) return run.interfaces ?? [];
      return (await import('../node/network-interfaces.ts')).ownInterfaces();
    },
    chosenCamera: async () => heldAddress(await chosen(), usb),
    async withCamera(work, openOptions = {}) {
      const log = await makeLog(options, output);
      const address = await chosen();
      await using recording = await makeRecording(options, output);
      const opened = await openOrJoin(address, usb, env, {
        ...openOptions,
        signal,
        usb: run.usb,
        tap: log?.ptp,
        normalTap: log?.normal,
        mode: options.mode,
        traffic: recording?.tap,
        acceptTimeoutMs: options.wait,
        onWaiting: ({ name, timeoutMs }) =>
          output.note(stateInWords({ name: 'asked', camera: name, timeoutMs })),
        onAwaited: (awaited) => output.note(stateInWords({ name: 'awaited', ...awaited })),
        onState: (state) => output.note(stateInWords(state)),
        onHeld: (inWords) => output.note(inWords),
      });
      await using camera = opened.camera;
      if (log && camera.ptp) log.ptp.names = camera.ptp.names;
      return await work(camera, opened.joinAgain);
    },
  };
}

/** Under way until the camera is closed, whatever becomes of the command. */
async function makeRecording(
  { record, redact }: GlobalOptions,
  output: Output,
): Promise<(Pick<Recording, 'tap'> & AsyncDisposable) | undefined> {
  if (record === undefined) return undefined;
  const { recordTo } = await import('../node/record-file.ts');
  const { tap, finish } = recordTo(record, { redact });
  return {
    tap,
    async [Symbol.asyncDispose]() {
      try {
        output.note(`recorded in ${await finish()}`);
      } catch (error) {
        output.warn(error, 'The command is done, without a recording.');
      }
    },
  };
}

/** What is written without a scheme is a name that somebody gave. */
async function addressOf(named: string): Promise<string> {
  if (named.includes(':')) return named;
  const { resolveAlias } = await import('../node/known-cameras.ts');
  return resolveAlias(named);
}

/** The one on USB; else the one that is held; else the one that was paired over Wi-Fi. */
async function onlyCamera(usb: () => Promise<UsbBus>, env: NodeJS.ProcessEnv): Promise<string> {
  const { onlyUsbCamera } = await import('../node/usb/only-camera.ts');
  try {
    return await onlyUsbCamera(usb);
  } catch (error) {
    if (!(error instanceof HotshoeError) || error.code !== 'NO_CAMERA') throw error;
    const { holders } = await import('../holder/index.ts');
    const held = await holders(env);
    if (held.length === 1 && held[0]) return held[0].address;
    const { onlyKnownCamera } = await import('../node/known-cameras.ts');
    const known = await onlyKnownCamera();
    if (known === undefined) throw error;
    return known;
  }
}

/** Cameras on USB are held by what they are, not by where they are plugged in. */
async function heldAddress(address: string, usb: () => Promise<UsbBus>): Promise<string> {
  if (!/^usb:/i.test(address)) return address;
  const { chooseUsbCamera, findUsbCameras, lastingAddress } = await import('../usb/cameras.ts');
  const bus = await usb();
  const camera = await chooseUsbCamera(bus, address.slice('usb:'.length), address);
  return lastingAddress(camera, await findUsbCameras(bus));
}

interface Told {
  /** What becomes of the camera while it is waited for. */
  onState(state: HeldState): void;
  /** From now on it is held by another process, until when. */
  onHeld(inWords: string): void;
}

/** By the holder of the camera where one runs. */
async function openOrJoin(
  address: string,
  usb: () => Promise<UsbBus>,
  env: NodeJS.ProcessEnv,
  options: OpenOptions & Told,
): Promise<{ camera: Camera; joinAgain: JoinAgain }> {
  const { anyHolder, openHeld } = await import('../holder/index.ts');
  const join = async (at: string) => {
    const again = () => openHeld(at, { ...options, version: version(), env });
    const camera = await again();
    return camera && { camera, joinAgain: again };
  };
  const alone = async () => ({
    camera: await open(address, options),
    joinAgain: async () => undefined,
  });
  const held = (await anyHolder(env)) ? await join(await heldAddress(address, usb)) : undefined;
  if (held) return held;
  if (options.traffic || !(await leavesWithCommand(address))) return alone();
  const { holdForNext } = await import('./hold-there.ts');
  options.onHeld(await holdForNext(address, env, options));
  return (await join(address)) ?? alone();
}

/** PowerShots leave Wi-Fi with the end of the connection, and somebody would have to go there again. */
async function leavesWithCommand(address: string): Promise<boolean> {
  if (!/^wifi:/i.test(address)) return false;
  const { knownCamera } = await import('../node/known-cameras.ts');
  return (await knownCamera(address.slice('wifi:'.length)))?.flow === 'computer';
}

/** Of a camera that is on its way, for somebody who waits. */
export function stateInWords(state: HeldState): string {
  switch (state.name) {
    case 'connecting':
      return 'connecting …';
    case 'asked':
      return (
        `${state.camera} has not answered yet. If its screen asks about this computer, press OK ` +
        `there (waiting up to ${seconds(state.timeoutMs)}, Ctrl-C to stop).`
      );
    case 'awaited': {
      const { camera, computer, timeoutMs } = state;
      const what =
        computer === undefined
          ? `${camera} is not where it was: looking for it`
          : `Choose "${computer}" in the Wi-Fi menu of ${camera} (computer symbol)`;
      return `${what} (waiting up to ${seconds(timeoutMs)}, Ctrl-C to stop).`;
    }
    case 'connected':
      return `${state.model} is ${state.back ? 'back' : 'connected'}`;
    case 'lost':
      return `lost: ${state.reason}; looking for it (for another ${seconds(state.giveUpMs)})`;
    case 'closed':
      return state.reason === undefined ? 'released' : `given up: ${state.reason}`;
  }
}

const seconds = (ms: number) => `${Math.round(ms / 1000)} s`;

/** One for each protocol: which one the camera speaks shows when it is opened. */
interface Logs {
  ptp: TransactionLog;
  normal: NormalLog;
}

async function makeLog(options: GlobalOptions, output: Output): Promise<Logs | undefined> {
  const { verbose = 0, log: file } = options;
  if (verbose === 0 && file === undefined) return undefined;
  const append = file === undefined ? undefined : appender(file);
  // Now, so that a file that cannot be written is known before anything is asked of a camera.
  append?.('');
  // Only now: it knows names and meanings that nobody else needs.
  const { TransactionLog } = await import('../inspect/transaction-log.ts');
  const { NormalLog } = await import('../inspect/normal-log.ts');
  const logOptions = {
    dumps: verbose > 1,
    write(line: string) {
      append?.(`${new Date().toISOString()} ${line}\n`);
      if (!append) output.streams.stderr.write(`${output.colors.dim(line)}\n`);
    },
    failed: (error: unknown) => output.warn(error, 'The command goes on without the log.'),
  };
  const ptp = new TransactionLog(logOptions);
  // Until the camera is known: most are Canon's.
  ptp.names = canonNames;
  return { ptp, normal: new NormalLog(logOptions) };
}

function appender(file: string): (text: string) => void {
  return (text) => {
    try {
      appendFileSync(file, text);
    } catch (error) {
      throw fileError(error, 'write', file, 'Choose another file with --log.');
    }
  };
}
