/** What a camera gives, in the shapes of the API. */
import type {
  Camera,
  CameraObject,
  Setting as CameraSetting,
  LiveViewFrame,
  StorageUnit as Unit,
} from '../camera/camera.ts';
import { capabilities } from '../camera/capabilities.ts';
import type { Abilities, Entry, Frame, Setting, StorageUnit } from './schemas.ts';

export const NO_ABILITIES: Abilities = {
  shoot: false,
  bulb: false,
  burst: false,
  liveView: false,
  autofocus: false,
  focusSteps: false,
  zoom: false,
  record: false,
  settings: false,
  files: false,
  remove: false,
  protect: false,
  format: false,
};

export function abilitiesOf(camera: Camera): Abilities {
  const able = new Set(capabilities(camera).flatMap(({ what, can }) => (can ? [what] : [])));
  const { storage } = camera;
  return {
    shoot: camera.capture !== undefined,
    bulb: able.has('bulb'),
    burst: able.has('bursts, and focus held for several pictures'),
    liveView: camera.liveView !== undefined,
    autofocus: able.has('autofocus from here'),
    focusSteps: able.has('move the lens'),
    zoom: camera.zoom !== undefined,
    record: camera.movie !== undefined,
    settings: camera.settings !== undefined,
    files: storage !== undefined,
    remove: storage?.remove !== undefined,
    protect: storage?.protect !== undefined,
    format: storage?.format !== undefined,
  };
}

export const storageOf = (unit: Unit): StorageUnit => ({
  id: unit.id,
  label: unit.label,
  present: unit.present,
  capacity: unit.capacity ?? null,
  free: unit.free ?? null,
  readOnly: unit.readOnly,
});

export const settingOf = (setting: CameraSetting): Setting => ({
  name: setting.name,
  code: setting.code,
  label: setting.label,
  number: setting.number ?? null,
  writable: setting.writable,
  allowed: setting.allowed.map(({ label, number }) => ({ label, number: number ?? null })),
});

export const entryOf = (object: CameraObject): Entry => ({
  ...object,
  date: object.date ?? null,
  isNew: object.isNew ?? null,
});

export const frameOf = (frame: LiveViewFrame, number: number): Frame => ({
  number,
  date: frame.date ?? null,
  focusFrames: frame.focusFrames.map(({ state, ...rest }) => ({ ...rest, state: state ?? null })),
  zoomFactor: frame.zoomFactor ?? null,
  zoomRectangle: frame.zoomRectangle ?? null,
  coordinates: frame.coordinates ?? null,
});
