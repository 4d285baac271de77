/** What an EOS body tells, in the words of every camera. */
import { Broadcast } from '../../base/channel.ts';
import { ignore } from '../../base/time.ts';
import {
  apertureLabel,
  CameraStatus,
  type EosEvent,
  EosProperty,
  isoLabel,
  ListForm,
  OlcButton,
  olcVersionFor,
  readOlc,
  shutterLabel,
} from '../../canon/ptp/index.ts';
import type { PtpSession } from '../../ptp/index.ts';
import type { CameraEvent } from '../camera.ts';
import { batteryPercent } from './eos-battery.ts';
import type { EosState } from './eos-events.ts';
import { listening } from './eos-listening.ts';
import type { EosSettings } from './eos-settings.ts';

const BUTTONS: Readonly<Record<number, 'released' | 'half' | 'failed' | 'full' | 'selftimer'>> = {
  [OlcButton.Released]: 'released',
  [OlcButton.HalfPressed]: 'half',
  [OlcButton.Failed]: 'failed',
  [OlcButton.FullyPressed]: 'full',
  [OlcButton.SelfTimer]: 'selftimer',
};

export class EosCameraEvents implements AsyncIterable<CameraEvent> {
  #state: EosState;
  #settings: EosSettings;
  #events = new Broadcast<CameraEvent>();

  constructor(session: PtpSession, state: EosState, settings: EosSettings) {
    this.#state = state;
    this.#settings = settings;
    state.listen((_events, news) => {
      // What the first dump tells is how things are.
      if (state.starting) return;
      for (const event of news) this.#tell(event);
    });
    void session.closed.then((error) => this.#events.close(error));
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<CameraEvent> {
    return listening(
      this.#events.subscribe(),
      this.#state.start(undefined),
      this.#state.keepPolling(),
    );
  }

  #tell(event: EosEvent): void {
    for (const told of this.#eventsOf(event)) this.#events.push(told);
    if (event.kind === 'shutdownSoon') this.#stayAwake();
  }

  *#eventsOf(event: EosEvent): Generator<CameraEvent, void, undefined> {
    switch (event.kind) {
      case 'propValue': {
        const setting = this.#settings.of(event.property);
        yield { type: 'settingchanged', setting };
        const percent =
          event.property === EosProperty.BatteryPower ? batteryPercent(setting.number) : undefined;
        if (percent !== undefined) yield { type: 'battery', percent };
        return;
      }
      case 'availList':
        if (event.form === ListForm.Enumeration && event.property !== 0) {
          yield { type: 'allowedchanged', setting: this.#settings.of(event.property) };
        }
        return;
      case 'objectAdded':
      case 'objectInfoChanged': {
        const { handle, name, size, format, storageId } = event.object;
        const type = event.kind === 'objectAdded' ? 'objectadded' : 'objectchanged';
        yield { type, handle, name, size, format, storageId };
        return;
      }
      case 'objectRemoved':
        yield { type: 'objectremoved', handle: event.handle };
        return;
      case 'requestTransfer': {
        const { handle, name, size, format } = event.request;
        yield { type: 'transferrequest', handle, name, size, format };
        return;
      }
      case 'status':
        yield { type: 'status', busy: event.status === CameraStatus.Busy };
        return;
      case 'storage':
        yield { type: 'storage', storageId: event.storageId };
        return;
      case 'olc':
        yield* this.#display(event);
        return;
      case 'bulbTime':
        yield { type: 'bulbtime', seconds: event.seconds };
        return;
      case 'recordingTime':
        yield { type: 'recordingtime', seconds: event.seconds };
        return;
      case 'shutdownSoon':
        yield { type: 'shutdownsoon', seconds: event.seconds };
        return;
      case 'unknown':
        yield { type: 'unknown', code: event.code, payload: event.payload.slice() };
    }
  }

  *#display(event: Extract<EosEvent, { kind: 'olc' }>): Generator<CameraEvent, void, undefined> {
    const version = this.#state.number(EosProperty.OLCInfoVersion) ?? olcVersionFor(event);
    const { button, shutter, aperture, iso, availableShots, exposureStops, focus } = readOlc(
      event,
      version,
    );
    const shown: CameraEvent = {
      type: 'display',
      ...(button !== undefined && BUTTONS[button] && { button: BUTTONS[button] }),
      ...(shutter !== undefined && { shutter: shutterLabel(shutter) }),
      ...(aperture !== undefined && { aperture: apertureLabel(aperture) }),
      ...(iso !== undefined && { iso: isoLabel(iso) }),
      ...(availableShots !== undefined && { shotsLeft: availableShots }),
      ...(exposureStops !== undefined && { exposureStops }),
      ...(focus && { focus }),
    };
    // Of fields that nobody understands.
    if (Object.keys(shown).length > 1) yield shown;
  }

  /** Somebody listens: the camera is not to fall asleep under them. */
  #stayAwake(): void {
    // The next announcement tries again.
    if (this.#state.watched) this.#state.keepOn({ urgent: true }).catch(ignore);
  }
}
