/** Packets captured from cameras and programs, cut and broken in every way. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  fromHex,
  hexFixture,
  hexFixtureParts,
  toSpacedHex,
} from '../../../test/support/hex-fixture.ts';
import { outcomeOnAnyBytes, protocolErrorOf } from '../../../test/support/protocol-errors.ts';
import { settle, watch } from '../../../test/support/settle.ts';
import { memoryPipe } from '../../base/byte-stream.ts';
import { LinkError } from '../../base/errors.ts';
import { ProtocolError } from '../../bytes/index.ts';
import {
  dataHead,
  decodeHead,
  decodePacket,
  decodePayload,
  encodePacket,
  isKnownPacketType,
  type KnownPacketType,
  type PacketFields,
  PacketType,
  packetName,
  UNKNOWN_TOTAL,
} from './ip-packets.ts';
import { PacketReader } from './packet-reader.ts';

/** What a packet decodes to: its type, its fields. */
type Decoded = ReturnType<typeof decodePacket>;

const ALL_TYPES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14] as const;

/** The packets that were captured or published, with what the captures' readers say of them. */
const GOLDEN: [string, Uint8Array, Decoded][] = [
  [
    'Init Command Ack of an EOS 70D',
    hexFixture('ptpip/init-command-ack-eos-70d.hex'),
    {
      type: 2,
      connectionNumber: 1,
      guid: fromHex('00 00 00 00 00 00 00 00 01 00 60 12 8b 7c c2 40'),
      name: '70D',
      version: 0x00010000,
    },
  ],
  ['Init Event Ack of an EOS 70D', hexFixture('ptpip/init-event-ack-eos-70d.hex'), { type: 4 }],
  [
    'Operation Response of an EOS 70D',
    hexFixture('ptpip/operation-response-eos-70d.hex'),
    { type: 7, code: 0x2001, transactionId: 6, params: [] },
  ],
  ...golden('data phase of an EOS 70D', 'ptpip/get-storage-info-eos-70d.hex', [
    { type: 9, transactionId: 9, total: 36n },
    { type: 12, transactionId: 9, payload: hexFixture('ptp/storage-info-eos-70d.hex') },
    { type: 7, code: 0x2001, transactionId: 9, params: [] },
  ]),
  [
    'Operation Request to an EOS 70D',
    hexFixture('ptpip/operation-request-eos-70d.hex'),
    { type: 6, dataPhaseInfo: 1, code: 0x9128, transactionId: 17, params: [1, 0] },
  ],
  [
    'Init Command Request of chdkptp',
    hexFixture('ptpip/init-command-request-chdkptp.hex'),
    {
      type: 1,
      guid: fromHex('00 00 00 00 00 00 00 00 de ad be ef 12 34 56 78'),
      name: 'whee',
      version: 0x00010000,
    },
  ],
  [
    'Init Command Request of libgphoto2',
    hexFixture('ptpip/init-command-request-libgphoto2.hex'),
    {
      type: 1,
      guid: fromHex('be 48 5c 6d f1 ac e7 dc 35 91 00 0c 29 b5 7e ef'),
      name: 'uphoto',
      version: 0x00010000,
    },
  ],
  ...golden('data phase to an EOS M3', 'ptpip/data-out-eos-m3.hex', [
    { type: 6, dataPhaseInfo: 2, code: 0x9110, transactionId: 0x93, params: [] },
    { type: 9, transactionId: 0x93, total: 12n },
    { type: 12, transactionId: 0x93, payload: fromHex('0c 00 00 00 b0 d1 00 00 08 00 00 00') },
  ]),
  [
    'Init Command Request of EOS Utility',
    hexFixture('ptpip/init-command-request-eos-utility.hex'),
    {
      type: 1,
      guid: fromHex('ae 6d 94 5c 56 fa fb 44 82 e5 0b 5b 15 e4 fd 05'),
      name: 'FENNEL',
      version: 0x00010000,
    },
  ],
  [
    'Init Command Ack of an EOS R',
    hexFixture('ptpip/init-command-ack-eos-r.hex'),
    {
      type: 2,
      connectionNumber: 1,
      guid: fromHex('00 00 00 00 00 00 00 00 00 01 58 d5 0a 13 a8 0b'),
      name: 'EOSR.A',
      version: 0x00010000,
    },
  ],
  ...golden('idle EOS R', 'ptpip/idle-eos-r.hex', [
    {
      type: 6,
      dataPhaseInfo: 1,
      code: 0x911a,
      transactionId: 0x54f1,
      params: [0x161, 0x1000, 0],
    },
    { type: 7, code: 0x2001, transactionId: 0x54f1, params: [] },
    { type: 6, dataPhaseInfo: 1, code: 0x9116, transactionId: 0x54f2, params: [] },
    { type: 9, transactionId: 0x54f2, total: 20n },
    {
      type: 12,
      transactionId: 0x54f2,
      payload: fromHex('0c 00 00 00 85 c1 00 00 01 00 02 00 08 00 00 00 00 00 00 00'),
    },
    { type: 7, code: 0x2001, transactionId: 0x54f2, params: [] },
  ]),
];

