/** The command line within this process, its streams caught. */
import { Readable, Writable } from 'node:stream';
import { runCommandLine } from '../../src/cli/program.ts';
import type { UsbBus } from '../../src/usb/port.ts';

export interface Captured {
  /** Exit code. */
  code: number;
  stdout: string;
  stderr: string;
  /** What went to stdout, as bytes. */
  bytes: Buffer;
}

export interface CaptureOptions {
  /** What it reads from stdin. */
  stdin?: string | Uint8Array;
  env?: NodeJS.ProcessEnv;
  signal?: AbortSignal;
  /** Instead of this computer's USB. */
  usb?: UsbBus;
  /** Sees stdout as it comes. */
  onOutput?: (text: string) => void;
  /** Sees stderr as it comes. */
  onNote?: (text: string) => void;
}

export async function commandLine(
  args: readonly string[],
  {
    stdin = '',
    env = {},
    signal = new AbortController().signal,
    usb,
    onOutput,
    onNote,
  }: CaptureOptions = {},
): Promise<Captured> {
  const stdout = new Sink(onOutput);
  const stderr = new Sink(onNote);
  const code = await runCommandLine(args, {
    streams: { stdout, stderr, stdin: Readable.from([Buffer.from(stdin)]) },
    env,
    signal,
    usb,
  });
  return { code, stdout: stdout.text, stderr: stderr.text, bytes: stdout.bytes };
}

class Sink extends Writable {
  #chunks: Buffer[] = [];
  #onOutput: ((text: string) => void) | undefined;

  constructor(onOutput?: (text: string) => void) {
    super();
    this.#onOutput = onOutput;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#chunks.push(Buffer.from(chunk));
    this.#onOutput?.(this.text);
    done();
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  get text(): string {
    return this.bytes.toString();
  }
}
