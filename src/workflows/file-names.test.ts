import { describe, expect, it } from 'vitest';
import { HotshoeError } from '../base/errors.ts';
import { type NameFacts, namePattern } from './file-names.ts';

const facts: NameFacts = {
  name: 'IMG_0042.JPG',
  folder: '/SD1/DCIM/100CANON',
  date: '2026-02-03T14:05:09',
  milliseconds: 70,
  number: 7,
  serial: '012345678901',
  model: 'Canon EOS R6',
  camera: 'studio',
};

// The letters are those of gphoto2's manual page, --filename; the dates strftime's.
const table: [pattern: string, name: string][] = [
  ['%:', 'IMG_0042.JPG'],
  ['%f.%C', 'IMG_0042.JPG'],
  ['%Y%m%d-%H%M%S.%C', '20260203-140509.JPG'],
  ['%y-%b-%d %a', '26-Feb-03 Tue'],
  ['%A %B', 'Tuesday February'],
  ['%I%M', '0205'],
  ['%k|%l', '14| 2'],
  ['%j', '034'],
  ['%n', '7'],
  ['%03n.%C', '007.JPG'],
  ['%F', 'SD1-DCIM-100CANON'],
  ['100%%', '100%'],
  ['%{serial}_%{model}_%{camera}_%{ms}', '012345678901_Canon EOS R6_studio_070'],
];

describe('name patterns', () => {
  it.each(table)('%s makes %s', (pattern, name) => {
    expect(namePattern(pattern)(facts)).toBe(name);
  });

  it.each(['%x', '%', '%{owner}', '%3f'])('refuses %s and says what there is', (pattern) => {
    expect(() => namePattern(pattern)).toThrow(HotshoeError);
    expect(() => namePattern(pattern)).toThrow(/means nothing/);
  });

  it('refuses a date where the camera gives none', () => {
    expect(() => namePattern('%Y')({ ...facts, date: undefined })).toThrow(/no date/);
    expect(namePattern('%f')({ ...facts, date: undefined })).toBe('IMG_0042');
  });
});
