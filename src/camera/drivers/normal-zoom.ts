/** The zoom of a PowerShot from before PTP, as long as the lens is out. */
import { HotshoeError } from '../../base/errors.ts';
import { type NormalRemote, Remote } from '../../canon/normal/index.ts';
import type { CameraZoom, WaitOptions, ZoomState } from '../camera.ts';

export class NormalZoom implements CameraZoom {
  #remote: NormalRemote;

  constructor(remote: NormalRemote) {
    this.#remote = remote;
  }

  async get(options: WaitOptions = {}): Promise<ZoomState> {
    await this.#remote.start(options);
    const { position, maximum } = await this.#remote.session.remote(
      Remote.GetZoom,
      undefined,
      options,
    );
    const positions = Array.from({ length: maximum + 1 }, (_, each) => each);
    return { kind: 'lens', position, positions };
  }

  async set(position: number, options: WaitOptions = {}): Promise<void> {
    const { positions } = await this.get(options);
    if (!positions.includes(position)) {
      throw new HotshoeError('USAGE', `the zoom has no position ${position}`, {
        hint: `It goes from 0 to ${positions.at(-1)}.`,
      });
    }
    await this.#remote.session.remote(Remote.SetZoom, { value: position }, options);
  }
}
