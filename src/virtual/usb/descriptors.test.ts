/** Against what real bodies tell of themselves. */
import { describe, expect, test } from 'vitest';
import { fromHex } from '../../../test/support/hex-fixture.ts';
import { eosR6 } from '../models/eos-r6.ts';
import { ixus180 } from '../models/ixus-180.ts';
import { makeDescriptors } from './descriptors.ts';

/** USB capture of a PowerShot SX160 IS (CHDK-PTP-Java, JPGRemoteShootpcap.pcapng). */
const SX160 = '12010002 00000040 a9045a32 0200 01020301';

/** An EOS 1300D's (vcam, src/notes): 6/1/1; 81 and 02 bulk, 83 interrupt of 8 bytes; 2 mA. */
const EOS_1300D = `09022700010100c001 0904000003060101 00
  07058102000200 07050202000200 0705830308000a`;

describe('device descriptors', () => {
  test('the IXUS 180 is like an SX160, with its own product id', () => {
    const expected = fromHex(SX160.replace('5a32', 'c032'));
    expect(makeDescriptors(ixus180.usb, 512).device).toEqual(expected);
  });

  test('the EOS R6 tells no serial number, as an R100 (libgphoto2 issue 924)', () => {
    const expected = fromHex(SX160.replace('5a32', 'f532').replace('010203', '010200'));
    expect(makeDescriptors(eosR6.usb, 512).device).toEqual(expected);
  });

  test('on USB 3 it is as that of an R5 Mark II (libgphoto2 issue 1028)', () => {
    const { device, configuration } = makeDescriptors(eosR6.usb, 1024);
    expect(device.subarray(2, 8)).toEqual(fromHex('2003 000000 09'));
    // wTotalLength there: 0x39.
    expect(configuration.length).toBe(0x39);
    expect(configuration.subarray(2, 4)).toEqual(fromHex('3900'));
  });
});

describe('configuration descriptors', () => {
  test('the IXUS 180’s is as that of a 1300D', () => {
    expect(makeDescriptors(ixus180.usb, 512).configuration).toEqual(fromHex(EOS_1300D));
  });

  test('the EOS R6 takes no current, as an R100', () => {
    const expected = fromHex(EOS_1300D.replace('c001', 'c000'));
    expect(makeDescriptors(eosR6.usb, 512).configuration).toEqual(expected);
  });

  test.each([8, 16, 32, 64])('packets of %i bytes', (size) => {
    const { configuration } = makeDescriptors(ixus180.usb, size);
    expect([configuration[22], configuration[23], configuration[29]]).toEqual([size, 0, size]);
  });
});

describe('what else is there', () => {
  const { find } = makeDescriptors(ixus180.usb, 512);
  const text = (bytes: Uint8Array | undefined) =>
    new TextDecoder('utf-16le').decode(bytes?.subarray(2));

  test('strings, in English', () => {
    expect(find(3, 0)).toEqual(fromHex('04030904'));
    expect(text(find(3, 1))).toBe('Canon Inc.');
    expect(text(find(3, 2))).toBe('Canon Digital Camera');
    expect(find(3, 3)?.subarray(0, 2)).toEqual(fromHex('4203'));
    expect(find(3, 4)).toBeUndefined();
    // Windows asks for this one.
    expect(find(3, 0xee)).toBeUndefined();
    expect(makeDescriptors(eosR6.usb, 512).find(3, 3)).toBeUndefined();
  });

  test('a high speed device tells of the other speed', () => {
    expect(find(6, 0)).toEqual(fromHex('0a06 0002 000000 40 01 00'));
    const other = find(7, 0);
    expect(other?.[1]).toBe(7);
    expect(other?.subarray(22, 24)).toEqual(fromHex('4000'));
    expect(find(2, 0)?.[1]).toBe(2);
  });

  test('others have no other speed, and only USB 3 has an object store', () => {
    const full = makeDescriptors(ixus180.usb, 64);
    const faster = makeDescriptors(ixus180.usb, 1024);
    for (const { find } of [full, faster])
      expect([find(6, 0), find(7, 0)]).toEqual([undefined, undefined]);
    expect(faster.find(15, 0)?.length).toBe(15);
    expect(find(15, 0)).toBeUndefined();
  });
});
