/** What a PowerShot tells, in the words of every camera. */
import { Broadcast } from '../../base/channel.ts';
import { ignore } from '../../base/time.ts';
import { Writer } from '../../bytes/index.ts';
import { CanonEvent } from '../../canon/ptp/index.ts';
import { Event, type PtpSession, ResponseError } from '../../ptp/index.ts';
import type { CameraEvent } from '../camera.ts';
import { listening } from './eos-listening.ts';
import type { PowerShotEvent, PowerShotEvents } from './powershot-events.ts';
import type { PowerShotSettings } from './powershot-settings.ts';

const OBJECTS: ReadonlyMap<number, 'objectadded' | 'objectchanged' | 'transferrequest'> = new Map([
  [Event.ObjectAdded, 'objectadded'],
  [Event.ObjectInfoChanged, 'objectchanged'],
  [CanonEvent.ObjectInfoChanged, 'objectchanged'],
  [CanonEvent.RequestObjectTransfer, 'transferrequest'],
]);
const STORAGES: readonly number[] = [
  Event.StoreAdded,
  Event.StoreRemoved,
  Event.StoreFull,
  Event.StorageInfoChanged,
];

export class PowerShotCameraEvents implements AsyncIterable<CameraEvent> {
  #session: PtpSession;
  #events: PowerShotEvents;
  #settings: PowerShotSettings;
  #told = new Broadcast<CameraEvent>();
  /** Some need questions; they are told in their order all the same. */
  #telling: Promise<void> = Promise.resolve();
  #listeners = 0;

  constructor(session: PtpSession, events: PowerShotEvents, settings: PowerShotSettings) {
    this.#session = session;
    this.#events = events;
    this.#settings = settings;
    events.listen((event) => {
      // Nobody is to be asked for what nobody hears.
      if (this.#listeners === 0) return;
      this.#telling = this.#telling.then(() => this.#tell(event)).catch(ignore);
    });
    void session.closed.then((error) => this.#told.close(error));
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<CameraEvent> {
    this.#listeners++;
    const relax = this.#events.keepPolling();
    // Without release control: whoever holds the camera goes on using it.
    return listening(this.#told.subscribe(), this.#events.start(undefined), () => {
      this.#listeners--;
      relax();
    });
  }

  async #tell(event: PowerShotEvent): Promise<void> {
    for (const told of await this.#eventsOf(event)) this.#told.push(told);
  }

  async #eventsOf(event: PowerShotEvent): Promise<CameraEvent[]> {
    const { code, params } = event;
    const [first = 0] = params;
    const object = OBJECTS.get(code);
    if (object) return this.#objectEvent(object, first);
    if (STORAGES.includes(code)) return [{ type: 'storage', storageId: first }];
    switch (code) {
      case Event.ObjectRemoved:
        return [{ type: 'objectremoved', handle: first }];
      case Event.DevicePropChanged: {
        const settings = await this.#settings.changedBy(event);
        return settings.map((setting) => ({ type: 'settingchanged', setting }));
      }
      case Event.CaptureComplete:
        return [{ type: 'status', busy: false }];
      case CanonEvent.ShutterButtonPressed:
        return [{ type: 'display', button: 'full' }];
      default: {
        const payload = new Writer(4 * params.length);
        for (const param of params) payload.u32(param);
        return [{ type: 'unknown', code, payload: payload.finish() }];
      }
    }
  }

  async #objectEvent(
    type: 'objectadded' | 'objectchanged' | 'transferrequest',
    handle: number,
  ): Promise<CameraEvent[]> {
    try {
      const info = await this.#session.getObjectInfo(handle, { priority: 'events' });
      const { filename: name, objectCompressedSize: size, objectFormat: format } = info;
      const object = { handle, name, size, format };
      if (type === 'transferrequest') return [{ type, ...object }];
      return [{ type, ...object, storageId: info.storageId }];
    } catch (error) {
      // Gone again.
      if (error instanceof ResponseError) return [];
      throw error;
    }
  }
}
