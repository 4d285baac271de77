/** What the page knows, and what it does. Components show the signals and call the functions. */
import { batch, computed, type Signal, signal } from '@preact/signals';
import type { ApiEvent, Camera, Entry, Focus, Setting } from '../../src/api/schemas.ts';
import { ApiError, type Client, problemOf } from './client.ts';

/** What the page keeps of one camera. */
export interface Seat {
  readonly id: string;
  readonly state: Signal<Camera>;
  readonly settings: Signal<readonly Setting[]>;
  /** The newest first. */
  readonly strip: Signal<readonly Entry[]>;
  /** Its strip was read. */
  readonly read: Signal<boolean>;
  /** The user wants to see what it sees. */
  readonly watching: Signal<boolean>;
}

export interface Message {
  id: number;
  kind: 'done' | 'problem';
  text: string;
  hint?: string | undefined;
}

/** What fills the page besides the cameras. */
export type Panel =
  | { kind: 'connect' }
  | { kind: 'help' }
  | { kind: 'cards'; camera: string; folder?: string }
  | {
      kind: 'viewer';
      camera: string;
      handle: number;
      /** Where it is not of the strip: itself, and the folder that it was opened from. */
      entry?: Entry;
      back?: string;
    };

const STRIP = 36;
const RETRY_MS = 1000;
const MESSAGE_MS = 7000;

export class Store {
  readonly client: Client;
  readonly seats = signal<readonly Seat[]>([]);
  /** Undefined until the first news. */
  readonly online = signal<boolean | undefined>(undefined);
  /** The token is missing. */
  readonly shutOut = signal(false);
  readonly messages = signal<readonly Message[]>([]);
  readonly panel = signal<Panel | undefined>(undefined);
  readonly selectedId = signal<string | undefined>(undefined);
  readonly selected = computed(() => {
    const seats = this.seats.value;
    return seats.find(({ id }) => id === this.selectedId.value) ?? seats[0];
  });
  #messages = 0;

  constructor(client: Client) {
    this.client = client;
  }

  seat(id: string): Seat | undefined {
    return this.seats.value.find((seat) => seat.id === id);
  }

  select(id: string): void {
    this.selectedId.value = id;
  }

  show(panel: Panel | undefined): void {
    this.panel.value = panel;
  }

  toggleLiveView({ watching }: Seat): void {
    watching.value = !watching.value;
  }

  /** Listens while somebody looks: a page in the background keeps no connection. */
  async listen(): Promise<void> {
    for (;;) {
      if (document.hidden) await visible();
      const stop = new AbortController();
      const hide = () => document.hidden && stop.abort();
      document.addEventListener('visibilitychange', hide);
      try {
        for await (const event of this.client.events(stop.signal)) {
          this.online.value = true;
          this.shutOut.value = false;
          this.#onEvent(event);
        }
      } catch (error) {
        this.shutOut.value = error instanceof ApiError && error.status === 401;
      } finally {
        document.removeEventListener('visibilitychange', hide);
      }
      if (!stop.signal.aborted) this.online.value = false;
      await pause(RETRY_MS);
    }
  }

  #onEvent(event: ApiEvent): void {
    switch (event.type) {
      case 'cameras':
        batch(() => {
          this.seats.value = event.data.map((camera) => this.#seatOf(camera));
        });
        break;
      case 'camera': {
        const seat = this.seat(event.data.id);
        if (seat) this.#update(seat, event.data);
        break;
      }
      case 'setting': {
        const seat = this.seat(event.data.camera);
        if (seat) replaceSetting(seat, event.data.setting);
        break;
      }
      case 'file': {
        const seat = this.seat(event.data.camera);
        if (!seat) break;
        const { entry } = event.data;
        const others = seat.strip.value.filter(({ handle }) => handle !== entry.handle);
        seat.strip.value = [entry, ...others].slice(0, STRIP);
        break;
      }
      case 'removed': {
        const seat = this.seat(event.data.camera);
        const { handle } = event.data;
        if (seat) seat.strip.value = seat.strip.value.filter((entry) => entry.handle !== handle);
        break;
      }
    }
  }