function golden(name: string, path: string, values: Decoded[]): [string, Uint8Array, Decoded][] {
  const parts = hexFixtureParts(path);
  expect(parts).toHaveLength(values.length);
  return values.map((value, i) => [`packet ${i + 1} of the ${name}`, parts[i]!, value]);
}

/** Small packets spelled out from the layouts of the standard; one of every type at least. */
const SPELLED_OUT: [string, string, Decoded][] = [
  [
    'OpenSession, session 1, transaction 0',
    '16 00 00 00 06 00 00 00 01 00 00 00 02 10 00 00 00 00 01 00 00 00',
    { type: 6, dataPhaseInfo: 1, code: 0x1002, transactionId: 0, params: [1] },
  ],
  [
    'GetDeviceInfo, transaction 1',
    '12 00 00 00 06 00 00 00 01 00 00 00 01 10 01 00 00 00',
    { type: 6, dataPhaseInfo: 1, code: 0x1001, transactionId: 1, params: [] },
  ],
  [
    'CloseSession, transaction 2',
    '12 00 00 00 06 00 00 00 01 00 00 00 03 10 02 00 00 00',
    { type: 6, dataPhaseInfo: 1, code: 0x1003, transactionId: 2, params: [] },
  ],
  [
    'Init Event Request for connection 1',
    '0c 00 00 00 03 00 00 00 01 00 00 00',
    { type: 3, connectionNumber: 1 },
  ],
  ['Init Fail, busy', '0c 00 00 00 05 00 00 00 02 00 00 00', { type: 5, reason: 2 }],
  [
    'Response DeviceBusy, transaction 7',
    '0e 00 00 00 07 00 00 00 19 20 07 00 00 00',
    { type: 7, code: 0x2019, transactionId: 7, params: [] },
  ],
  [
    'Event ObjectAdded, handle 0x91900001',
    '12 00 00 00 08 00 00 00 02 40 ff ff ff ff 01 00 90 91',
    { type: 8, code: 0x4002, transactionId: 0xffffffff, params: [0x91900001] },
  ],
  [
    'Start Data, transaction 3, total 5 GiB',
    '14 00 00 00 09 00 00 00 03 00 00 00 00 00 00 40 01 00 00 00',
    { type: 9, transactionId: 3, total: 5n * 2n ** 30n },
  ],
  [
    'Start Data, transaction 3, total unknown',
    '14 00 00 00 09 00 00 00 03 00 00 00 ff ff ff ff ff ff ff ff',
    { type: 9, transactionId: 3, total: 0xffffffffffffffffn },
  ],
  [
    'empty End Data, transaction 3',
    '0c 00 00 00 0c 00 00 00 03 00 00 00',
    { type: 12, transactionId: 3, payload: new Uint8Array(0) },
  ],
  ['Cancel, transaction 3', '0c 00 00 00 0b 00 00 00 03 00 00 00', { type: 11, transactionId: 3 }],
  ['Probe Request', '08 00 00 00 0d 00 00 00', { type: 13 }],
  ['Probe Response', '08 00 00 00 0e 00 00 00', { type: 14 }],
  // The standard's tables, at their longest.
  [
    'Data of three bytes, transaction 3',
    '0f 00 00 00 0a 00 00 00 03 00 00 00 61 62 63',
    { type: 10, transactionId: 3, payload: fromHex('61 62 63') },
  ],
  [
    'a request with five parameters',
    '26 00 00 00 06 00 00 00 01 00 00 00 01 10 01 00 00 00 01 00 00 00 02 00 00 00 03 00 00 00 ' +
      '04 00 00 00 ff ff ff ff',
    { type: 6, dataPhaseInfo: 1, code: 0x1001, transactionId: 1, params: [1, 2, 3, 4, 0xffffffff] },
  ],
  [
    'a response with five parameters',
    '22 00 00 00 07 00 00 00 01 20 01 00 00 00 01 00 00 00 02 00 00 00 03 00 00 00 04 00 00 00 ' +
      '05 00 00 00',
    { type: 7, code: 0x2001, transactionId: 1, params: [1, 2, 3, 4, 5] },
  ],
  [
    'an event with three parameters',
    '1a 00 00 00 08 00 00 00 02 40 00 00 00 00 01 00 00 00 02 00 00 00 03 00 00 00',
    { type: 8, code: 0x4002, transactionId: 0, params: [1, 2, 3] },
  ],
  [
    'Init Command Request without a name',
    '1e 00 00 00 01 00 00 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 10 00 00 00 00 01 00',
    {
      type: 1,
      guid: fromHex('01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 10'),
      name: '',
      version: 0x00010000,
    },
  ],
];

