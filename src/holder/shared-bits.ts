/**
 * Properties of EOS bodies in which every client switches bits on and off again: where live view goes
 * (on some bodies also whether they shoot for a computer), and whether there is any. Each client sees
 * the camera's own bits and its own, never those that are on for others alone; the camera has all.
 */
import { EosProperty } from '../canon/ptp/index.ts';
import type { Client } from './sharing.ts';

const SHARED: readonly number[] = [EosProperty.EVFOutputDevice, EosProperty.EVFMode];

export class SharedBits {
  /** By property and client: the bits that it has switched on. */
  #on = new Map<number, Map<Client, number>>(SHARED.map((property) => [property, new Map()]));

  isShared(property: number): boolean {
    return this.#on.has(property);
  }

  /** Of the camera's value, what the client sees. */
  seen(client: Client, property: number, value: number): number {
    return (value & ~(this.#ofOthers(client, property) & ~this.own(client, property))) >>> 0;
  }

  /** The client sets a value while the camera has another: what the camera is to have. */
  set(client: Client, property: number, value: number, current: number): number {
    const before = this.seen(client, property, current);
    const own = (this.own(client, property) | (value & ~before)) & value;
    this.#on.get(property)?.set(client, own);
    return (value | this.#ofOthers(client, property)) >>> 0;
  }

  /** The camera has refused: the client has on what it had before. */
  restore(client: Client, property: number, own: number): void {
    this.#on.get(property)?.set(client, own);
  }

  /** Bits that the client alone has switched on. */
  alone(client: Client, property: number): number {
    return (this.own(client, property) & ~this.#ofOthers(client, property)) >>> 0;
  }

  own(client: Client, property: number): number {
    return this.#on.get(property)?.get(client) ?? 0;
  }

  /** What it has switched on is the camera's own from now on, or will be switched off. */
  forget(client: Client): void {
    for (const clients of this.#on.values()) clients.delete(client);
  }

  /** Properties in which the client has switched on something. */
  touched(client: Client): number[] {
    return SHARED.filter((property) => this.own(client, property) !== 0);
  }

  #ofOthers(client: Client, property: number): number {
    let bits = 0;
    for (const [other, on] of this.#on.get(property) ?? []) if (other !== client) bits |= on;
    return bits;
  }
}
