import { describe, expect, it } from 'vitest';
import { parseDescription } from './description.ts';

/** Of an EOS 70D, by the values in the test data of camera_control_dart; prefixes and layout vary. */
const EOS_70D = `<root xmlns="urn:schemas-upnp-org:device-1-0">
  <specVersion><major>1</major><minor>0</minor></specVersion>
  <URLBase>http://192.168.0.120:49152/upnp/</URLBase>
  <device>
    <friendlyName>Canon EOS 70D</friendlyName>
    <modelName>Canon EOS 70D</modelName>
    <serialNumber>010981377</serialNumber>
    <UDN>uuid:00000000-0000-0000-0001-60128B7CC240</UDN>
    <serviceList><service>
      <serviceType>urn:schemas-canon-com:service:ICPO-WFTEOSSystemService:1</serviceType>
      <eventSubURL/>
      <ns:X_onService xmlns:ns="urn:schemas-canon-com:schema-upnp">0</ns:X_onService>
      <n:X_deviceUsbId xmlns:n="urn:schemas-canon-com:schema-upnp">3253</n:X_deviceUsbId>
      <ns:X_deviceNickname xmlns:ns="urn:schemas-canon-com:schema-upnp">Ann&#39;s &amp; Tom&#x27;s</ns:X_deviceNickname>
    </service></serviceList>
    <presentationURL>/</presentationURL>
  </device>
</root>`;

const device = (inside: string) => `<root><device>${inside}</device></root>`;
const field = (name: string, value: string) =>
  device(`<serviceList><service><${name}>${value}</${name}></service></serviceList>`);

describe('parseDescription', () => {
  it('reads what a 70D says', () => {
    expect(parseDescription(EOS_70D)).toEqual({
      uuid: '00000000-0000-0000-0001-60128B7CC240',
      friendlyName: 'Canon EOS 70D',
      modelName: 'Canon EOS 70D',
      // The zero in front is part of it.
      serialNumber: '010981377',
      serviceTypes: ['urn:schemas-canon-com:service:ICPO-WFTEOSSystemService:1'],
      expectedGuid: undefined,
      inUse: false,
      productId: 0x3253,
      nickname: "Ann's & Tom's",
    });
  });

  it('knows a computer that is expected from nobody in particular', () => {
    const expected = (guid: string) => parseDescription(field('X_targetId', guid)).expectedGuid;
    expect(expected('uuid:5C946DAE-FA56-44FB-82E5-0B5B15E4FD05')).toBe(
      '5C946DAE-FA56-44FB-82E5-0B5B15E4FD05',
    );
    expect(expected('uuid:00000000-0000-0000-0001-FFFFFFFFFFFF')).toBeUndefined();
    expect(parseDescription(field('X_onService', '1')).inUse).toBe(true);
  });

  it('shortens texts and takes what orders a terminal about out of them', () => {
    const { friendlyName, modelName } = parseDescription(
      device(
        `<friendlyName>a&#27;[31m\u202eb</friendlyName><modelName>${'x'.repeat(999)}</modelName>`,
      ),
    );
    expect(friendlyName).toBe('a[31mb');
    expect(modelName).toHaveLength(256);
  });

  it.each([
    ['a document type', `<!DOCTYPE x><root><device/></root>`, 'document type'],
    [
      'entities that grow',
      `<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>${device('<friendlyName>&b;</friendlyName>')}`,
      'document type',
    ],
    ['an entity in the middle', `<root><!ENTITY a "b"><device/></root>`, 'document type'],
    ['depth', `${'<a>'.repeat(20)}${'</a>'.repeat(20)}`, 'nested deeper'],
    ['something else', '<html><body>hello</body></html>', 'no root with a device'],
    ['names of JavaScript', device('<__proto__><UDN>uuid:x</UDN></__proto__>'), 'makes no sense'],
    ['no XML', 'not found', 'makes no sense'],
    ['half a document', EOS_70D.slice(0, 300), 'makes no sense'],
    ['nothing', '', 'makes no sense'],
  ])('refuses %s', (_, xml, why) => {
    expect(() => parseDescription(xml)).toThrow(why);
  });

  it('leaves entities of others as they stand', () => {
    expect(parseDescription(device('<friendlyName>&b; &amp;lt;</friendlyName>')).friendlyName).toBe(
      '&b; &lt;',
    );
  });
});
