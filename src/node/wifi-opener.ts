/** `wifi:NAME`: a camera that was paired with this computer, wherever it is now. */

import { LinkError } from '../base/errors.ts';
import { noCamera, type OpenOptions, registerOpener } from '../camera/address.ts';
import type { Camera } from '../camera/camera.ts';
import { type KnownCamera, knownCamera, knownCameras } from './known-cameras.ts';

registerOpener('wifi', {
  form: 'wifi:NAME',
  async open(rest, address, options): Promise<Camera> {
    const known = await knownCamera(rest);
    if (!known) throw await unknownCamera(rest);
    return openKnown(known, address, options);
  },
});

async function openKnown(
  known: KnownCamera,
  address: string,
  options: OpenOptions,
): Promise<Camera> {
  // Most cameras are opened without ever being looked for.
  const { openAnnounced, openChosen } = await import('./wifi.ts');
  return known.flow === 'computer'
    ? openChosen(known, address, options)
    : openAnnounced(known, address, options);
}

async function unknownCamera(name: string): Promise<LinkError> {
  if (name === '') return noCamera();
  const names = (await knownCameras()).map((camera) => camera.name);
  return new LinkError(`no camera called "${name}" was paired with this computer`, {
    code: 'NO_CAMERA',
    hint: names.length > 0 ? `Paired: ${names.join(', ')}.` : 'Pair one with `hotshoe pair`, once.',
  });
}