const WHOLE: [string, Uint8Array, Decoded][] = [
  ...GOLDEN,
  ...SPELLED_OUT.map(([name, hex, value]): [string, Uint8Array, Decoded] => [
    name,
    fromHex(hex),
    value,
  ]),
];

function encode(decoded: Decoded): Uint8Array {
  const { type, ...fields } = structuredClone(decoded);
  return encodePacket(type, fields as PacketFields<typeof type>);
}

describe('packets', () => {
  it.each(WHOLE)('%s has every stated value', (_name, bytes, value) => {
    expect(decodePacket(bytes)).toEqual(value);
  });

  it.each(WHOLE)('%s is written back from its value alone', (_name, bytes, value) => {
    expect(toSpacedHex(encode(value))).toBe(toSpacedHex(bytes));
  });

  it('of every type are among them', () => {
    expect([...new Set(WHOLE.map(([, , value]) => value.type))].sort((a, b) => a - b)).toEqual([
      ...ALL_TYPES,
    ]);
  });

  it('have the names of the standard', () => {
    expect(ALL_TYPES.map(packetName)).toEqual([
      'Init Command Request',
      'Init Command Ack',
      'Init Event Request',
      'Init Event Ack',
      'Init Fail',
      'Operation Request',
      'Operation Response',
      'Event',
      'Start Data',
      'Data',
      'Cancel',
      'End Data',
      'Probe Request',
      'Probe Response',
    ]);
    expect(packetName(15)).toContain('15');
    expect(isKnownPacketType(14)).toBe(true);
    expect([0, 15, 0xffffffff].some(isKnownPacketType)).toBe(false);
  });

  it('the head of a data packet is written apart from its payload', () => {
    expect(toSpacedHex(dataHead(PacketType.EndData, 9, 36))).toBe(
      '30 00 00 00 0c 00 00 00 09 00 00 00',
    );
    expect(toSpacedHex(dataHead(PacketType.Data, 9, 0))).toBe(
      '0c 00 00 00 0a 00 00 00 09 00 00 00',
    );
  });

  it('the mark of an unknown total is all ones', () => {
    expect(UNKNOWN_TOTAL).toBe(0xffffffffffffffffn);
  });
});

