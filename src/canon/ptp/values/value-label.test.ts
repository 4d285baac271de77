import { describe, expect, test } from 'vitest';
import { fromHex as hex } from '../../../../test/support/hex-fixture.ts';
import { decodeEosValue } from '../eos-value.ts';
import {
  canonValueLabel,
  EosProperty as Eos,
  eosValueLabel,
  PowerShotProperty as Shot,
} from '../index.ts';
import { eosLabels } from './eos-labels.ts';
import { powerShotLabels } from './powershot-labels.ts';

/** Cells as bodies send them. */
test.each([
  ['1/30', Eos.ShutterSpeed, '60000000', '1/30'],
  ['f/5.6', Eos.Aperture, '30000000', 'f/5.6'],
  ['ISO 800', Eos.ISOSpeed, '60000000', 'ISO 800'],
  ['automatic ISO', Eos.ISOSpeed, '00000000', 'auto'],
  ['a third of a stop under', Eos.ExpCompensation, 'fd000000', '-1/3'],
  ['a stop and a third over', Eos.ExpCompensation, '0b000000', '+1 1/3'],
  ['no bracket', Eos.AEB, '00000000', 'off'],
  ['a bracket of 2/3', Eos.AEB, '05000000', '±2/3'],
  ['Av', Eos.AutoExposureMode, '02000000', 'Av'],
  ['shade', Eos.WhiteBalance, '08000000', 'shade'],
  ['stale bytes behind a byte', Eos.WhiteBalance, '010000aa', 'daylight'],
  ['a shift towards blue', Eos.WhiteBalanceAdjustA, 'f7ffffff', '-9'],
  ['kelvin', Eos.ColorTemperature, '50140000', '5200 K'],
  ['fast bursts', Eos.DriveMode, '04000000', 'high-speed continuous'],
  [
    'RAW and a small JPEG',
    Eos.ImageFormat,
    '020000001000000006000000000000000400000010000000010000000e00000003000000',
    'RAW + S1',
  ],
  ['an artist', Eos.Artist, '4a616e6500', 'Jane'],
  ['the clock', Eos.CameraTime, '6a6fee62', '2022-08-06T13:40:58'],
  ['a model', Eos.ModelID, '24040080', '0x80000424'],
])('%s', (_what, property, bytes, label) => {
  expect(eosValueLabel(property, decodeEosValue(property, hex(bytes)))).toBe(label);
});

describe('a PowerShot A70 in release control', () => {
  // The numbers of libgphoto2's listing canon-powershot-a70-capture.txt.
  test.each([
    [Shot.BatteryKind, 2, 'lithium ion'],
    [Shot.ImageSize, 3, 'M2'],
    [Shot.SelfTime, 100, '10 s'],
    [Shot.ShootingMode, 1, 'P'],
    [Shot.Aperture, 40, 'f/4'],
    [Shot.ShutterSpeed, 32, '8"'],
    [Shot.ISOSpeed, 64, 'ISO 50'],
    [Shot.ExpCompensation, 24, '0'],
    [Shot.ExpCompensation, 8, '+2'],
    [Shot.ExpCompensation, 0x15, '+1/3'],
    [Shot.ExpCompensation, 40, '-2'],
    [Shot.FocusingPoint, 12289, 'multiple, auto'],
    [Shot.FirmwareVersion, 33554432, '2.0.0.0'],
    [Shot.RemoteAPIVersion, 256, '1.0'],
    [Shot.UnixTime, 1227619592, '2008-11-25T13:26:32'],
  ])('%i: %i', (property, value, label) => {
    expect(canonValueLabel(property, value)).toBe(label);
  });
});

test('what no table knows has no label', () => {
  expect(canonValueLabel(Eos.WhiteBalance, 0x18)).toBeUndefined();
  expect(canonValueLabel(Eos.ISOSpeed, 0xffff)).toBeUndefined();
  expect(canonValueLabel(0xd21e, 1)).toBeUndefined();
  expect(eosValueLabel(Eos.FocusInfoEx, { kind: 'words', words: [1] })).toBeUndefined();
});

test('the labels of a property name one value each', () => {
  for (const [property, labels] of Object.entries({ ...eosLabels, ...powerShotLabels })) {
    const all = Object.values(labels);
    expect(new Set(all).size, property).toBe(all.length);
  }
});
