import { expect, it } from 'vitest';
import { HotshoeError, LinkError, messageOf, TimeoutError, UnsupportedError } from './errors.ts';

it('every error carries a code for programs, a name, and a hint where there is one', () => {
  expect(new LinkError('gone')).toMatchObject({
    name: 'LinkError',
    code: 'LINK_LOST',
    message: 'gone',
    hint: undefined,
  });
  expect(new LinkError('no', { code: 'REJECTED', hint: 'Press OK.' })).toMatchObject({
    code: 'REJECTED',
    hint: 'Press OK.',
  });
  expect(new TimeoutError('late')).toMatchObject({ name: 'TimeoutError', code: 'TIMEOUT' });
  expect(new UnsupportedError('no')).toMatchObject({ code: 'UNSUPPORTED' });
});

it('all of them are HotshoeErrors, and Errors', () => {
  for (const error of [new LinkError('a'), new TimeoutError('b'), new UnsupportedError('c')]) {
    expect(error).toBeInstanceOf(HotshoeError);
    expect(error).toBeInstanceOf(Error);
  }
});

it('keeps the cause, and has no cause where none was given', () => {
  const cause = new Error('ECONNRESET');
  expect(new LinkError('gone', { cause }).cause).toBe(cause);
  expect('cause' in new LinkError('gone')).toBe(false);
});

it('messageOf finds the text of anything that was thrown', () => {
  expect(messageOf(new Error('text'))).toBe('text');
  expect(messageOf('text')).toBe('text');
  expect(messageOf(undefined)).toBe('undefined');
});
