/** What a body from before PTP does with commands for itself: who it is, clock, keys, pictures. */
import {
  Commands,
  firmwareBytes,
  ImageKind,
  PowerLevel,
  PowerSource,
  Status,
} from '../../canon/normal/index.ts';
import { liveFrame } from '../picture/index.ts';
import { type NormalBody, NormalRefusal } from './body.ts';
import { data, fixed, type Handlers, whole } from './handlers.ts';
import { RemoteControl } from './remote-control.ts';

const LIVE = { width: 320, height: 240 } as const;
/** By the codes of the release parameters. */
const COMPRESSIONS: Readonly<Record<number, number>> = { 5: 1, 3: 2, 2: 3 };
const QUALITY_NAMES: Readonly<Record<number, string>> = { 5: 'SuperFine', 3: 'Fine', 2: 'Normal' };
const LONGEST_OWNER = 31;

export function cameraHandlers(body: NormalBody): Handlers & { remote: RemoteControl } {
  const { model, wall, clock } = body.parts;
  const remote = new RemoteControl(body);
  const from = clock.now();
  const isNew = model.modelClass === 6;

  const lock = () => {
    if (body.halfPressed) throw new NormalRefusal(Status.EosLockFailed);
    body.keysLocked = true;
  };
  const unlock = () => {
    if (!body.keysLocked) {
      throw new NormalRefusal(isNew ? Status.NotLocked : Status.EosUnlockFailed);
    }
    body.keysLocked = false;
  };

  return {
    remote,
    fixed: new Map([
      fixed(Commands.IdentifyCamera, () => ({
        unknown: Uint8Array.from(model.identityMarker),
        firmware: firmwareBytes(model.firmware),
        model: model.name,
        // Class 6 leaves there what happens to be in its memory.
        owner: isNew ? '\u00ff\u0001' : body.owner,
      })),
      fixed(Commands.GetTime, () => ({ seconds: wall.seconds(), zeros: undefined })),
      fixed(Commands.SetTime, ({ seconds }) => {
        wall.set(seconds);
        return undefined;
      }),
      fixed(Commands.SetOwner, (owner) => {
        if (owner.length > LONGEST_OWNER) throw new NormalRefusal(Status.InvalidParameter);
        body.owner = owner;
        return undefined;
      }),
      fixed(Commands.GetOwner, () => body.owner),
      fixed(Commands.CheckPower, () => ({
        level: body.lowBattery ? PowerLevel.Bad : PowerLevel.Good,
        unknown: new Uint8Array(2),
        source: body.onMains ? PowerSource.Mains : PowerSource.Battery,
      })),
      fixed(Commands.GetPictureAbilities, () => ({
        size: model.abilitiesSize,
        modelId: model.modelId,
        name: model.name,
        entries: model.sizes.flatMap(({ name, width, height }) =>
          model.qualities.map((quality) => ({
            name: `${name} ${QUALITY_NAMES[quality] ?? ''}`.trim(),
            height,
            width,
            compression: COMPRESSIONS[quality] ?? 2,
          })),
        ),
      })),
      fixed(Commands.LockKeys, () => {
        body.keysLocked = true;
        return undefined;
      }),
      // Eight bytes more come from a body of class 6.
      fixed(Commands.EosLockKeys, () => {
        lock();
        return new Uint8Array(isNew ? 8 : 0);
      }),
      fixed(Commands.EosUnlockKeys, () => {
        unlock();
        return undefined;
      }),
      fixed(Commands.EosGetBodyId, () => {
        if (model.bodySerial === undefined) throw new NormalRefusal(Status.InvalidParameter);
        return { value: model.bodySerial };
      }),
      fixed(Commands.GetCustomFunctions, () => model.customFunctions.map(([a, b]) => [a, b])),
      fixed(Commands.AfterRelease, () => new Uint8Array(0)),
      fixed(Commands.RemoteControl, (request) => remote.handle(request)),
    ]),
    data: new Map([
      data(Commands.GetCapturedImage, ({ kind, key }) => {
        const { waiting } = body;
        if (waiting?.key !== key) return whole(new Uint8Array(0));
        const { thumbnail, jpeg } = waiting.picture;
        if (kind === ImageKind.Thumbnail) return whole(thumbnail);
        return kind === ImageKind.Full
          ? { ...whole(jpeg), isFile: true }
          : whole(new Uint8Array(0));
      }),
      data(Commands.GetViewfinderImage, () => {
        if (!body.viewfinder) return whole(new Uint8Array(0));
        const frame = Math.floor(((clock.now() - from) / 1000) * 30);
        return whole(liveFrame({ ...body.request(0), ...LIVE, frame }).jpeg);
      }),
    ]),
  };
}
