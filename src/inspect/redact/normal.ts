/** Cameras from before PTP: their owner, the number of their body, and what their pictures say. */
import { concat } from '../../base/byte-stream.ts';
import {
  Commands,
  Control,
  decodeCommand,
  findCommand,
  type NormalCommand,
  PACKET_HEAD,
  PREFIX,
} from '../../canon/normal/index.ts';
import type { UsbTransfer } from '../traffic.ts';
import type { Held } from './data-phase.ts';
import { findSecrets } from './exif.ts';
import { maskText } from './mask.ts';
import { ObjectMask } from './object-mask.ts';

/** Bytes at the beginning of a file that are looked at: in front of its picture. */
const FILE_HEAD = 64 << 10;
const NEW_MARK = 0x10;

type AnyCommand = NormalCommand<unknown, unknown>;
const is = (command: AnyCommand | undefined, ...others: readonly unknown[]) =>
  command !== undefined && others.includes(command);

/** What of fixed answers names somebody: offset and size. */
const FIXED = new Map<unknown, readonly [at: number, size: number, text: boolean]>([
  [Commands.IdentifyCamera, [0x7c, 0x20, true]],
  [Commands.GetOwner, [0x54, 0x20, true]],
  [Commands.EosGetBodyId, [0x54, 4, false]],
]);

/** Of one device. */
export class NormalMask implements Held {
  #hold: (holds: boolean) => void;
  #command: AnyCommand | undefined;
  /** Bytes of the answer so far. */
  #at = 0;
  #head: Uint8Array[] | undefined;
  #headSize = 0;

  constructor(hold: (holds: boolean) => void) {
    this.#hold = hold;
  }

  transfer({ type, direction, setup, bytes, size }: UsbTransfer): void {
    if (type === 'control') {
      const isCommand = setup?.requestType === 'vendor' && setup.value === Control.Command;
      if (isCommand && direction === 'out') this.#begin(bytes);
    } else if (type === 'bulk' && direction === 'in' && this.#command) {
      this.#answer(bytes, size);
    }
  }

  /** Masks what is held. */
  settle(): void {
    const head = this.#head;
    this.#head = undefined;
    if (!head) return;
    const mask = new ObjectMask(findSecrets(concat(head)), 0);
    for (const part of head) mask.next(part);
    this.#hold(false);
  }

  #begin(bytes: Uint8Array): void {
    this.settle();
    this.#command = undefined;
    this.#at = 0;
    if (bytes.length < PACKET_HEAD) return;
    const { code, group, mark } = decodeCommand(bytes);
    this.#command = findCommand((mark & 0xf0) >= NEW_MARK ? 'new' : 'old', code, group);
    if (is(this.#command, Commands.SetOwner)) maskText(bytes.subarray(PACKET_HEAD));
  }

  #answer(bytes: Uint8Array, size: number): void {
    const from = this.#at;
    this.#at += size;
    const secret = FIXED.get(this.#command);
    if (secret) {
      const [at, length, text] = secret;
      const part = bytes.subarray(Math.max(0, at - from), Math.max(0, at + length - from));
      if (text) maskText(part);
      else part.fill(0);
    }
    if (!is(this.#command, Commands.GetFile, Commands.GetCapturedImage)) return;
    const data = bytes.subarray(Math.max(0, PREFIX - from));
    if (from === 0) {
      this.#head = [];
      this.#headSize = 0;
      this.#hold(true);
    }
    this.#head?.push(data);
    this.#headSize += data.length;
    if (this.#headSize >= FILE_HEAD) this.settle();
  }
}
