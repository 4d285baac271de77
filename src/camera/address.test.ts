import { describe, expect, it } from 'vitest';
import { open, parseHostPort, registerOpener } from './address.ts';
import type { Camera } from './camera.ts';

describe('an address in the network', () => {
  it.each([
    ['//192.168.1.20', '192.168.1.20', 15740],
    ['//192.168.1.20:5555', '192.168.1.20', 5555],
    ['//192.168.1.20/', '192.168.1.20', 15740],
    ['//my-camera.local:1', 'my-camera.local', 1],
    ['//[fe80::1%eth0]', 'fe80::1%eth0', 15740],
    ['//[::1]:65535', '::1', 65535],
  ])('%s is host %s, port %i', (rest, host, port) => {
    expect(parseHostPort(rest, `ptpip:${rest}`, 15740)).toEqual({ host, port });
  });

  it.each([
    '192.168.1.20',
    '//',
    '//:15740',
    '//host:0',
    '//host:65536',
    '//host:port',
    '//::1',
    '//user@host',
    '//host/path',
    '//a b',
  ])('%s is none, and the error shows how one looks', (rest) => {
    expect(() => parseHostPort(rest, `ptpip:${rest}`, 15740)).toThrow(
      expect.objectContaining({
        code: 'USAGE',
        message: `"ptpip:${rest}" is not an address of a camera`,
        hint: expect.stringContaining('ptpip://192.168.1.20:15740'),
      }),
    );
  });
});

describe('opening', () => {
  it('hands the rest of the address to whoever registered the scheme', async () => {
    const calls: unknown[] = [];
    registerOpener('test', {
      form: 'test:ANYTHING',
      async open(...args) {
        calls.push(args);
        return {} as Camera;
      },
    });
    const options = { acceptTimeoutMs: 1 };
    await open('TEST:a:b', options);
    expect(calls).toEqual([['a:b', 'TEST:a:b', options]]);
  });

  it.each(['', 'nonsense', ':x', 'nobody:x', '192.168.1.20'])(
    'refuses "%s" and lists the forms that there are',
    async (address) => {
      registerOpener('test', { form: 'test:ANYTHING', open: () => Promise.reject() });
      await expect(open(address)).rejects.toMatchObject({
        code: 'USAGE',
        message: `"${address}" is not an address of a camera`,
        hint: expect.stringContaining('test:ANYTHING'),
      });
    },
  );
});
