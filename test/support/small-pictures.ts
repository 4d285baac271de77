/** Virtual cameras for tests that are not about pictures: nothing is rendered. */
import type { Picture } from '../../src/virtual/index.ts';
import {
  createVirtualCamera,
  MemoryCard,
  type VirtualCamera,
  type VirtualCameraOptions,
} from '../../src/virtual/index.ts';
import { fromHex } from './hex-fixture.ts';

/** A JPEG file of 8 by 8 pixels without EXIF, as far as its head. */
export const TINY_JPEG: Uint8Array = fromHex('ffd8 ffc0 000b 08 0008 0008 01 01 11 00 ffd9');

const picture: Picture = {
  jpeg: TINY_JPEG,
  thumbnail: TINY_JPEG,
  thumbnailWidth: 160,
  thumbnailHeight: 120,
};

/** 21 November 2026, 10:32:05, as the camera's clock shows it. */
export const NOW = Date.UTC(2026, 10, 21, 10, 32, 5);

/** A camera whose card holds one small file, unless another card is given. */
function small(model: string, card = smallCard) {
  return (options: VirtualCameraOptions = {}): VirtualCamera =>
    createVirtualCamera(model, {
      card: options.card ?? card(),
      takePicture: () => picture,
      takeMovie: () => TINY_JPEG,
      now: () => NOW,
      ...options,
    });
}

export const smallCamera = small('eos-r6');
export const small1300D = small('eos-1300d');
export const smallSx730 = small('powershot-sx730');
export const smallA70 = small('powershot-a70');
/** With two pictures of July. */
export const smallIxus = small('ixus-180', ixusCard);

/** As miniPtp found it on a real one. */
export function ixusCard(): MemoryCard {
  const card = new MemoryCard({ capacity: 7_736_426_496 });
  const july = Date.UTC(2026, 6, 14, 9, 30) / 1000;
  card.addFile('DCIM/104___07/IMG_2798.JPG', TINY_JPEG, july);
  card.addFile('DCIM/104___07/IMG_2799.JPG', TINY_JPEG, july + 60);
  return card;
}

export function smallCard(): MemoryCard {
  const card = new MemoryCard();
  card.addFile('DCIM/100CANON/2U4A0001.JPG', TINY_JPEG, NOW / 1000 - 60);
  return card;
}
