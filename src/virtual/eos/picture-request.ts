/** The settings of the body, as the photograph has them. */
import {
  compensationOf,
  decodeText,
  EosProperty,
  ImageFileType,
  isoOf,
  nominalAperture,
} from '../../canon/ptp/index.ts';
import type { LocalTime, PictureRequest } from '../picture/index.ts';
import type { EosBody } from './body.ts';

/** Kelvin of the presets of WhiteBalance (D109); what is missing is automatic. */
const WHITE_BALANCES: ReadonlyMap<number, number> = new Map([
  [1, 5200],
  [2, 6000],
  [3, 3200],
  [4, 4000],
  [5, 6000],
  [8, 7000],
]);
const COLOR_TEMPERATURE = 9;

export function pictureRequest(
  body: EosBody,
  shot: { seconds: number; takenAt: LocalTime; counter: number },
): PictureRequest {
  const { model } = body.parts;
  const { properties, dial } = body;
  const text = (property: number) => decodeText(properties.bytes(property));
  const [owner, artist, copyright] = [
    text(EosProperty.Owner),
    text(EosProperty.Artist),
    text(EosProperty.Copyright),
  ];
  const { width, height, quality, format } = body.pictureSize();
  const isRaw = format.some(({ type }) => type === ImageFileType.RAW);
  return {
    width,
    height,
    quality,
    exposure: exposure(body, shot.seconds),
    takenAt: shot.takenAt,
    counter: shot.counter,
    make: 'Canon',
    model: model.deviceInfo.model,
    firmware: `Firmware Version ${model.firmware}`,
    serialNumber: model.bodySerial,
    lensName: text(EosProperty.LensName),
    exposureProgram: dial.exif,
    magnification: body.lens.magnification,
    ...(isRaw && model.raw && { raw: { kind: model.raw, modelId: model.modelId } }),
    ...(owner && { ownerName: owner }),
    ...(artist && { artist }),
    ...(copyright && { copyright }),
  };
}

/** Also for live view, whose frames have no exposure time of their own. */
export function exposure(body: EosBody, seconds: number): PictureRequest['exposure'] {
  const { properties, lens } = body;
  const { aperture, iso, compensation } = body.metered();
  const whiteBalance = whiteBalanceOf(
    properties.number(EosProperty.WhiteBalance),
    properties.number(EosProperty.ColorTemperature),
  );
  return {
    aperture: nominalAperture(aperture) ?? 5.6,
    shutter: seconds,
    iso: isoOf(iso) ?? 400,
    exposureCompensation: compensationOf(compensation),
    focalLength: lens.focalLength,
    focus: lens.focus,
    ...(whiteBalance !== undefined && { whiteBalance }),
  };
}

function whiteBalanceOf(preset: number, kelvin: number): number | undefined {
  return preset === COLOR_TEMPERATURE ? kelvin : WHITE_BALANCES.get(preset);
}