describe('broken packets', () => {
  it.each(WHOLE)('%s is a ProtocolError for every cut', (_name, bytes) => {
    for (let size = 0; size < bytes.length; size++) {
      expect(protocolErrorOf(() => decodePacket(bytes.subarray(0, size))).code).toBe('TRUNCATED');
    }
  });

  it.each(WHOLE)(
    '%s with its length put right for every cut never hangs or over-reads',
    (_name, bytes) => {
      for (let size = 8; size < bytes.length; size++) {
        const cut = bytes.slice(0, size);
        new DataView(cut.buffer).setUint32(0, size, true);
        expect(['value', 'TRUNCATED', 'INVALID_DATA']).toContain(
          outcomeOnAnyBytes(cut, decodePacket),
        );
      }
    },
  );

  it.each(WHOLE)('%s with a wrong length is a ProtocolError', (_name, bytes) => {
    for (const length of [0, 7, bytes.length - 1, bytes.length + 1, 0x7fffffff, 0xffffffff]) {
      const wrong = bytes.slice();
      new DataView(wrong.buffer).setUint32(0, length, true);
      protocolErrorOf(() => decodePacket(wrong));
    }
    expect(bytes.length).toBeGreaterThanOrEqual(8);
  });

  it.each(ALL_TYPES.map((type) => [type, packetName(type)] as const))(
    'the head of type %i (%s) with length 0 or 7 is refused',
    (type) => {
      expect(protocolErrorOf(() => decodeHead(head(0, type))).code).toBe('INVALID_DATA');
      expect(protocolErrorOf(() => decodeHead(head(7, type))).code).toBe('INVALID_DATA');
    },
  );

  // Shortest and longest packet of each type; Data and End Data are streamed, whatever their size.
  it.each([
    [1, 24, 4096],
    [2, 28, 4096],
    [3, 12, 64],
    [4, 8, 64],
    [5, 12, 64],
    [6, 18, 64],
    [7, 14, 64],
    [8, 14, 64],
    [9, 16, 64],
    [10, 12, 0xffffffff],
    [11, 12, 64],
    [12, 12, 0xffffffff],
    [13, 8, 64],
    [14, 8, 64],
  ])('the head of type %i is taken from length %i to %i at most', (type, shortest, longest) => {
    expect(decodeHead(head(shortest, type))).toEqual({ type, size: shortest - 8 });
    expect(decodeHead(head(longest, type))).toEqual({ type, size: longest - 8 });
    expect(protocolErrorOf(() => decodeHead(head(shortest - 1, type))).code).toBe('INVALID_DATA');
    const beyond = [longest + 1, 0x7fffffff, 0xffffffff].filter((length) => length > longest);
    for (const length of beyond.filter((any) => any <= 0xffffffff)) {
      expect(protocolErrorOf(() => decodeHead(head(length, type))).code).toBe('INVALID_DATA');
    }
  });

  it('the head of an unknown type is read, so that the packet can be skipped', () => {
    expect(decodeHead(head(100, 0x0f))).toEqual({ type: 0x0f, size: 92 });
    expect(decodeHead(head(8, 0xffffffff))).toEqual({ type: 0xffffffff, size: 0 });
    expect(protocolErrorOf(() => decodePacket(head(8, 0x0f))).code).toBe('INVALID_DATA');
    expect(protocolErrorOf(() => decodePacket(head(8, 0))).code).toBe('INVALID_DATA');
  });
});

