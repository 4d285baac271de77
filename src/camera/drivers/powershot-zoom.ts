/** The lens of a PowerShot, which a motor moves. */
import { HotshoeError } from '../../base/errors.ts';
import type { CameraZoom, WaitOptions, ZoomState } from '../camera.ts';
import type { PowerShotSettings } from './powershot-settings.ts';

export class PowerShotZoom implements CameraZoom {
  #settings: PowerShotSettings;

  constructor(settings: PowerShotSettings) {
    this.#settings = settings;
  }

  async get(options: WaitOptions = {}): Promise<ZoomState> {
    const { number: position, allowed } = await this.#settings.get('zoom', options);
    const positions = allowed.flatMap(({ number }) => (number === undefined ? [] : [number]));
    return { kind: 'lens', position, positions };
  }

  async set(position: number, options: WaitOptions = {}): Promise<void> {
    const { positions } = await this.get(options);
    if (!positions.includes(position)) {
      throw new HotshoeError('USAGE', `the camera has no zoom of ${position}`, {
        hint: `It has ${positions[0]} to ${positions.at(-1)}.`,
      });
    }
    await this.#settings.set('zoom', position, options);
  }
}
