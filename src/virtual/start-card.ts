/** The card that a virtual camera comes with: a few pictures, made when somebody looks. */
import { MemoryCard } from './card/memory-card.ts';
import type { EosModel, PictureSize } from './models/model.ts';
import type { Picture, PictureRequest } from './picture/index.ts';
import type { WallClock } from './wall-clock.ts';

/** The smallest size: the first listing has to wait for all of them. */
const SMALLEST = -1;
/** Seconds between two of them; the last was taken an hour ago. */
const BETWEEN = 47;
const AGO = 3600;

const exposures = [
  { aperture: 8, shutter: 1 / 250, iso: 400 },
  { aperture: 5.6, shutter: 1 / 125, iso: 800 },
  { aperture: 4, shutter: 1 / 60, iso: 400 },
] as const;

export function startCard(
  model: EosModel,
  wall: WallClock,
  takePicture: (request: PictureRequest) => Picture | Promise<Picture>,
  count: number = exposures.length,
): MemoryCard {
  const card = new MemoryCard();
  const { width, height, quality } = model.pictureSizes.at(SMALLEST) as PictureSize;
  for (let i = 0; i < count; i++) {
    const exposure = exposures[i % exposures.length] ?? exposures[0];
    const time = wall.seconds() - AGO - (count - 1 - i) * BETWEEN;
    const counter = i + 1;
    const name = `${model.filePrefix}${String(counter).padStart(4, '0')}.JPG`;
    const request: PictureRequest = {
      width,
      height,
      quality,
      exposure: { ...exposure, focalLength: model.focalLength },
      takenAt: wall.localAt(time * 1000),
      counter,
      make: 'Canon',
      model: model.deviceInfo.model,
      firmware: `Firmware Version ${model.deviceInfo.deviceVersion.replace('3-', '')}`,
      serialNumber: model.bodySerial,
    };
    const render = async () => (await takePicture(request)).jpeg;
    card.addFile(`DCIM/100CANON/${name}`, { render }, time);
  }
  return card;
}
