/**
 * Makes the photographs of virtual cameras: a scene in which the exposure can be seen, as a JPEG
 * file with EXIF. Pure: the same request gives the same bytes.
 */

import type { Zoom } from './camera.ts';
import { develop, developAndMeasure, type Histogram } from './develop.ts';
import type { LocalTime } from './exif.ts';
import { withExif } from './exif.ts';
import type { Exposure } from './exposure.ts';
import { balance, grainLevel, shutterLabel, stopsOver } from './exposure.ts';
import { Film } from './film.ts';
import { Recent } from './memo.ts';
import { rawFile } from './raw.ts';
import type { RawKind } from './raw-fields.ts';
import { createScene } from './scene.ts';
import type { Colour } from './tile.ts';

export type { Zoom } from './camera.ts';
export type { LocalTime } from './exif.ts';
export type { Exposure } from './exposure.ts';
export { defaultMeteredEv } from './exposure.ts';
export type { RawKind } from './raw-fields.ts';

export interface PictureRequest {
  /** Pixels of the full picture, along the sensor: the width is the longer side for any orientation. */
  readonly width: number;
  readonly height: number;
  /** 1 to 100; default 90. */
  readonly quality?: number;
  readonly exposure: Exposure;
  /** How much larger things are than at the focal length that the scene was made for. Default 1. */
  readonly magnification?: number;
  /** The scene's brightness in EV at ISO 100; default {@link defaultMeteredEv}. */
  readonly meteredEv?: number;
  /** The camera's local time. */
  readonly takenAt: LocalTime;
  /** The file's number, drawn in the picture. */
  readonly counter: number;
  readonly make: string;
  readonly model: string;
  /** As it stands in EXIF's Software tag, such as "Firmware Version 1.1.1". */
  readonly firmware: string;
  readonly serialNumber?: string;
  readonly ownerName?: string;
  readonly artist?: string;
  readonly copyright?: string;
  readonly lensName?: string;
  /** How the camera was held, in EXIF's numbers; default 1. The scene is turned to match. */
  readonly orientation?: 1 | 3 | 6 | 8;
  /** Make a raw file as well. */
  readonly raw?: { readonly kind: RawKind; readonly modelId: number };
  /** EXIF's numbers: 1 manual, 2 program, 3 aperture priority, 4 shutter priority. Default 1. */
  readonly exposureProgram?: number;
}

export interface Picture {
  readonly jpeg: Uint8Array;
  /** A JPEG file without EXIF, the one that the picture's EXIF carries. */
  readonly thumbnail: Uint8Array;
  readonly thumbnailWidth: 160;
  readonly thumbnailHeight: 120;
  /** Where one was asked for. */
  readonly raw?: Uint8Array;
}

/** A moment of live view, `frame` thirtieths of a second after {@link PictureRequest.takenAt}. */
export type LiveFrameRequest = Omit<PictureRequest, 'quality' | 'counter'> & {
  readonly frame: number;
  /** Drawn into it; default "LIVE". */
  readonly label?: string;
  /** A magnified part of the picture. */
  readonly zoom?: Zoom;
};

export interface LiveFrame {
  readonly jpeg: Uint8Array;
  /** Measured when it is asked for. */
  histogram(): Histogram;
}

const LIVE_QUALITY = 75;
/** As in a CR3. */
const PREVIEW = { width: 1620, height: 1080 } as const;
const THUMBNAIL_QUALITY = 82;
/** Frames per second; the scene moves on by one of them, and none is exposed for longer. */
const LIVE_RATE = 30;

const wholePicture: Zoom = { factor: 1, left: 0, top: 0 };

/** The still parts of the scenes that live views show, for as many cameras as are likely at once. */
const films = new Recent<Film>(4);

