import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect } from 'vitest';
import type { PictureRequest } from '../../src/virtual/picture/index.ts';
import { takePicture } from '../../src/virtual/picture/index.ts';
import { peer, runs } from '../support/peers.ts';

const exiftool = peer('exiftool', () => runs('exiftool', '-ver'));

const request: PictureRequest = {
  width: 1200,
  height: 800,
  exposure: {
    aperture: 5.6,
    shutter: 1.3,
    iso: 102400,
    exposureCompensation: -2 / 3,
    focalLength: 35,
    whiteBalance: 5600,
  },
  takenAt: { year: 2026, month: 3, day: 4, hour: 5, minute: 6, second: 7, milliseconds: 89 },
  counter: 1,
  make: 'Canon',
  model: 'Canon EOS R6',
  firmware: 'Firmware Version 1.8.2',
  serialNumber: '012345678901',
  ownerName: 'Ada',
  artist: 'Ada L',
  copyright: '(c) Ada',
  lensName: 'RF24-105mm F4-7.1 IS STM',
  orientation: 8,
};

const folder = mkdtempSync(path.join(tmpdir(), 'hotshoe-exiftool-'));
afterAll(() => rmSync(folder, { recursive: true }));

function ask(jpeg: Uint8Array, ...options: string[]): string {
  const file = path.join(folder, 'picture.jpg');
  writeFileSync(file, jpeg);
  return execFileSync('exiftool', [...options, file], { encoding: 'utf8' });
}

exiftool.describe('exiftool reads a virtual picture', () => {
  exiftool.it('and has nothing to complain about', () => {
    expect(ask(takePicture(request).jpeg, '-validate', '-warning', '-a', '-s3').trim()).toBe('OK');
  });

  exiftool.it('that has only what every camera knows', () => {
    const { width, height, exposure, takenAt, counter, make, model, firmware } = request;
    const plain = { width, height, exposure, takenAt, counter, make, model, firmware };
    const { jpeg } = takePicture(plain);
    expect(ask(jpeg, '-validate', '-warning', '-a', '-s3').trim()).toBe('OK');
  });

  exiftool.it('and finds in it what was asked for', () => {
    const [tags] = JSON.parse(ask(takePicture(request).jpeg, '-json', '-n')) as [object];
    expect(tags).toMatchObject({
      Make: 'Canon',
      Model: 'Canon EOS R6',
      Orientation: 8,
      Software: 'Firmware Version 1.8.2',
      ModifyDate: '2026:03:04 05:06:07',
      Artist: 'Ada L',
      Copyright: '(c) Ada',
      ExposureTime: 1.3,
      FNumber: 5.6,
      ExposureProgram: 1,
      ISO: 65535,
      RecommendedExposureIndex: 102400,
      ExifVersion: '0231',
      SubSecDateTimeOriginal: '2026:03:04 05:06:07.08',
      ShutterSpeedValue: expect.closeTo(1.3, 3) as number,
      ApertureValue: expect.closeTo(5.6, 3) as number,
      ExposureCompensation: expect.closeTo(-2 / 3, 3) as number,
      FocalLength: 35,
      WhiteBalance: 1,
      ExifImageWidth: 1200,
      ExifImageHeight: 800,
      OwnerName: 'Ada',
      SerialNumber: '012345678901',
      LensInfo: '24 105 4 7.1',
      LensModel: 'RF24-105mm F4-7.1 IS STM',
    });
  });

  exiftool.it('and takes the thumbnail out', () => {
    const { jpeg, thumbnail } = takePicture(request);
    const file = path.join(folder, 'picture.jpg');
    writeFileSync(file, jpeg);
    const found = execFileSync('exiftool', ['-b', '-ThumbnailImage', file]);
    expect(new Uint8Array(found)).toEqual(thumbnail);
  });
});
