import { afterEach, describe, expect, test } from 'vitest';
import {
  createVirtualCamera,
  faultKinds,
  MemoryCard,
  patternContent,
  type VirtualCamera,
  virtualModels,
} from '../../src/virtual/index.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { dial, LIBGPHOTO2_INIT, RawInitiator } from '../support/raw-initiator.ts';
import { settle, watch } from '../support/settle.ts';
import { smallCamera } from '../support/small-pictures.ts';

let camera: VirtualCamera;
afterEach(() => camera.close());

const MOVIE = 0x51900011;
const SIZE = 3_000_000;

function withMovie(fault: string): VirtualCamera {
  const card = new MemoryCard();
  card.addFile('DCIM/100CANON/2U4A0001.MP4', patternContent(SIZE), 1);
  return smallCamera({ card, faults: [fault] });
}

describe('faults', () => {
  test('busy: five operations, then as before', async () => {
    camera = smallCamera();
    const initiator = await RawInitiator.open(camera, false);
    await camera.control('fault busy');
    const codes: number[] = [];
    for (let i = 0; i < 6; i++) codes.push((await initiator.op(0x1004)).code);
    expect(codes).toEqual([0x2019, 0x2019, 0x2019, 0x2019, 0x2019, 0x2001]);
  });

  test('wrong-transaction-id: once', async () => {
    camera = smallCamera();
    const initiator = await RawInitiator.open(camera, false);
    await camera.control('fault wrong-transaction-id');
    expect((await initiator.op(0x1004, [], { transactionId: 9 })).transactionId).toBe(10);
    expect((await initiator.op(0x1004, [], { transactionId: 10 })).transactionId).toBe(10);
  });

  test('garbage in place of a response', async () => {
    camera = smallCamera();
    const initiator = await RawInitiator.open(camera, false);
    await camera.control('fault garbage');
    await initiator.request(0x9118, [1]);
    expect(await initiator.command.take(14)).toEqual(new Uint8Array(14).fill(0xff));
  });

  test('link-lost-mid-transfer: inside a packet', async () => {
    camera = withMovie('link-lost-mid-transfer');
    const initiator = await RawInitiator.open(camera, false);
    await initiator.request(0x1009, [MOVIE]);
    expect((await initiator.command.next())?.type).toBe(9);
    expect(await initiator.command.take(12)).toBeDefined();
    expect(await initiator.command.take(1 << 20)).toBeUndefined();
    await settle();
    expect(camera.state).toMatchObject({ connected: false, sessionOpen: false });
  });

  test.each([
    ['short-data', SIZE + 1000],
    ['long-data', SIZE - 1000],
  ])('%s: announced and sent differ', async (fault, announced) => {
    camera = withMovie(fault);
    const initiator = await RawInitiator.open(camera, false);
    const wrong = await initiator.op(0x1009, [MOVIE]);
    expect([wrong.total, wrong.data.length]).toEqual([BigInt(announced), SIZE]);
    expect((await initiator.op(0x1009, [MOVIE])).total).toBe(BigInt(SIZE));
  });

  test('silent: no answer any more, the link stays', async () => {
    camera = smallCamera();
    const initiator = await RawInitiator.open(camera, false);
    // As long as an answer takes without the fault.
    const answered = async () => {
      const reply = watch(initiator.op(0x1004));
      for (let turn = 0; turn < 20; turn++) await settle();
      return reply.state;
    };
    expect(await answered()).toBe('fulfilled');
    await camera.control('fault silent');
    expect(await answered()).toBe('pending');
    expect(camera.state.connected).toBe(true);
  });

  test('late-first-answer: three seconds', async () => {
    const clock = new FakeClock();
    camera = smallCamera({ clock, faults: ['late-first-answer'] });
    const initiator = await RawInitiator.connect(camera);
    const first = watch(initiator.op(0x1001, [], { transactionId: 0 }));
    await clock.advance(2900);
    expect(first.state).toBe('pending');
    await clock.advance(200);
    expect(first.value?.code).toBe(0x2001);
    const second = watch(initiator.op(0x1001, [], { transactionId: 0 }));
    await clock.advance(0);
    expect(second.value?.code).toBe(0x2001);
  });

  test('names are checked', () => {
    camera = smallCamera();
    expect(() => camera.fault('gremlins')).toThrow(/no fault "gremlins"/);
    expect(() => smallCamera({ faults: ['gremlins'] })).toThrow(/no fault/);
    for (const name of Object.keys(faultKinds)) camera.fault(name);
    camera.fault('off');
  });
});