describe('lenient reading', () => {
  const GUID = 'ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff';

  function initCommandRequest(hex: string) {
    const payload = fromHex(hex);
    const { size } = decodeHead(head(8 + payload.length, 1));
    expect(size).toBe(payload.length);
    return decodePayload(PacketType.InitCommandRequest, payload);
  }

  // A field of eight bytes for the name, which may lack its terminator.
  it('of libpict: name without terminator, the version right behind it', () => {
    const request = initCommandRequest(`${GUID} 70 00 69 00 63 00 74 00 00 00 01 00`);
    expect(request).toMatchObject({ guid: fromHex(GUID), name: 'pict' });
    const short = initCommandRequest(`${GUID} 70 00 69 00 63 00 00 00 00 00 01 00`);
    expect(short).toMatchObject({ name: 'pic', version: 0x00010000 });
  });

  it('of mmattes: the name in single bytes, no version', () => {
    const request = initCommandRequest(`${GUID} 50 54 50 2f 49 50 00`);
    expect(request.guid).toEqual(fromHex(GUID));
    expect(request.version).toBeUndefined();
    const even = initCommandRequest(`${GUID} 50 54 50 2f 49 50 21 00`);
    expect(even.guid).toEqual(fromHex(GUID));
    expect(even.version).toBeUndefined();
  });

  it('of atotto: a terminated name, no version', () => {
    expect(initCommandRequest(`${GUID} 67 00 6f 00 00 00`)).toEqual({
      guid: fromHex(GUID),
      name: 'go',
      version: undefined,
    });
  });

  it('of ptp.js: a name of up to 80 characters, the version in the other order', () => {
    const name = '6a 00 73 00 '.repeat(40);
    expect(initCommandRequest(`${GUID} ${name} 00 00 01 00 00 00`)).toEqual({
      guid: fromHex(GUID),
      name: 'js'.repeat(40),
      version: 1,
    });
  });

  it('of the macro rail: a fixed field of 16 bytes for the name, then 16 bits', () => {
    const guid = '45 53 50 33 32 00 00 00 00 00 00 00 00 00 00 00';
    const name = '72 00 61 00 69 00 6c 00 00 00 00 00 00 00 00 00';
    const request = initCommandRequest(`${guid} ${name} 01 00`);
    expect(request).toMatchObject({ guid: fromHex(guid), name: 'rail' });
    const full = '72 00 '.repeat(8);
    expect(initCommandRequest(`${guid} ${full} 01 00`)).toMatchObject({ version: undefined });
  });

  it('of a request with a GUID and nothing else', () => {
    expect(initCommandRequest(GUID)).toEqual({
      guid: fromHex(GUID),
      name: '',
      version: undefined,
    });
  });

  it('a name stops at 80 units and what follows is passed over', () => {
    const name = '41 00 '.repeat(1000);
    const request = initCommandRequest(`${GUID} ${name} 00 00 00 00 01 00`);
    expect(request).toMatchObject({ name: 'A'.repeat(80), version: 0x00010000 });
  });

  it('of an ack without a version, or without a terminator too', () => {
    const ack = (hex: string) =>
      decodePayload(PacketType.InitCommandAck, fromHex(`01 00 00 00 ${GUID} ${hex}`));
    expect(ack('37 00 30 00 44 00 00 00')).toMatchObject({ name: '70D', version: undefined });
    expect(ack('37 00 30 00 44 00')).toMatchObject({ name: '70D', version: undefined });
    expect(ack('')).toMatchObject({ connectionNumber: 1, name: '', version: undefined });
  });

  // FC.SDK sends six stray bytes: one parameter and two bytes more than there are.
  it('of a request with stray bytes behind its parameters', () => {
    const hex = '01 00 00 00 02 10 00 00 00 00 01 00 00 00 00 00 00 00 00 00';
    expect(decodePayload(PacketType.OperationRequest, fromHex(hex))).toEqual({
      dataPhaseInfo: 1,
      code: 0x1002,
      transactionId: 0,
      params: [1, 0],
    });
  });

  it('of more parameters than there can be: the first five, or the first three of an event', () => {
    const many = Array.from({ length: 8 }, (_, i) => `0${i + 1} 00 00 00`).join(' ');
    expect(
      decodePayload(PacketType.OperationResponse, fromHex(`01 20 09 00 00 00 ${many}`)).params,
    ).toEqual([1, 2, 3, 4, 5]);
    expect(decodePayload(PacketType.Event, fromHex(`02 40 00 00 00 00 ${many}`)).params).toEqual([
      1, 2, 3,
    ]);
  });

  // ptp.js.
  it('of a Start Data packet of 16 bytes, whose total has 32 bits', () => {
    const packet = fromHex('10 00 00 00 09 00 00 00 03 00 00 00 0c 00 00 00');
    expect(decodePacket(packet)).toEqual({ type: 9, transactionId: 3, total: 12n });
  });

  it('of acks and probes with surplus bytes', () => {
    for (const type of [4, 13, 14]) {
      const packet = Uint8Array.of(...head(12, type), 1, 2, 3, 4);
      expect(decodePacket(packet)).toEqual({ type });
    }
  });
});

