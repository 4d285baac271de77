/** Remote capture: the computer at the shutter. */

import { HotshoeError } from '../base/errors.ts';
import {
  Commands,
  ImageKind,
  type NormalRemote,
  type ReleaseParameters,
  Remote,
  TransferMode,
  type ValueList,
} from '../canon/normal/index.ts';

const SHOT_MS = 90_000;
const LARGEST = 64 << 20;
const Distance = { Normal: 1, Macro: 3 } as const;
const LARGEST_FRAME = 1 << 20;

/** What a shot has sent to the computer; what went to the card `storage.ls` tells. */
export interface NormalShot {
  thumbnail: Uint8Array | undefined;
  image: Uint8Array | undefined;
}

export class NormalCapture {
  /** Bits of `TransferMode`. Default the whole picture to the card. */
  transferMode: number = TransferMode.ImageToCard;
  #remote: () => NormalRemote;
  #started = false;

  constructor(remote: () => NormalRemote) {
    this.#remote = remote;
  }

  /** Enters remote control: the lens comes out, the buttons are locked. */
  async start(): Promise<void> {
    await this.#remote().start();
    this.#started = true;
  }

  /** Leaves it. Never rejects. */
  async stop(): Promise<void> {
    if (!this.#started) return;
    this.#started = false;
    await this.#remote().stop();
  }

  get settings(): Promise<ReleaseParameters> {
    return this.#remote().parameters();
  }

  /** Changes some; resolves with what all of them are then. */
  set(change: Partial<ReleaseParameters>): Promise<ReleaseParameters> {
    this.#started = true;
    return this.#remote().setParameters(change);
  }

  get macro(): Promise<boolean> {
    return this.settings.then(({ afDistance }) => afDistance === Distance.Macro);
  }

  async setMacro(on: boolean): Promise<void> {
    await this.set({ afDistance: on ? Distance.Macro : Distance.Normal });
  }

  /** Which values a setting may have: see `ListItem`. */
  async choices(item: number): Promise<ValueList> {
    await this.start();
    const { session } = this.#remote();
    await session.remote(Remote.GetListSize, { value: item });
    return session.remote(Remote.GetList, { value: item });
  }

  async lockFocus(): Promise<void> {
    await this.start();
    await this.#remote().session.remote(Remote.AfLock, undefined);
  }

  async unlockFocus(): Promise<void> {
    await this.#remote().session.remote(Remote.AfUnlock, undefined);
  }

  get zoom(): Promise<{ position: number; maximum: number }> {
    return this.start().then(() => this.#remote().session.remote(Remote.GetZoom, undefined));
  }

  async setZoom(position: number): Promise<void> {
    await this.start();
    await this.#remote().session.remote(Remote.SetZoom, { value: position });
  }

  /** Live view, frame by frame, as long as somebody iterates. */
  async *viewfinder(): AsyncGenerator<Uint8Array, void, undefined> {
    const remote = this.#remote();
    this.#started = true;
    await remote.viewfinder(true);
    try {
      for (;;) {
        const { chunk } = remote.session;
        const options = { limit: LARGEST_FRAME };
        yield await remote.session.data(Commands.GetViewfinderImage, { chunk }, options);
      }
    } finally {
      await remote.viewfinder(false);
    }
  }

  /** One picture, to where `transferMode` says; brings what is for the computer. */
  async shoot(options: { signal?: AbortSignal; timeoutMs?: number } = {}): Promise<NormalShot> {
    const { signal, timeoutMs = SHOT_MS } = options;
    this.#started = true;
    const remote = this.#remote();
    const images = await remote.shoot(this.transferMode, { signal, timeoutMs });
    const fetch = async (what: 'thumbnail' | 'full', kind: number) => {
      const image = images.find((each) => each.what === what);
      if (!image) return undefined;
      const { chunk } = remote.session;
      const request = { chunk, kind, key: image.key };
      const bytes = await remote.session.data(Commands.GetCapturedImage, request, {
        limit: LARGEST,
        signal,
      });
      if (bytes.length > 0) return bytes;
      throw new HotshoeError('CAPTURE_FAILED', 'the camera has not kept the picture');
    };
    return {
      thumbnail: await fetch('thumbnail', ImageKind.Thumbnail),
      image: await fetch('full', ImageKind.Full),
    };
  }
}