describe('controls', () => {
  test.each([
    ['dial', 'USAGE'],
    ['dial Q', 'USAGE'],
    ['press hard', 'USAGE'],
    ['battery full', 'USAGE'],
    ['battery 101', 'USAGE'],
    ['card sideways', 'USAGE'],
    ['card in', 'USAGE'],
    ['fault', 'USAGE'],
    ['accept', 'USAGE'],
    ['explode', 'USAGE'],
    ['constructor', 'USAGE'],
  ])('"%s" is refused', async (line, code) => {
    camera = smallCamera();
    await expect(camera.control(line)).rejects.toMatchObject({ code });
  });

  test('an empty line does nothing', async () => {
    camera = smallCamera();
    expect(await camera.control('  ')).toBe('');
  });

  test.each(['unplug', 'sleep'])('%s ends the link and lets nobody in', async (line) => {
    camera = smallCamera();
    const initiator = await RawInitiator.open(camera);
    await camera.control(line);
    expect(await initiator.command.next()).toBeUndefined();
    const refused = dial(camera);
    await refused.stream.write(LIBGPHOTO2_INIT);
    expect(await refused.next()).toBeUndefined();
    await camera.control(line === 'sleep' ? 'half' : 'plug');
    await camera.control('release');
    await RawInitiator.open(camera);
  });

  test('buttons that the computer has locked', async () => {
    camera = smallCamera();
    const initiator = await RawInitiator.open(camera);
    await initiator.ok(0x911b);
    await expect(camera.control('press')).rejects.toMatchObject({ code: 'BUSY' });
    await initiator.ok(0x911c);
    await camera.control('press');
  });

  test('battery', async () => {
    camera = smallCamera();
    const initiator = await RawInitiator.open(camera);
    await camera.control('battery 30%');
    const [record] = await initiator.events();
    expect(record?.payload).toEqual(Uint8Array.of(0x11, 0xd1, 0, 0, 5, 0, 0, 0));
  });

  test('quit closes the camera', async () => {
    camera = smallCamera();
    const initiator = await RawInitiator.open(camera);
    await camera.control('quit');
    await camera.closed;
    expect(await initiator.command.next()).toBeUndefined();
  });
});

describe('making one', () => {
  test('renders nothing', async () => {
    let rendered = 0;
    camera = createVirtualCamera('eos-r6', {
      takePicture() {
        rendered++;
        throw new Error('not asked for');
      },
    });
    await settle();
    expect(rendered).toBe(0);
  });

  test('an unknown model is an error that lists the models', () => {
    camera = smallCamera();
    expect(() => createVirtualCamera('nikon-z9')).toThrow(
      expect.objectContaining({
        code: 'USAGE',
        hint: expect.stringMatching(
          /^Models: eos-r6, eos-1300d, eos-40d, powershot-a70, ixus-180, powershot-sx730, /,
        ),
      }),
    );
    // Behind them those from before PTP.
    expect(virtualModels.slice(0, 6)).toEqual([
      {
        ...{ id: 'eos-r6', name: 'Canon EOS R6', fronts: ['ptpip', 'usbip'] },
        menus: ['eos-utility', 'smartphone'],
      },
      {
        ...{ id: 'eos-1300d', name: 'Canon EOS 1300D', fronts: ['ptpip', 'usbip'] },
        menus: ['smartphone', 'eos-utility'],
      },
      { id: 'eos-40d', name: 'Canon EOS 40D', fronts: ['usbip'], menus: [] },
      { id: 'powershot-a70', name: 'Canon PowerShot A70', fronts: ['usbip'], menus: [] },
      { id: 'ixus-180', name: 'Canon IXUS 180', fronts: ['ptpip', 'usbip'], menus: [] },
      {
        ...{ id: 'powershot-sx730', name: 'Canon PowerShot SX730 HS', fronts: ['ptpip', 'usbip'] },
        menus: ['computer', 'smartphone', 'imink'],
      },
    ]);
  });

  test('ten thousand pictures need no memory', async () => {
    const card = new MemoryCard({ capacity: 256e9 });
    const content = patternContent(8_000_000);
    for (let i = 0; i < 10_000; i++) {
      const [folder, file] = i < 9999 ? [100, i + 1] : [101, 1];
      card.addFile(`DCIM/${folder}CANON/2U4A${String(file).padStart(4, '0')}.JPG`, content, 1);
    }
    camera = smallCamera({ card });
    const initiator = await RawInitiator.open(camera, false);
    const { data } = await initiator.ok(0x1007, [0xffffffff]);
    const handles = new Uint32Array(data.buffer, 4, data.length / 4 - 1);
    expect(handles).toHaveLength(10_000 + 4);
    expect(new Set(handles).size).toBe(handles.length);
    expect([...handles.slice(0, 3)]).toEqual([0x50000000, 0x51900000, 0x51900012]);
    expect((await initiator.ok(0x1006, [0xffffffff, 0, 0xffffffff])).params).toEqual([2]);
    expect((await initiator.ok(0x1006, [0xffffffff])).params).toEqual([10_004]);
  });
});
