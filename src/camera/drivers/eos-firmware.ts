/** Sending an EOS body another firmware. Nobody here has tried it on a real one. */
import { HotshoeError, UnsupportedError } from '../../base/errors.ts';
import { Reader, Writer } from '../../bytes/index.ts';
import { EosOperation, EosProperty } from '../../canon/ptp/index.ts';
import { LONG_TIMEOUT_MS, type PtpSession } from '../../ptp/index.ts';
import type { CameraFirmware, FirmwareFile, FirmwareOptions } from '../camera.ts';
import type { EosState } from './eos-events.ts';

/** Data of one UpdateFirmware, of which the name takes the first bytes. */
const PIECE = 0x200000;
const NAME_SIZE = 32;
/** The largest that Canon has published are of some 60 MB. */
const LARGEST = 0x10000000;
/** Model id, unknown words, version. */
const HEAD = 0x20;

export class EosFirmware implements CameraFirmware {
  #session: PtpSession;
  #state: EosState;
  #address: string;

  constructor(session: PtpSession, state: EosState, address: string) {
    this.#session = session;
    this.#state = state;
    this.#address = address;
  }

  async update(file: FirmwareFile, options: FirmwareOptions): Promise<void> {
    const { signal, onProgress } = options;
    if (options.iKnowThisCanBrickTheCamera !== true) {
      throw new HotshoeError('USAGE', 'another firmware can make a camera useless', {
        hint: 'If that is what you want, say --i-know-this-can-brick-the-camera.',
      });
    }
    // Until somebody has tried it on a body that may be lost.
    if (!this.#address.startsWith('virtual:')) {
      throw new UnsupportedError('hotshoe sends firmware to virtual cameras only', {
        hint: 'Put the file into the root of a card and update in the menu of the camera.',
      });
    }
    await this.#check(file, signal);
    const { name, bytes } = file;
    for (let offset = 0; offset < bytes.length; ) {
      signal?.throwIfAborted();
      const chunk = bytes.subarray(offset, offset + PIECE - NAME_SIZE);
      const data = new Writer(NAME_SIZE + chunk.length);
      data.put(new TextEncoder().encode(name.padEnd(NAME_SIZE, '\0'))).put(chunk);
      await this.#session.call(EosOperation.UpdateFirmware, [bytes.length, offset], {
        data: data.finish(),
        timeoutMs: LONG_TIMEOUT_MS,
        signal,
      });
      offset += chunk.length;
      onProgress?.(offset);
    }
  }

  async #check({ name, bytes }: FirmwareFile, signal: AbortSignal | undefined): Promise<void> {
    const refuse = (why: string, hint: string) => {
      throw new HotshoeError('USAGE', `${name} ${why}`, { hint });
    };
    if (!/^[\w-]{1,8}\.FIR$/i.test(name)) {
      refuse('is not called as Canon calls firmware', 'It is like EOSR6150.FIR; do not rename it.');
    }
    if (bytes.length <= HEAD || bytes.length > LARGEST) {
      refuse(`has ${bytes.length} bytes, which no firmware has`, 'Was it downloaded whole?');
    }
    await this.#state.start(signal);
    const wanted = this.#state.number(EosProperty.ModelID);
    // As in all files that have been taken apart (Magic Lantern's notes on the FIR format).
    const found = new Reader(bytes).u32();
    if (wanted === undefined || found !== wanted) {
      const ids = `0x${found.toString(16)}, not 0x${(wanted ?? 0).toString(16)}`;
      refuse(`is for another body: its model id is ${ids}`, 'Get the one for this camera.');
    }
  }
}
