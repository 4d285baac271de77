/** An EOS body as a virtual camera has it. */
import { ignore } from '../../base/time.ts';
import { decodeText, EosProperty, EosRecord } from '../../canon/ptp/index.ts';
import { Event } from '../../ptp/index.ts';
import type { Family } from '../family.ts';
import type { BodyParts } from './body.ts';
import { createEos } from './create-eos.ts';

/** Both stages of the button. */
const BOTH = 3;

export function createEosFamily(parts: BodyParts): Family {
  const { body, release, responder, liveView, movie, power, directories, setBattery } =
    createEos(parts);
  /** Buttons count as well as computers. */
  const touch = () => {
    if (responder.sessionId !== undefined) power.touched();
  };
  return {
    responder,
    get locked() {
      return body.uiLocks > 0;
    },
    async ready() {
      await body.ready();
      directories.prepare();
    },
    state: () => ({
      remoteMode: body.remoteMode,
      dial: body.dial.label,
      busy: body.busy,
      recording: movie.recording,
      liveView: liveView.on,
      shotsLeft: body.shotsLeft(),
      waitingPictures: parts.objects.memory.size,
      firmwareFile: body.firmwareFile,
    }),
    press(stages) {
      touch();
      release.press(stages, true);
    },
    release: () => release.release(BOTH),
    idle: () => release.idle(),
    turnDial: (label) => body.turnDial(label),
    turnZoom(millimetres) {
      body.lens.zoom(millimetres, decodeText(body.properties.bytes(EosProperty.LensName)));
    },
    async cardMoved(storageId, inserted) {
      body.notify(inserted ? Event.StoreAdded : Event.StoreRemoved, [storageId]);
      body.storageChanged(EosRecord.StorageStatusChanged, storageId);
      await body.updateSpace();
      if (inserted) body.storageChanged(EosRecord.CTGInfoCheckComplete, storageId);
    },
    setBattery,
    faultsChanged() {
      body.updateLens();
      body.updateShots();
    },
    powerOff: ignore,
  };
}