export function takePicture(request: PictureRequest): Picture {
  const { width, height, quality = 90, counter, takenAt, orientation = 1, exposure } = request;
  const time = secondOfDay(takenAt);
  const optics = look(request);
  const scene = createScene({
    ...optics,
    exposure,
    time,
    calm: false,
    text: [
      [exposureLine(exposure), String(counter).padStart(4, '0')],
      [identity(request), `${dateLine(takenAt)} ${timeLine(time)}.${hundredths(takenAt)}`],
    ],
  });
  const seed = Math.imul(counter + 1, 0x9e3779b1) ^ Math.round(time * 1000);
  const jpeg = develop(scene, { ...optics, width, height, quality, seed, bars: 0 });
  const thumbnail = develop(scene, {
    ...optics,
    width: 160,
    height: 120,
    quality: THUMBNAIL_QUALITY,
    seed,
    bars: thumbnailBars(width, height),
    grain: 0,
  });
  const fields = { ...request, orientation, thumbnail };
  const { raw } = request;
  const preview = () => ({
    ...PREVIEW,
    jpeg: develop(scene, { ...optics, ...PREVIEW, quality: LIVE_QUALITY, seed, bars: 0 }),
  });
  return {
    jpeg: withExif(jpeg, fields),
    thumbnail,
    thumbnailWidth: 160,
    thumbnailHeight: 120,
    ...(raw && {
      raw: rawFile(raw.kind, jpeg, { ...fields, modelId: raw.modelId, preview: preview() }),
    }),
  };
}

/**
 * A JPEG without EXIF. Brightness and depth of field are those of the exposure; motion blur is live
 * view's own, and the lake lies still.
 */
export function liveFrame(request: LiveFrameRequest): LiveFrame {
  const { width, height, takenAt, frame, exposure, zoom = wholePicture, label = 'LIVE' } = request;
  const time = secondOfDay(takenAt) + frame / LIVE_RATE;
  const optics = look(request);
  const scene = createScene({
    ...optics,
    exposure: { ...exposure, shutter: Math.min(exposure.shutter, 1 / LIVE_RATE) },
    time,
    calm: true,
    text: [
      [exposureLine(exposure), label],
      [identity(request), `${dateLine(takenAt)} ${timeLine(time)}`],
    ],
  });
  const { orientation, gain, magnification } = optics;
  const key = [
    request.model,
    ...[magnification, exposure.focus ?? 0],
    ...[width, height, orientation, exposure.aperture, exposure.focalLength],
    ...[zoom.factor, zoom.left, zoom.top],
    ...gain,
  ].join();
  const film = films.get(key, () => new Film());
  return developAndMeasure(scene, {
    ...optics,
    width,
    height,
    quality: LIVE_QUALITY,
    seed: frame,
    bars: 0,
    zoom,
    film,
  });
}

/** What scene and sensor have to know of a request. */
function look({
  exposure,
  meteredEv,
  orientation = 1,
  magnification = 1,
  width,
  height,
}: Omit<PictureRequest, 'quality' | 'counter'>) {
  const light = 2 ** stopsOver(exposure, meteredEv);
  const [red, green, blue] = balance(exposure.whiteBalance);
  const gain: Colour = [light * red, light * green, light * blue];
  const aspect = orientation < 5 ? width / height : height / width;
  return { aspect, gain, magnification, orientation, grain: grainLevel(exposure.iso) };
}

/** Canon's thumbnails are 4:3 whatever the picture is; a wider one gets black bars. */
function thumbnailBars(width: number, height: number): number {
  return Math.max(0, Math.round((120 - (160 * height) / width) / 2));
}

function secondOfDay({ hour, minute, second, milliseconds }: LocalTime): number {
  return hour * 3600 + minute * 60 + second + milliseconds / 1000;
}

function exposureLine({
  aperture,
  shutter,
  iso,
  focalLength,
  exposureCompensation = 0,
}: Exposure): string {
  const compensation =
    exposureCompensation === 0
      ? ''
      : `   ${exposureCompensation > 0 ? '+' : '-'}${Math.abs(Math.round(exposureCompensation * 10) / 10)} EV`;
  return `f/${Math.round(aperture * 10) / 10}   ${shutterLabel(shutter)}   ISO ${iso}   ${Math.round(focalLength * 10) / 10} mm${compensation}`;
}

function identity({
  model,
  lensName,
}: {
  readonly model: string;
  readonly lensName?: string;
}): string {
  return lensName ? `${model}   ${lensName}` : model;
}

function dateLine({ year, month, day }: LocalTime): string {
  return `${year}-${two(month)}-${two(day)}`;
}

function timeLine(time: number): string {
  const seconds = Math.floor(time) % 86400;
  return [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
    .map(two)
    .join(':');
}

function hundredths({ milliseconds }: LocalTime): string {
  return two(Math.floor(milliseconds / 10));
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