describe('names', () => {
  const guid = fromHex('00 11 22 33 44 55 66 77 88 99 aa bb cc dd ee ff');
  const written = (name: string) =>
    decodePacket(encodePacket(PacketType.InitCommandRequest, { guid, name, version: 0x00010000 }));

  it('are written with 39 characters at most', () => {
    const packet = encodePacket(PacketType.InitCommandRequest, {
      guid,
      name: 'x'.repeat(100),
      version: 0x00010000,
    });
    expect(packet).toHaveLength(28 + 2 * 40);
    expect(written('x'.repeat(100))).toMatchObject({ name: 'x'.repeat(39), version: 0x00010000 });
  });

  it('are never cut inside a character outside the BMP', () => {
    expect(written('📷'.repeat(30))).toMatchObject({ name: '📷'.repeat(19) });
  });

  it('end at a NUL, so that what follows is not taken for the version', () => {
    const packet = encodePacket(PacketType.InitCommandRequest, { guid, name: 'a\0b', version: 1 });
    expect(toSpacedHex(packet.subarray(24))).toBe('61 00 00 00 01 00 00 00');
  });
});

describe('PacketReader', () => {
  it.each(WHOLE)('takes %s out of a stream byte by byte', async (_name, bytes, value) => {
    if (value.type === 10 || value.type === 12) return expectStreamed(bytes, value.payload);
    const [near, far] = memoryPipe('camera');
    const reader = new PacketReader(near);
    const taking = takePacket(reader);
    for (const byte of bytes) await far.write(Uint8Array.of(byte));
    expect(await taking).toEqual(value);
    await far.close();
    expect(await reader.head()).toBeUndefined();
  });

  async function expectStreamed(bytes: Uint8Array, payload: Uint8Array) {
    const [near, far] = memoryPipe('camera');
    const reader = new PacketReader(near);
    for (const byte of bytes) await far.write(Uint8Array.of(byte));
    const { size } = (await reader.head())!;
    expect(size).toBe(payload.length + 4);
    expect(await reader.transactionId()).toBe(bytes[8]! | (bytes[9]! << 8));
    const received: number[] = [];
    while (received.length < payload.length) {
      received.push(...(await reader.some(payload.length - received.length)));
    }
    expect(received).toEqual([...payload]);
  }

  it('takes packets that came in one chunk', async () => {
    const [near, far] = memoryPipe('camera');
    const packets = hexFixtureParts('ptpip/idle-eos-r.hex');
    await far.write(...packets.slice(0, 4));
    const reader = new PacketReader(near);
    const taken = [await takePacket(reader), await takePacket(reader), await takePacket(reader)];
    expect(taken.map(({ type }) => type)).toEqual([6, 7, 6]);
    expect(await takePacket(reader)).toEqual({ type: 9, transactionId: 0x54f2, total: 20n });
  });

  it.each(WHOLE)('tells of a link lost inside %s', async (_name, bytes) => {
    for (let size = 1; size < bytes.length; size++) {
      const [near, far] = memoryPipe('camera');
      await far.write(bytes.slice(0, size));
      await far.close();
      const error = await takeWhole(new PacketReader(near)).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(LinkError);
      expect(error).toMatchObject({ code: 'LINK_LOST' });
      expect((error as LinkError).message).toContain('camera ended the connection inside');
    }
  });

  it.each([0, 7, 0x7fffffff, 0xffffffff])(
    'refuses length %i of every collected type before it waits or allocates for it',
    async (length) => {
      for (const type of ALL_TYPES) {
        if (length > 7 && (type === 10 || type === 12)) continue;
        const [near, far] = memoryPipe('camera');
        await far.write(head(length, type));
        const before = process.memoryUsage().arrayBuffers;
        await expect(takeWhole(new PacketReader(near))).rejects.toBeInstanceOf(ProtocolError);
        expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 << 20);
      }
    },
  );

  it.each([10, 12])('streams type %i of 4 GiB without allocating for it', async (type) => {
    const [near, far] = memoryPipe('camera');
    const reader = new PacketReader(near);
    const before = process.memoryUsage().arrayBuffers;
    await far.write(head(0xffffffff, type), Uint8Array.of(9, 0, 0, 0, 1, 2, 3));
    expect(await reader.head()).toEqual({ type, size: 0xffffffff - 8 });
    expect(await reader.transactionId()).toBe(9);
    expect([...(await reader.some(0xffffffff - 12))]).toEqual([1, 2, 3]);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 << 20);
  });

  it('skips an unknown packet of up to 1 MiB, and refuses a longer one at once', async () => {
    const [near, far] = memoryPipe('camera');
    const reader = new PacketReader(near);
    await far.write(head(1 << 20, 0x0f), new Uint8Array(500_000));
    const skipped = watch(skipNext(reader));
    await settle();
    expect(skipped.state).toBe('pending');
    await far.write(new Uint8Array((1 << 20) - 500_008), fromHex('08 00 00 00 0e 00 00 00'));
    await settle();
    expect(skipped.state).toBe('fulfilled');
    expect(await takePacket(reader)).toEqual({ type: 14 });
    await far.write(head(0x7fffffff, 0x0f));
    await expect(skipNext(reader)).rejects.toBeInstanceOf(ProtocolError);
  });

  it('describes a packet that must not come, with its beginning', async () => {
    const [near, far] = memoryPipe('camera');
    const reader = new PacketReader(near);
    await far.write(fromHex('0c 00 00 00 05 00 00 00 02 00 00 00'));
    const error = await reader.unexpected((await reader.head())!, 'an answer');
    expect(error).toMatchObject({ code: 'INVALID_DATA' });
    expect(error.message).toContain('camera sent Init Fail (12 bytes) instead of an answer');
    expect(error.dump).toContain('02 00 00 00');
  });
});

