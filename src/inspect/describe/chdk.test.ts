import { describe, expect, it, test } from 'vitest';
import { fromHex as hex } from '../../../test/support/hex-fixture.ts';
import { ChdkCall, ChdkUpload } from '../../canon/chdk/index.ts';
import { canonNames } from '../../canon/ptp/index.ts';
import { describeData, describeParams, describeResponse } from './index.ts';

const names = canonNames;
const CHDK = 0x9999;

const asked = (...params: number[]) =>
  describeParams(CHDK, params, names).map(({ name, text }) => `${name}=${text}`);
const answered = (request: number[], ...params: number[]) =>
  describeResponse(CHDK, request, params, names).map(({ name, text }) => `${name}=${text}`);
const told = (params: number[], bytes: Uint8Array, answer?: number[]) =>
  describeData({ operation: CHDK, params, direction: 'in', bytes, names, answer });

/** The USB capture of a remote shoot that is published with CHDK-PTP-Java (PowerShot SX160 IS). */
describe('a remote shoot', () => {
  test('an idle camera', () => {
    expect(asked(8)).toEqual(['command=ScriptStatus']);
    expect(answered([8], 0)).toEqual(['status=idle']);
  });

  test('a script that was loaded', () => {
    expect(asked(7)).toEqual(['command=ExecuteScript']);
    expect(answered([7], 12, 0)).toEqual(['script=12', 'status=loaded']);
  });

  test('its answer, true', () => {
    const answer = [2, 2, 12, 4];
    expect(answered([10], ...answer)).toEqual([
      'type=return',
      'subtype=boolean',
      'script=12',
      'length=4',
    ]);
    expect(told([10], hex('01000000'), answer)).toMatchObject({ summary: 'true', json: true });
  });

  test('nothing to fetch yet, then the first piece of a JPEG', () => {
    expect(answered([13], 0, 0)).toEqual(['types=nothing', 'image=0']);
    expect(asked(14, 1)).toEqual(['command=RemoteCaptureGetData', 'type=JPEG']);
    expect(answered([14, 1], 0xda000, 1, 0x4600)).toEqual([
      'size=892928',
      'more=yes',
      'offset=17920',
    ]);
  });
});

describe('messages', () => {
  it.each([
    ['nil', [2, 1, 3, 4], '00000000', null],
    ['a negative number', [2, 3, 3, 4], 'feffffff', -2],
    ['an empty text with its filler', [3, 4, 3, 0], '00', ''],
    ['a table', [3, 5, 3, 7], '7b613d317d0a0a', '{a=1}\n\n'],
    ['no message', [0, 0, 0, 0], '00', null],
    ['an error', [1, 1, 3, 4], '3a313a20', ':1: '],
    ['a text whose answer was not seen', undefined, '6f6b', 'ok'],
  ] as const)('%s', (_what, answer, bytes, json) => {
    expect(told([10], hex(bytes), answer && [...answer])?.json).toEqual(json);
  });
});

describe('data of commands', () => {
  test('an upload tells its path and its size', () => {
    const bytes = hex('08000000 412f582f592e4c55 0102030405');
    const description = told([5], bytes);
    expect(description).toMatchObject({ summary: 'A/X/Y.LU, 5 bytes', unknown: [] });
    expect(ChdkUpload.encode(ChdkUpload.decode(bytes))).toEqual(bytes);
  });

  test('a call', () => {
    const bytes = hex('00f8ff00 02000000 ffffffff');
    expect(told([3], bytes)).toMatchObject({ summary: '0x00fff800(0x2, 0xffffffff)' });
    expect(ChdkCall.encode(ChdkCall.decode(bytes))).toEqual(bytes);
  });

  test('a live view block of version 2.2 with a viewport', () => {
    const header = '02000000 02000000 00000000 00000000 00000000 20000000 44000000 00000000';
    const viewport =
      '00000000 68000000 d0020000 d0020000 f0000000 00000000 00000000 00000000 00000000';
    const bitmap =
      '01000000 00000000 68010000 40010000 f0000000 00000000 00000000 ffffffff 00000000';
    const description = told([12, 1], hex(`${header} ${viewport} ${bitmap} 0080`));
    expect(description).toMatchObject({
      summary: 'viewport 720x240',
      json: { minor: 2, viewport: { bufferWidth: 720 }, bitmap: { type: 1, marginRight: -1 } },
    });
  });

  test('what is too short or of no known command is told', () => {
    expect(told([5], hex('ff000000 41'))?.unknown).toHaveLength(1);
    expect(told([12, 1], hex('0200'))?.unknown).toHaveLength(1);
    expect(told([99], hex('00'))?.unknown).toEqual(['data of CHDK command 99']);
  });
});