  #seatOf(camera: Camera): Seat {
    const known = this.seat(camera.id);
    if (known) {
      this.#update(known, camera, true);
      return known;
    }
    const seat: Seat = {
      id: camera.id,
      state: signal(camera),
      settings: signal([]),
      strip: signal([]),
      read: signal(false),
      watching: signal(true),
    };
    if (camera.phase === 'ready') void this.#load(seat);
    return seat;
  }

  #update(seat: Seat, camera: Camera, again = false): void {
    const came = camera.phase === 'ready' && (again || seat.state.value.phase !== 'ready');
    const storages = seat.state.value.storages;
    const otherCard = storages.some(({ present }, i) => present !== camera.storages[i]?.present);
    seat.state.value = camera;
    if (came || (otherCard && camera.phase === 'ready')) void this.#load(seat);
  }

  /** What is not told by events, because nothing of it has changed. */
  async #load(seat: Seat): Promise<void> {
    const { can } = seat.state.value;
    await Promise.all([
      can.settings && this.reloadSettings(seat),
      can.files && this.reloadStrip(seat),
    ]);
  }

  async reloadSettings(seat: Seat): Promise<void> {
    await this.attempt(async () => {
      seat.settings.value = await this.client.settings(seat.id);
    });
  }

  async reloadStrip(seat: Seat): Promise<void> {
    await this.attempt(async () => {
      seat.strip.value = (await this.client.newest(seat.id, STRIP)).entries;
    });
    seat.read.value = true;
  }

  async shoot(seat: Seat): Promise<void> {
    await this.attempt(async () => {
      const { files, durationMs } = await this.client.shoot(seat.id);
      const names = files.map(({ name }) => name).join(', ');
      const took = durationMs === null ? '' : ` in ${(durationMs / 1000).toFixed(1)} s`;
      this.say(`${names} taken${took}`);
    });
  }

  /** As many as there are, as close together as computers manage. */
  async shootAll(): Promise<void> {
    const ready = this.seats.value.filter(({ state }) => state.value.can.shoot);
    await Promise.all(ready.map((seat) => this.shoot(seat)));
  }

  async set(seat: Seat, setting: Setting, value: string): Promise<void> {
    await this.attempt(async () => {
      replaceSetting(seat, await this.client.set(seat.id, setting.name, value));
    });
    // What was refused is shown as it is.
    seat.settings.value = [...seat.settings.value];
  }

  async focus(seat: Seat, focus: Focus): Promise<void> {
    await this.attempt(async () => {
      const { result } = await this.client.focus(seat.id, focus);
      if (result === 'failed') this.complain({ code: 'FOCUS_FAILED', message: 'No focus found' });
      else if (result === 'focused') this.say('In focus');
    });
  }

  async record(seat: Seat): Promise<void> {
    const { recording } = seat.state.value;
    await this.attempt(async () => {
      await this.client.record(seat.id, !recording);
      this.say(recording ? 'Movie saved on the card' : 'Recording');
    });
  }

  async remove(seat: Seat, entry: Entry): Promise<boolean> {
    return this.attempt(async () => {
      await this.client.remove(seat.id, entry);
      seat.strip.value = seat.strip.value.filter(({ handle }) => handle !== entry.handle);
      this.say(`${entry.name} deleted`);
    });
  }

  /** Onto the computer that shows this page. */
  async download(seat: Seat, { handle, name }: Entry): Promise<void> {
    const where = this.client.content(seat.id, handle);
    const link = document.createElement('a');
    link.download = name;
    if (!this.client.transport.local) {
      link.href = `${where}?download=true`;
      link.click();
      return;
    }
    await this.attempt(async () => {
      const url = URL.createObjectURL(await this.client.blob(where));
      link.href = url;
      link.click();
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
    });
  }

  async connect(address: string): Promise<void> {
    await this.attempt(async () => {
      const { id } = await this.client.connect(address);
      this.selectedId.value = id;
      this.panel.value = undefined;
    });
  }

  async disconnect(seat: Seat): Promise<void> {
    await this.attempt(() => this.client.disconnect(seat.id));
  }

  say(text: string): void {
    this.#tell({ kind: 'done', text });
  }

  complain({ message, hint }: { code: string; message: string; hint?: string | undefined }): void {
    const text = message.charAt(0).toUpperCase() + message.slice(1);
    this.#tell({ kind: 'problem', text, hint });
  }

  dismiss(id: number): void {
    this.messages.value = this.messages.value.filter((message) => message.id !== id);
  }

  #tell(message: Omit<Message, 'id'>): void {
    const id = ++this.#messages;
    const others = this.messages.value.filter(({ text }) => text !== message.text);
    this.messages.value = [...others.slice(-2), { ...message, id }];
    setTimeout(() => this.dismiss(id), MESSAGE_MS);
  }

  /** Tells what went wrong; true where nothing did. */
  async attempt(work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      this.complain(problemOf(error));
      return false;
    }
  }
}

function replaceSetting(seat: Seat, setting: Setting): void {
  const { settings } = seat;
  settings.value = settings.value.map((each) => (each.name === setting.name ? setting : each));
}

export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

export function visible(): Promise<void> {
  return new Promise((resolve) => {
    const check = () => {
      if (document.hidden) return;
      document.removeEventListener('visibilitychange', check);
      resolve();
    };
    document.addEventListener('visibilitychange', check);
    check();
  });
}
