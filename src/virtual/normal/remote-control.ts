/** The subcommands of remote control: lens, shutter, settings, lists of values. */
import { Reader, Writer } from '../../bytes/index.ts';
import {
  findRemote,
  Remote,
  type RemoteCommand,
  type RemoteReply,
  type RemoteRequest,
  Status,
  ValueList,
} from '../../canon/normal/index.ts';
import { type NormalBody, NormalRefusal } from './body.ts';

/** The echo of a body that does not take what it was given. */
const REFUSED = 0xff000107;

type Handle = (args: never) => unknown;

/** Resolved with by a handler: the body answers that it does not take it. */
const NOT_TAKEN = Symbol('not taken');

export class RemoteControl {
  #body: NormalBody;
  #handlers: ReadonlyMap<number, Handle>;
  /** Of class 6: the list that was asked for is that of the size before. */
  #item = 0;

  constructor(body: NormalBody) {
    this.#body = body;
    this.#handlers = new Map(this.#declared());
  }

  async handle({ subcommand, parameters }: RemoteRequest): Promise<RemoteReply> {
    const command = findRemote(subcommand);
    const handle = this.#handlers.get(subcommand);
    // What a real body answers outside of remote control is not known.
    const isOn = this.#body.remote || command === Remote.Start || command === Remote.Stop;
    if (!command || !handle || !isOn) {
      const why = isOn ? 'is not known' : 'comes outside of remote control';
      this.#body.parts.log(`remote control: ${command?.name ?? subcommand} ${why}`);
      throw new NormalRefusal(Status.InvalidParameter);
    }
    const args = this.#args(command, parameters);
    const result = await handle(args as never);
    if (result === NOT_TAKEN) return { subcommand: REFUSED, result: new Uint8Array(0) };
    const writer = new Writer();
    command.result.write(writer, result);
    return { subcommand, result: writer.finish() };
  }

  #args(command: RemoteCommand<unknown, unknown>, parameters: Uint8Array): unknown {
    if (command === Remote.GetList && parameters.length === 0) return { value: this.#item };
    try {
      return command.parameters.read(new Reader(parameters, command.name));
    } catch {
      throw new NormalRefusal(Status.InvalidParameter);
    }
  }

  #declared(): (readonly [number, Handle])[] {
    const body = this.#body;
    const { model } = body.parts;
    return [
      on(Remote.Start, () => body.startRemote()),
      on(Remote.Stop, () => body.stopRemote()),
      on(Remote.ViewfinderStart, () => {
        if (!model.liveView) throw new NormalRefusal(Status.InvalidParameter);
        body.viewfinder = true;
      }),
      on(Remote.ViewfinderStop, () => {
        body.viewfinder = false;
      }),
      on(Remote.Release, () => body.release()),
      on(Remote.SetParameters, (block) => (body.setParameters(block) ? undefined : NOT_TAKEN)),
      on(Remote.SetTransferMode, ({ value }) => body.setTransferMode(value)),
      on(Remote.GetParameters, () => body.parameters),
      on(Remote.GetZoom, () => ({ position: body.zoom, maximum: model.zoom?.maximum ?? 0 })),
      on(Remote.SetZoom, ({ value }) => (body.setZoom(value) ? undefined : NOT_TAKEN)),
      on(Remote.GetAvailableShots, async () => ({ value: await body.shotsLeft() })),
      on(Remote.GetCustomFunction, ({ index }) => {
        const found = model.customFunctions.find(([number]) => number === index);
        if (!found) throw new NormalRefusal(Status.InvalidParameter);
        return { index, indexAgain: index, value: found[1], zeros: undefined };
      }),
      on(Remote.GetExtendedSize, () => ({ value: body.extended?.length ?? 0 })),
      on(Remote.GetExtended, ({ value }) => body.extended?.slice(0, value) ?? new Uint8Array(0)),
      on(Remote.SetExtended, (block) => {
        if (block.length !== body.extended?.length) return NOT_TAKEN;
        body.extended = block;
        return undefined;
      }),
      on(Remote.SelectCameraOutput, () => undefined),
      on(Remote.DoAeAfAwb, () => undefined),
      on(Remote.AfLock, () => {
        body.afLocked = true;
      }),
      on(Remote.AfUnlock, () => {
        body.afLocked = false;
      }),
      on(Remote.GetListSize, ({ value }) => {
        this.#item = value;
        return { value: ValueList.encode(this.#list(value)).length };
      }),
      on(Remote.GetList, ({ value }) => this.#list(value)),
      on(Remote.GetFileSize, ({ size, quality }) => ({ value: this.#fileSize(size, quality) })),
    ];
  }

  #list(item: number): ValueList {
    return this.#body.parts.model.lists.get(item) ?? { width: 1, values: [] };
  }

  /** In proportion to the pixels; real bodies have a table. */
  #fileSize(code: number, quality: number): number {
    const { sizes, qualities, bytesPerShot } = this.#body.parts.model;
    const size = sizes.find((each) => each.code === code);
    const [largest] = sizes;
    if (!size || !largest) return 0;
    const pixels = (size.width * size.height) / (largest.width * largest.height);
    const place = Math.max(0, qualities.indexOf(quality));
    return Math.round((bytesPerShot * pixels) / 1.8 ** place);
  }
}

function on<Args, Result>(
  command: RemoteCommand<Args, Result>,
  handle: (args: Args) => Result | Promise<Result> | typeof NOT_TAKEN,
): readonly [number, Handle] {
  return [command.code, handle as Handle];
}
