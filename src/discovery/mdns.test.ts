import { describe, expect, it } from 'vitest';
import { readMdnsCamera } from './mdns.ts';

const INSTANCE = 'ICPO-WFTEOSSystemService13a80b._ptp._tcp.local';
const text = (value: string) => new TextEncoder().encode(value);

/** As an EOS R announces itself (pair_accept.pcapng), with a computer that it waits for. */
const TEXTS = [
  'srvver.canon.com=2.0',
  'mf.canon.com=Canon',
  'md.canon.com=Canon Digital Camera',
  'mn.canon.com=Canon EOS R',
  'tid.canon.com=5C946DAE-FA56-44FB-82E5-0B5B15E4FD05',
  'srv.canon.com=1',
  'sid.canon.com=00000000-0000-0000-0001-58D50A13A80B',
  'myhwa.canon.com=58d50a13a80b',
  'snum.canon.com=285028000294',
  'usbid.canon.com=32da',
  'nicname.canon.com=Canon EOS R',
].map(text);
const pointer = { name: '_ptp._tcp.local', type: 'PTR', ttl: 4500, data: INSTANCE };

describe('readMdnsCamera', () => {
  it('reads what an EOS R announces', () => {
    const answers = [{ name: INSTANCE, type: 'TXT', data: TEXTS }, pointer];
    expect(readMdnsCamera({ answers, additionals: [] })).toEqual({
      mode: 'eos-utility',
      goodbye: false,
      uuid: '00000000-0000-0000-0001-58D50A13A80B',
      modelName: 'Canon EOS R',
      nickname: 'Canon EOS R',
      serialNumber: '285028000294',
      expectedGuid: '5C946DAE-FA56-44FB-82E5-0B5B15E4FD05',
      inUse: true,
      productId: 0x32da,
    });
  });

  it('knows a goodbye, and a body that tells only its name', () => {
    const goodbye = readMdnsCamera({ answers: [{ ...pointer, ttl: 0 }], additionals: [] });
    expect(goodbye).toMatchObject({ goodbye: true, uuid: undefined, inUse: false });
  });

  it('recognises a PowerShot that waits for a phone', () => {
    const answers = [
      {
        name: '_imink_http._tcp.local',
        type: 'PTR',
        data: 'MobileConnectedCamera._imink_http._tcp.local',
      },
    ];
    expect(readMdnsCamera({ answers, additionals: [] })?.mode).toBe('imink');
  });

  it.each([
    ['a printer', [{ name: '_ipp._tcp.local', type: 'PTR', data: 'HP._ipp._tcp.local' }]],
    ['a camera of another maker', [{ ...pointer, data: 'GoPro._ptp._tcp.local' }]],
    ['a pointer to nothing', [{ ...pointer, data: undefined }]],
    ['nothing', []],
  ])('passes over %s', (_, answers) => {
    expect(readMdnsCamera({ answers, additionals: [] })).toBeUndefined();
  });

  it('bears what cannot be read', () => {
    const data = [text('no equals sign'), text(`mn.canon.com=${'x'.repeat(5000)}\u001b`), 5, null];
    const answers = [{ name: INSTANCE, type: 'TXT', data }, pointer];
    expect(readMdnsCamera({ answers, additionals: [] })?.modelName).toHaveLength(256);
  });
});
