/** Takes a picture, and keeps it where that is asked for. */
import { HotshoeError, UnsupportedError } from '../base/errors.ts';
import type { Camera, ShotFile } from '../camera/camera.ts';
import { shootingRisk } from '../camera/risks.ts';
import type { Saved, Shoot, Shot } from './schemas.ts';

/** Keeps a picture on the computer of the server. */
export type Save = (file: ShotFile) => Promise<Saved>;

/** A picture that was begun is finished, also when the client has gone. */
export async function shoot(camera: Camera, request: Shoot, save?: Save): Promise<Shot> {
  const { capture, identity } = camera;
  if (!capture) throw new UnsupportedError(`${identity.model} cannot be released from here`);
  const { to, autofocus, bulbMs, burst, selfTimerMs, confirm } = request;
  const risk = shootingRisk(camera);
  if (risk && confirm !== identity.model) {
    throw new HotshoeError('USAGE', `${risk}: it is not released`, {
      hint: `Send {"confirm": ${JSON.stringify(identity.model)}} if that is meant.`,
    });
  }
  const wanted = request.save === true || (to !== undefined && to !== 'card');
  if (wanted && !save) {
    throw new UnsupportedError('there is no disk here to save pictures on', {
      hint: 'Leave them on the card and download them.',
    });
  }
  const downloads: Saved[] = [];
  const taken = new Set<number>();
  const receive = async (file: ShotFile) => {
    taken.add(file.handle);
    if (save) downloads.push(await save(file));
  };
  const shot = await capture.shoot({
    to,
    autofocus,
    bulbMs,
    burst,
    selfTimerMs,
    ...(wanted && { receive }),
  });
  if (wanted) {
    for (const file of shot.files) {
      if (file.where === 'card' && !taken.has(file.handle)) await receive(file);
    }
  }
  return {
    files: shot.files.map(({ handle, name, size, where }) => ({ handle, name, size, where })),
    downloads,
    durationMs: Math.round(shot.durationMs),
    ...(shot.bulbMs !== undefined && { bulbMs: Math.round(shot.bulbMs) }),
  };
}
