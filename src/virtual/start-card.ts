/** The card that a virtual camera comes with: a few pictures, made when somebody looks. */
import { apertureOf, nominalAperture, nominalShutter, shutterCode } from '../canon/ptp/index.ts';
import { folderName } from './card/catalogue.ts';
import { MemoryCard } from './card/memory-card.ts';
import type { VirtualModel } from './models/index.ts';
import { defaultMeteredEv, type Picture, type PictureRequest } from './picture/index.ts';
import type { WallClock } from './wall-clock.ts';

/** Seconds between two of them; the last was taken an hour ago. */
const BETWEEN = 47;
const AGO = 3600;

/** Stops from the lens wide open, and ISO; the shutter follows from the light. */
const looks = [
  { closed: 2, iso: 800 },
  { closed: 1, iso: 800 },
  { closed: 0, iso: 400 },
] as const;

export function startCard(
  model: VirtualModel,
  wall: WallClock,
  takePicture: (request: PictureRequest) => Picture | Promise<Picture>,
  count: number = looks.length,
): MemoryCard {
  const card = new MemoryCard();
  const { width, height, quality } = smallest(model);
  for (let i = 0; i < count; i++) {
    const time = wall.seconds() - AGO - (count - 1 - i) * BETWEEN;
    const counter = i + 1;
    const name = `${model.filePrefix}${String(counter).padStart(4, '0')}.JPG`;
    const request: PictureRequest = {
      width,
      height,
      quality,
      exposure: exposure(model, looks[i % looks.length] ?? looks[0]),
      takenAt: wall.localAt(time * 1000),
      counter,
      make: 'Canon',
      model: model.deviceInfo.model,
      firmware: `Firmware Version ${model.firmware}`,
      serialNumber: model.bodySerial,
    };
    const render = async () => (await takePicture(request)).jpeg;
    card.addFile(`DCIM/${folderName(100, model.folderNames, time)}/${name}`, { render }, time);
  }
  return card;
}

/** The first listing has to wait for all of them. */
function smallest({ pictureSizes }: VirtualModel): {
  width: number;
  height: number;
  quality: number;
} {
  const [first, ...sizes] = pictureSizes;
  if (!first) throw new Error('the model has no picture sizes');
  const pixels = (size: { width: number; height: number }) => size.width * size.height;
  let least: { width: number; height: number; quality: number } = first;
  for (const size of sizes) if (pixels(size) < pixels(least)) least = size;
  return least;
}

function exposure(
  { apertures, focalLength }: VirtualModel,
  { closed, iso }: (typeof looks)[number],
): PictureRequest['exposure'] {
  // Three steps to a stop.
  const code = apertures[Math.min(3 * closed, apertures.length - 1)] ?? 0;
  const light = 2 ** defaultMeteredEv * (iso / 100);
  const seconds = (apertureOf(code) ?? 4) ** 2 / light;
  return {
    aperture: nominalAperture(code) ?? 4,
    shutter: nominalShutter(shutterCode(seconds)) ?? seconds,
    iso,
    focalLength,
  };
}
