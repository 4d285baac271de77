/** The settings of a PowerShot, as the photograph has them. */
import {
  compensationOf,
  isoOf,
  nominalAperture,
  PowerShotProperty as Shot,
} from '../../canon/ptp/index.ts';
import type { LocalTime, PictureRequest } from '../picture/index.ts';
import type { PowerShotBody } from './body.ts';

/** Kelvin of the presets of WhiteBalance (D013); what is missing is automatic. */
const WHITE_BALANCES: ReadonlyMap<number, number> = new Map([
  [1, 5200],
  [2, 6000],
  [3, 3200],
  [4, 4000],
  [7, 5000],
]);

export function pictureRequest(
  body: PowerShotBody,
  shot: { seconds: number; takenAt: LocalTime; counter: number },
): PictureRequest {
  const { model } = body.parts;
  const { aperture, iso, compensation } = body.metered();
  const { width, height } = body.size;
  const whiteBalance = WHITE_BALANCES.get(body.properties.number(Shot.WhiteBalance));
  const owner = body.properties.text(Shot.CameraOwner);
  return {
    width,
    height,
    quality: body.quality,
    exposure: {
      aperture: nominalAperture(aperture) ?? 2.8,
      shutter: shot.seconds,
      iso: isoOf(iso) ?? 100,
      exposureCompensation: compensationOf(compensation),
      focalLength: body.focalLength,
      ...(whiteBalance !== undefined && { whiteBalance }),
    },
    takenAt: shot.takenAt,
    counter: shot.counter,
    make: 'Canon',
    model: model.deviceInfo.model,
    firmware: `Firmware Version ${model.firmware}`,
    exposureProgram: body.dial.exif,
    ...(owner && { ownerName: owner }),
  };
}
