import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answerForComputer, computerDescription, shownName } from './computer-description.ts';
import { parseDescription } from './description.ts';

const COMPUTER = {
  path: '/ptpip-canon-desc-helper.xml',
  uuid: '11111111-2222-4333-8444-555555555555',
  name: 'FENNEL',
};
const DATE = 'Thu, 26 Nov 2026 16:00:00 GMT';

describe('answerForComputer', () => {
  it('has the headers that cameras look for', () => {
    const answer = answerForComputer({ method: 'GET', path: COMPUTER.path }, COMPUTER, DATE);
    expect(answer.status).toBe(200);
    expect(answer.headers.map((header) => header.join(': '))).toEqual([
      'Server: Microsoft-Windows/10.0 UPnP/1.0 UPnP-Device-Host/1.0 Microsoft-HTTPAPI/2.0',
      `Date: ${DATE}`,
      'Content-type: text/xml; charset="utf-8"',
      `Content-Length: ${answer.body.length}`,
      'Connection: close',
    ]);
  });

  it.each([
    ['GET', '/', 404],
    ['GET', '/ptpip-canon-desc-helper.xml?x', 404],
    ['GET', '/../ptpip-canon-desc-helper.xml', 404],
    ['POST', '/ptpip-canon-desc-helper.xml', 501],
    ['HEAD', '/ptpip-canon-desc-helper.xml', 200],
  ])('%s %s', (method, path, status) => {
    const answer = answerForComputer({ method, path }, COMPUTER, DATE);
    expect(answer.status).toBe(status);
    expect(answer.body).toBe('');
  });
});

describe('the name', () => {
  it.each([
    ['FENNEL', 'FENNEL'],
    ['Ann: laptop', 'Ann laptop'],
    ['</friendlyName><x>', '</friendlyName><x>'],
    ['Tom & "Jerry"', 'Tom & "Jerry"'],
    ['a\u001b[31mred\u202e', 'a [31mred'],
    ['a computer with a very long name', 'a computer with a ve'],
    ['::', 'hotshoe'],
  ])('%j is shown as %j', (name, shown) => {
    expect(shownName(name)).toBe(shown);
    const { friendlyName, uuid } = parseDescription(computerDescription({ ...COMPUTER, name }));
    // Cameras cut at the first colon.
    expect(friendlyName?.split(':')[0]).toBe(shown);
    expect(uuid).toBe(COMPUTER.uuid.toUpperCase());
  });

  it('can be anything', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (name) => {
        const described = parseDescription(computerDescription({ ...COMPUTER, name }));
        expect(described.uuid).toBe(COMPUTER.uuid.toUpperCase());
        expect(described.friendlyName).toMatch(/: hotshoe:$/);
      }),
    );
  });
});