it('a packet that must not come is described without waiting for the rest of it', async () => {
  for (const bytes of [head(0xffffffff, 10), head(4096, 1), head(40, 0x0f), head(8, 4)]) {
    const [near, far] = memoryPipe('camera');
    const reader = new PacketReader(near);
    await far.write(bytes);
    const error = watch(reader.unexpected((await reader.head())!, 'an answer'));
    await settle();
    expect(error.value).toBeInstanceOf(ProtocolError);
  }
});

describe('any bytes', () => {
  const length = fc.oneof(fc.nat({ max: 80 }), fc.constantFrom(0, 7, 8, 0x7fffffff, 0xffffffff));
  const type = fc.oneof(fc.integer({ min: 0, max: 16 }), fc.constantFrom(0xffff, 0xffffffff));

  it('as one packet give a value or a ProtocolError', () => {
    fc.assert(
      fc.property(type, fc.uint8Array({ maxLength: 150 }), (any, payload) => {
        const packet = Uint8Array.of(...head(8 + payload.length, any), ...payload);
        expect(['value', 'TRUNCATED', 'INVALID_DATA']).toContain(
          outcomeOnAnyBytes(packet, decodePacket),
        );
      }),
      { numRuns: 2000 },
    );
  });

  it('as a head give a value or a ProtocolError', () => {
    fc.assert(
      fc.property(length, type, fc.nat({ max: 8 }), (size, any, cut) => {
        const bytes = head(size, any).subarray(0, cut);
        expect(['value', 'TRUNCATED', 'INVALID_DATA']).toContain(
          outcomeOnAnyBytes(bytes, decodeHead),
        );
      }),
      { numRuns: 1000 },
    );
  });

  it('as a stream, in any pieces, end in a ProtocolError, a LinkError or the end', async () => {
    const packet = fc
      .tuple(length, type, fc.uint8Array({ maxLength: 40 }))
      .map(([size, any, payload]) => Uint8Array.of(...head(size, any), ...payload));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(fc.uint8Array(), packet)), async (chunks) => {
        const [near, far] = memoryPipe('camera');
        for (const chunk of chunks) await far.write(chunk);
        await far.close();
        const reader = new PacketReader(near);
        let outcome: unknown;
        while (outcome === undefined) {
          outcome = await takeWhole(reader).then(
            (more) => (more ? undefined : 'end'),
            (error: unknown) => error,
          );
        }
        if (outcome !== 'end' && !(outcome instanceof LinkError)) {
          expect(outcome).toBeInstanceOf(ProtocolError);
        } else expect(outcome).toBeDefined();
      }),
      { numRuns: 500 },
    );
  });

  it('every packet that is encoded is decoded to itself', () => {
    const u16 = fc.integer({ min: 0, max: 0xffff });
    const u32 = fc.integer({ min: 0, max: 0xffffffff });
    const guid = fc.uint8Array({ minLength: 16, maxLength: 16 });
    const name = fc.string({ maxLength: 39 }).map((any) => any.replaceAll('\0', ''));
    const payload = fc.uint8Array({ maxLength: 100 });
    const params = (maxLength: number) => fc.array(u32, { maxLength });
    const fields: { [T in KnownPacketType]: fc.Arbitrary<PacketFields<T>> } = {
      1: fc.record({ guid, name, version: u32 }),
      2: fc.record({ connectionNumber: u32, guid, name, version: u32 }),
      3: fc.record({ connectionNumber: u32 }),
      4: fc.constant({}),
      5: fc.record({ reason: u32 }),
      6: fc.record({ dataPhaseInfo: u32, code: u16, transactionId: u32, params: params(5) }),
      7: fc.record({ code: u16, transactionId: u32, params: params(5) }),
      8: fc.record({ code: u16, transactionId: u32, params: params(3) }),
      9: fc.record({ transactionId: u32, total: fc.bigInt({ min: 0n, max: UNKNOWN_TOTAL }) }),
      10: fc.record({ transactionId: u32, payload }),
      11: fc.record({ transactionId: u32 }),
      12: fc.record({ transactionId: u32, payload }),
      13: fc.constant({}),
      14: fc.constant({}),
    };
    const any = fc.oneof(
      ...ALL_TYPES.map((type) =>
        (fields[type] as fc.Arbitrary<object>).map((value) => ({ type, ...value }) as Decoded),
      ),
    );
    fc.assert(
      fc.property(any, (value) => {
        expect(decodePacket(encode(value))).toEqual(value);
      }),
      { numRuns: 1000 },
    );
  });
});

function head(length: number, type: number): Uint8Array {
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, length, true);
  view.setUint32(4, type, true);
  return bytes;
}

async function takePacket(reader: PacketReader): Promise<Decoded> {
  const { type, size } = (await reader.head())!;
  if (!isKnownPacketType(type)) return expect.fail(`unknown type ${type}`);
  return { type, ...(await reader.payload(type, size)) } as Decoded;
}

/** Reads one packet of whatever kind to its end; false at the end of the stream. */
async function takeWhole(reader: PacketReader): Promise<boolean> {
  const next = await reader.head();
  if (!next) return false;
  if (next.type === PacketType.Data || next.type === PacketType.EndData) {
    await reader.transactionId();
    for (let left = next.size - 4; left > 0; ) left -= (await reader.some(left)).length;
  } else if (isKnownPacketType(next.type)) await reader.payload(next.type, next.size);
  else await reader.skip(next);
  return true;
}

async function skipNext(reader: PacketReader): Promise<void> {
  await reader.skip((await reader.head())!);
}
