import { describe, expect, test } from 'vitest';
import { fileNumber, folderNumber, HandleScheme } from './handles.ts';

describe('handles by the scheme of Canon bodies', () => {
  // Seen: an R6 with a card in either slot, a 60D, an EOS R.
  test.each([
    [0x90000000, 'DCIM', 'folder', 0x90000000, 0x90000000],
    [0x90000000, 'DCIM/100CANON', 'folder', 0x91900000, 0x91900000],
    [0x50000000, 'DCIM/100CANON', 'folder', 0x51900000, 0x51900000],
    [0x90000000, 'DCIM/101CNOOO', 'folder', 0x91940000, 0x91940000],
    [0x90000000, 'DCIM/100CANON/IMG_7520.JPG', 'file', 0x9191d602, 0x9191d600],
    [0x90000000, 'DCIM/100CANON/2U4A3378.CR3', 'file', 0x9190d321, 0x9190d320],
    [0x90000000, 'MISC', 'folder', 0xa0080000, 0xa0080000],
  ] as const)('base %i, %s', (base, path, kind, handle, group) => {
    const scheme = new HandleScheme({ base, jpegMember: 2 });
    expect(scheme.handleFor(path.split('/'), kind)).toEqual({ handle, group });
  });

  test('whatever has no number in its name gets a handle of its own, always the same', () => {
    const scheme = new HandleScheme({ base: 0x50000000, jpegMember: 2 });
    const paths = ['notes.txt', 'DCIM/holiday', 'DCIM/holiday/2U4A0001.JPG', 'DCIM/100CANON/x.jpg'];
    const all = () =>
      paths.map((path) => {
        const kind = path.includes('.') ? 'file' : 'folder';
        return scheme.handleFor(path.split('/'), kind).handle;
      });
    const first = all();
    expect(new Set(first).size).toBe(paths.length);
    expect(first.every((handle) => handle > 0x60080000 && handle < 0x90000000)).toBe(true);
    scheme.restart();
    expect(all()).toEqual(first);
  });

  test('two folders of one number, two files of one number', () => {
    const scheme = new HandleScheme({ base: 0x50000000, jpegMember: 2 });
    const handles = [
      ['DCIM', '100CANON'],
      ['DCIM', '100EOSR6'],
      ['DCIM', '100CANON', '2U4A0001.JPG'],
      ['DCIM', '100CANON', 'IMG_0001.JPG'],
      ['DCIM', '100EOSR6', '2U4A0001.JPG'],
    ].map((parts) => scheme.handleFor(parts, parts.length === 3 ? 'file' : 'folder').handle);
    expect(new Set(handles).size).toBe(handles.length);
  });
});

test.each([
  ['100CANON', 100],
  ['999EOSR6', 999],
  ['099CANON', undefined],
  ['100CANONX', undefined],
  ['CANON100', undefined],
])('folder %s: %s', (name, number) => {
  expect(folderNumber(name)).toBe(number);
});

test.each([
  ['2U4A0001.JPG', 1],
  ['IMG_9999.CR3', 9999],
  ['IMG_0000.JPG', undefined],
  ['IMG_00001.JPG', undefined],
  ['readme.txt', undefined],
])('file %s: %s', (name, number) => {
  expect(fileNumber(name)).toBe(number);
});
