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

/** An EOS R6 whose card holds one small file, unless another card is given. */
export function smallCamera(options: VirtualCameraOptions = {}): VirtualCamera {
  return createVirtualCamera('eos-r6', {
    card: options.card ?? smallCard(),
    takePicture: () => picture,
    takeMovie: () => TINY_JPEG,
    now: () => NOW,
    ...options,
  });
}

/** An IXUS 180 with two pictures of July, unless another card is given. */
export function smallIxus(options: VirtualCameraOptions = {}): VirtualCamera {
  return createVirtualCamera('ixus-180', {
    card: options.card ?? ixusCard(),
    takePicture: () => picture,
    takeMovie: () => TINY_JPEG,
    now: () => NOW,
    ...options,
  });
}

/** A PowerShot A70, likewise. */
export function smallA70(options: VirtualCameraOptions = {}): VirtualCamera {
  return createVirtualCamera('powershot-a70', {
    card: options.card ?? smallCard(),
    takePicture: () => picture,
    now: () => NOW,
    ...options,
  });
}

/** A PowerShot SX730, likewise. */
export function smallSx730(options: VirtualCameraOptions = {}): VirtualCamera {
  return createVirtualCamera('powershot-sx730', {
    card: options.card ?? smallCard(),
    takePicture: () => picture,
    now: () => NOW,
    ...options,
  });
}

export function small1300D(options: VirtualCameraOptions = {}): VirtualCamera {
  return createVirtualCamera('eos-1300d', {
    card: options.card ?? smallCard(),
    takePicture: () => picture,
    now: () => NOW,
    ...options,
  });
}

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
