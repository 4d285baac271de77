/** The cameras of a server, or of a page: connected, looked for, and told of. */
import { Broadcast, type Channel } from '../base/channel.ts';
import { HotshoeError } from '../base/errors.ts';
import type { Clock } from '../base/time.ts';
import type { OpenOptions } from '../camera/address.ts';
import type { Camera } from '../camera/camera.ts';
import { CameraSeat } from './camera-seat.ts';
import { HttpError } from './problem.ts';
import type { ApiEvent, Available } from './schemas.ts';

export interface CamerasOptions {
  open(address: string, options: OpenOptions): Promise<Camera>;
  /** What can be connected now. */
  available(): Promise<Available[]>;
  clock?: Clock | undefined;
}

/** More than anybody has on one computer; a client could ask for more. */
const MOST = 16;

export class Cameras {
  #options: CamerasOptions;
  #seats = new Map<string, CameraSeat>();
  #events = new Broadcast<ApiEvent>();

  constructor(options: CamerasOptions) {
    this.#options = options;
  }

  list(): CameraSeat[] {
    return [...this.#seats.values()];
  }

  available(): Promise<Available[]> {
    return this.#options.available();
  }

  seat(id: string): CameraSeat {
    const seat = this.#seats.get(id);
    if (seat) return seat;
    throw new HotshoeError('NOT_FOUND', `there is no camera "${id}"`, {
      hint: 'GET /api/cameras lists them; POST to it connects another.',
    });
  }

  /** The camera at an address; one that was given up is tried again. */
  connect(address: string): CameraSeat {
    const there = this.list().find((seat) => seat.address === address);
    if (there && !there.failed) return there;
    if (there) this.#seats.delete(there.id);
    if (this.#seats.size >= MOST) {
      throw new HttpError(409, {
        code: 'BUSY',
        message: `there are ${MOST} cameras already`,
        hint: 'Let one of them go.',
      });
    }
    const { open, clock } = this.#options;
    const id = there?.id ?? this.#newId(address);
    const seat = new CameraSeat({
      id,
      address,
      open,
      clock,
      publish: (event) => this.#events.push(event),
    });
    this.#seats.set(id, seat);
    this.#tellAll();
    return seat;
  }

  async disconnect(id: string): Promise<void> {
    const seat = this.seat(id);
    this.#seats.delete(id);
    this.#tellAll();
    await seat.close();
  }

  /** What clients must know first, and what comes after it. */
  subscribe(): { first: ApiEvent; events: Channel<ApiEvent> } {
    const events = this.#events.subscribe();
    return { first: this.#all(), events };
  }

  async close(): Promise<void> {
    const seats = this.list();
    this.#seats.clear();
    this.#events.close();
    await Promise.all(seats.map((seat) => seat.close()));
  }

  #all(): ApiEvent {
    return { type: 'cameras', data: this.list().map(({ state }) => state) };
  }

  #tellAll(): void {
    this.#events.push(this.#all());
  }

  /** "virtual:eos-r6" -> "virtual-eos-r6", and with -2 behind it for another one. */
  #newId(address: string): string {
    const plain = address.toLowerCase().replace(/[^a-z0-9]+/g, '-');
    const slug = plain.replace(/^-|-$/g, '').slice(0, 48) || 'camera';
    for (let n = 1; ; n++) {
      const id = n === 1 ? slug : `${slug}-${n}`;
      if (!this.#seats.has(id)) return id;
    }
  }
}
