import { describe, expect, it } from 'vitest';
import type { CameraObject, StorageUnit } from './camera.ts';
import { globMatcher, isGlob, splitLabel } from './paths.ts';

const unit = (id: number, label: string): StorageUnit => ({
  id,
  label,
  present: true,
  capacity: undefined,
  free: undefined,
  readOnly: false,
});
const units = [unit(1, 'SD1'), unit(2, 'SD2')];

describe('a path', () => {
  it.each([
    ['/SD2/DCIM/100CANON', [2], ['DCIM', '100CANON']],
    ['sd2/DCIM/', [2], ['DCIM']],
    ['/SD1', [1], []],
    ['DCIM', [1, 2], ['DCIM']],
    ['', [1, 2], []],
    ['//', [1, 2], []],
  ])('%j is meant on storages %j', (path, ids, parts) => {
    const split = splitLabel(path, units);
    expect(split.units.map(({ id }) => id)).toEqual(ids);
    expect(split.parts).toEqual(parts);
  });
});

describe('a pattern', () => {
  const matching = (pattern: string, path: string) => {
    const name = path.slice(path.lastIndexOf('/') + 1);
    return globMatcher(pattern)({ path, name } as CameraObject);
  };

  it.each([
    ['*.JPG', '/SD1/DCIM/100CANON/IMG_0001.JPG'],
    ['*.jpg', '/SD1/DCIM/100CANON/IMG_0001.JPG'],
    ['IMG_000?.JPG', '/SD1/DCIM/100CANON/IMG_0001.JPG'],
    ['IMG_000[1-3].JPG', '/SD1/DCIM/100CANON/IMG_0002.JPG'],
    ['IMG_000[!1-3].JPG', '/SD1/DCIM/100CANON/IMG_0004.JPG'],
    ['DCIM/100*/*', '/SD1/DCIM/100CANON/IMG_0001.JPG'],
    ['100CANON/*.JPG', '/SD1/DCIM/100CANON/IMG_0001.JPG'],
    ['/SD1/DCIM/*/IMG_0001.JPG', '/SD1/DCIM/100CANON/IMG_0001.JPG'],
    ['a[b', '/SD1/a[b'],
    ['a]b*', '/SD1/a]bc'],
    ['(a+b).*', '/SD1/(a+b).JPG'],
    ['[^x]', '/SD1/^'],
  ])('%s matches %s', (pattern, path) => {
    expect(matching(pattern, path)).toBe(true);
  });

  it.each([
    ['*.JPG', '/SD1/DCIM/100CANON/IMG_0001.CR3'],
    ['*.JPG', '/SD1/DCIM/IMG_0001.JPG.part'],
    ['IMG_000?.JPG', '/SD1/IMG_0010.JPG'],
    ['IMG_000[!1-3].JPG', '/SD1/DCIM/100CANON/IMG_0002.JPG'],
    ['DCIM/*', '/SD1/DCIM/100CANON/IMG_0001.JPG'],
    ['CIM/*', '/SD1/DCIM/100CANON'],
    ['IMG.JPG', '/SD1/IMGxJPG'],
  ])('%s does not match %s', (pattern, path) => {
    expect(matching(pattern, path)).toBe(false);
  });

  it.each(['*', 'a?', '[ab]'])('is seen in %s', (text) => expect(isGlob(text)).toBe(true));
  it.each(['DCIM/100CANON', '0x91900012'])('is not seen in %s', (text) => {
    expect(isGlob(text)).toBe(false);
  });
});
