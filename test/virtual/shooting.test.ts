import { afterEach, describe, expect, test } from 'vitest';
import {
  createVirtualCamera,
  MemoryCard,
  type PictureRequest,
  type VirtualCamera,
} from '../../src/virtual/index.ts';
import { stopsOver } from '../../src/virtual/picture/exposure.ts';
import { FakeClock } from '../support/fake-clock.ts';
import {
  type EventRecord,
  RawInitiator,
  showRecord,
  u32s,
  word,
} from '../support/raw-initiator.ts';
import { NOW, smallCamera, smallCard, TINY_JPEG } from '../support/small-pictures.ts';

const MODELS = ['eos-r6', 'eos-1300d', 'eos-40d', 'ixus-180'];

let camera: VirtualCamera;
afterEach(() => camera.close());

const [STATUS, ADDED, TRANSFER] = [0xc18b, 0xc181, 0xc186];
const isIdle = (records: readonly EventRecord[]) =>
  records.some((record) => record.code === STATUS && word(record, 0) === 0);
const show = (records: readonly EventRecord[]) => records.map(showRecord);
const nameOf = (record: EventRecord, at: number) =>
  String.fromCharCode(...record.payload.subarray(at, record.payload.indexOf(0, at)));
const lastValue = (records: readonly EventRecord[], property: number) =>
  records
    .filter((record) => record.code === 0xc189 && word(record, 0) === property)
    .map((record) => word(record, 1))
    .at(-1);

async function shoot(initiator: RawInitiator): Promise<EventRecord[]> {
  await initiator.ok(0x9128, [1, 0]);
  const focus = await initiator.events();
  await initiator.ok(0x9128, [2, 0]);
  await initiator.ok(0x9129, [2]);
  await initiator.ok(0x9129, [1]);
  return [...focus, ...(await initiator.eventsUntil(isIdle))];
}

describe('to the card', () => {
  test('events come in the order of a 5Ds', async () => {
    const card = new MemoryCard();
    camera = smallCamera({ card });
    const initiator = await RawInitiator.open(camera);
    const records = await shoot(initiator);
    expect(show(records).filter((line) => !/^olc:1$/.test(line))).toEqual([
      'olc:100',
      'olc:100',
      expect.stringMatching(/^d11b=/),
      'c18b:1',
      'olc:10',
      'c181',
      'd11f=51900000',
      'c181',
      'c185:10001',
      'olc:10',
      'olc:100',
      expect.stringMatching(/^d11b=/),
      'olc:10',
      'c18b:0',
    ]);
    const focus = records.filter((record) => showRecord(record) === 'olc:100');
    expect([...(focus[1]?.payload ?? [])].slice(8)).toEqual([0, 0, 0, 0, 1, 1, 0]);
    const [folder, file] = records.filter(({ code }) => code === ADDED);
    if (!folder || !file) throw new Error('no records of objects');
    expect([word(folder, 0), word(folder, 2), nameOf(folder, 0x20)]).toEqual([
      0x51900000,
      0x3001,
      '100CANON',
    ]);
    expect([word(file, 0), word(file, 2), word(file, 5), nameOf(file, 0x20)]).toEqual([
      0x51900012,
      0x3801,
      TINY_JPEG.length,
      '2U4A0001.JPG',
    ]);
    expect(card.paths()).toContain('DCIM/100CANON/2U4A0001.JPG');
    expect((await initiator.ok(0x1009, [word(file, 0)])).data).toEqual(TINY_JPEG);
  });

  test('numbers go on behind the last, and behind 9999 into the next folder', async () => {
    const card = new MemoryCard();
    card.addFile('DCIM/100CANON/2U4A9998.JPG', TINY_JPEG);
    camera = smallCamera({ card });
    await camera.press();
    await camera.press();
    expect(card.paths().filter((path) => path.endsWith('JPG'))).toEqual([
      'DCIM/100CANON/2U4A9998.JPG',
      'DCIM/100CANON/2U4A9999.JPG',
      'DCIM/101CANON/2U4A0001.JPG',
    ]);
  });

  test('the number of a deleted picture is not used again', async () => {
    camera = smallCamera();
    const initiator = await RawInitiator.open(camera);
    await camera.press();
    await initiator.ok(0x100b, [0x51900022]);
    await camera.press();
    expect((await initiator.op(0x1008, [0x51900022])).code).toBe(0x2009);
    expect((await initiator.op(0x1008, [0x51900032])).code).toBe(0x2001);
  });

  test('a press by hand is told to the computer as well', async () => {
    camera = smallCamera();
    const initiator = await RawInitiator.open(camera);
    await camera.control('press');
    expect(show(await initiator.events())).toContain('c181');
  });

  test('AF and exposure in one operation', async () => {
    const card = smallCard();
    camera = smallCamera({ card });
    const initiator = await RawInitiator.open(camera);
    expect((await initiator.ok(0x910f)).params).toEqual([0]);
    await initiator.eventsUntil(isIdle);
    expect(card.paths()).toContain('DCIM/100CANON/2U4A0002.JPG');
    await camera.control('fault af-failed');
    expect((await initiator.ok(0x910f)).params).toEqual([1]);
    await camera.control('fault off');
    await camera.control('card out');
    expect((await initiator.ok(0x910f)).params).toEqual([7]);
  });
});

describe('the exposure', () => {
  test.each([
    ['eos-r6', 'as it is switched on', { aperture: 4, shutter: 1 / 125, iso: 800 }],
    ['eos-1300d', 'as it is switched on', { aperture: 4.5, shutter: 1 / 100, iso: 800 }],
    ['eos-40d', 'as it is switched on', { aperture: 4, shutter: 1 / 125, iso: 800 }],
    ['ixus-180', 'chosen by the camera', { aperture: 3.2, iso: 400 }],
  ])('of an %s is right for the light, %s', async (model, _how, expected) => {
    const requests: PictureRequest[] = [];
    camera = createVirtualCamera(model, {
      card: new MemoryCard(),
      takePicture(request) {
        requests.push(request);
        return {
          jpeg: TINY_JPEG,
          thumbnail: TINY_JPEG,
          thumbnailWidth: 160,
          thumbnailHeight: 120,
        };
      },
    });
    await camera.press();
    const [request] = requests;
    expect(request?.exposure).toMatchObject(expected);
    expect(request && Math.abs(stopsOver(request.exposure))).toBeLessThan(0.2);
  });

  test.each(MODELS)('of the pictures that an %s comes with, too', async (model) => {
    const over: number[] = [];
    camera = createVirtualCamera(model, {
      takePicture({ exposure }) {
        over.push(Math.abs(stopsOver(exposure)));
        return {
          jpeg: TINY_JPEG,
          thumbnail: TINY_JPEG,
          thumbnailWidth: 160,
          thumbnailHeight: 120,
        };
      },
    });
    await camera.ready();
    expect(over).toHaveLength(3);
    expect(Math.max(...over)).toBeLessThan(0.2);
  });

  test.each([
    [0x70, [1, 125]],
    [0x6d, [1, 100]],
    [0x40, [5, 10]],
    [0x2b, [32, 10]],
  ])('is written into the file as it is named: code %i', async (shutter, expected) => {
    camera = createVirtualCamera('eos-r6', { card: new MemoryCard() });
    const initiator = await RawInitiator.open(camera);
    await initiator.ok(0x9110, [], { data: u32s(28, 0xd120, 1, 0x10, 1, 15, 3) });
    await initiator.set(0xd102, shutter);
    await camera.press();
    const { data } = await initiator.ok(0x1009, [0x51900012]);
    expect(exposureTime(data)).toEqual(expected);
  });
});

/** EXIF ExposureTime: a little-endian entry of one rational, whose bytes stand elsewhere. */
function exposureTime(jpeg: Uint8Array): number[] {
  const bytes = Buffer.from(jpeg);
  const entry = bytes.indexOf(Buffer.from([0x9a, 0x82, 5, 0, 1, 0, 0, 0]));
  // The TIFF header is twelve bytes from the start of the file.
  const at = 12 + bytes.readUInt32LE(entry + 8);
  return [bytes.readUInt32LE(at), bytes.readUInt32LE(at + 4)];
}

describe('to the computer', () => {
  test('room has to be announced; the picture waits until it is confirmed', async () => {
    const card = smallCard();
    camera = smallCamera({ card });
    const initiator = await RawInitiator.open(camera);
    expect((await initiator.set(0xd11c, 4)).code).toBe(0x2001);
    expect(show(await initiator.events())).toEqual(['d11b=0', 'd11c=4', 'd11b=0', 'olc:10']);
    expect((await initiator.op(0x9128, [3, 1])).code).toBe(0x2002);
    await initiator.ok(0x911a, [0x0fffffff, 0x1000, 1]);
    const room = await initiator.events();
    expect(lastValue(room, 0xd11b)).toBeGreaterThan(100_000);
    expect(show(room)).toContain('c185:10001');

    const paths = card.paths();
    const records = await shoot(initiator);
    const [request] = records.filter(({ code }) => code === TRANSFER);
    if (!request) throw new Error('no request of a transfer');
    expect(records.some(({ code }) => code === ADDED)).toBe(false);
    const handle = word(request, 0);
    expect([word(request, 1), word(request, 3), nameOf(request, 0x14)]).toEqual([
      0x3801,
      TINY_JPEG.length,
      '2U4A0002.JPG',
    ]);
    expect(camera.state.waitingPictures).toBe(1);
    expect((await initiator.ok(0x101b, [handle, 0, 0x100000])).data).toEqual(TINY_JPEG);
    expect((await initiator.ok(0x9107, [handle, 2, 4])).data).toEqual(TINY_JPEG.slice(2, 6));
    await initiator.ok(0x9117, [handle]);
    expect((await initiator.op(0x101b, [handle, 0, 1])).code).toBe(0x2009);
    expect(card.paths()).toEqual(paths);
  });

  test('shooting stalls while pictures wait', async () => {
    camera = smallCamera();
    const initiator = await RawInitiator.open(camera);
    await initiator.set(0xd11c, 4);
    await initiator.ok(0x911a, [0x0fffffff, 0x1000, 1]);
    for (let i = 0; i < 3; i++) await shoot(initiator);
    expect((await initiator.op(0x9128, [3, 1])).code).toBe(0x2019);
  });

  test('both: a request and an object', async () => {
    const card = smallCard();
    camera = smallCamera({ card });
    const initiator = await RawInitiator.open(camera);
    await initiator.set(0xd11c, 5);
    await initiator.ok(0x911a, [0x0fffffff, 0x1000, 1]);
    const codes = (await shoot(initiator)).map(({ code }) => code);
    expect(codes).toEqual(expect.arrayContaining([TRANSFER, ADDED]));
    expect(card.paths()).toContain('DCIM/100CANON/2U4A0002.JPG');
  });

  test('the end of the session drops what waits and goes back to the card', async () => {
    camera = smallCamera();
    const initiator = await RawInitiator.open(camera);
    await initiator.set(0xd11c, 4);
    await initiator.ok(0x911a, [0x0fffffff, 0x1000, 1]);
    await shoot(initiator);
    await initiator.ok(0x1003);
    expect(camera.state).toMatchObject({ waitingPictures: 0, remoteMode: 0 });
    expect(camera.state.shotsLeft).toBeGreaterThan(0);
  });
});

describe('no picture', () => {
  test('autofocus fails: the display says so, nothing is released', async () => {
    const card = smallCard();
    camera = smallCamera({ card, faults: ['af-failed'] });
    const initiator = await RawInitiator.open(camera);
    const paths = card.paths();
    await initiator.ok(0x9128, [1, 0]);
    const focus = (await initiator.events()).filter((record) => showRecord(record) === 'olc:100');
    expect([...(focus.at(-1)?.payload ?? [])].slice(8)).toEqual([0, 0, 0, 0, 2, 0, 0]);
    await initiator.ok(0x9128, [2, 0]);
    await initiator.ok(0x9129, [3]);
    expect(show(await initiator.events())).not.toContain('c18b:1');
    expect(card.paths()).toEqual(paths);
    // Without autofocus it works.
    await initiator.ok(0x9128, [3, 1]);
    await initiator.ok(0x9129, [3]);
    expect(show(await initiator.eventsUntil(isIdle))).toContain('c181');
  });

  test('the card is full', async () => {
    camera = smallCamera();
    const initiator = await RawInitiator.open(camera);
    await camera.control('fault card-full');
    expect(lastValue(await initiator.events(), 0xd11b)).toBe(0);
    expect((await initiator.op(0x9128, [3, 1])).code).toBe(0x2002);
    expect((await initiator.ok(0x910f)).params).toEqual([7]);
    await expect(camera.control('press')).rejects.toMatchObject({ code: 'BUSY' });
  });

  test('the card is out', async () => {
    camera = smallCamera();
    const initiator = await RawInitiator.open(camera);
    await camera.control('card out');
    expect(show(await initiator.events())).toEqual(['c184:10001', 'd11b=0', 'olc:10']);
    expect((await initiator.op(0x9128, [3, 1])).code).toBe(0x2002);
  });

  test('without remote mode', async () => {
    camera = smallCamera();
    const initiator = await RawInitiator.open(camera, false);
    expect((await initiator.op(0x9128, [3, 1])).code).toBe(0x2019);
    expect((await initiator.set(0xd103, 0x60)).code).toBe(0x2019);
    expect(await initiator.events()).toEqual([]);
  });
});

describe('time', () => {
  test('an exposure lasts as long as it is set to; meanwhile the camera is busy', async () => {
    const clock = new FakeClock();
    camera = smallCamera({ timing: 'realistic', clock });
    const opened = RawInitiator.open(camera);
    for (let i = 0; i < 20; i++) await clock.advance(100);
    const initiator = await opened;
    const patient = async <T>(promise: Promise<T>): Promise<T> => {
      await clock.advance(5);
      return promise;
    };
    await patient(initiator.set(0xd102, 0x30));
    await patient(initiator.ok(0x9128, [3, 1]));
    await patient(initiator.ok(0x9129, [3]));
    await clock.advance(1500);
    expect(camera.state.busy).toBe(true);
    expect((await patient(initiator.op(0x9128, [3, 1]))).code).toBe(0x2019);
    expect((await patient(initiator.set(0xd103, 0x60))).code).toBe(0x2019);
    await clock.advance(1000);
    expect(camera.state.busy).toBe(false);
    expect(show(await patient(initiator.events()))).toEqual(
      expect.arrayContaining(['c18b:1', 'c181', 'c18b:0']),
    );
  });

  test('bulb: from press to release, the seconds are told', async () => {
    const clock = new FakeClock();
    let shutter: number | undefined;
    camera = smallCamera({
      clock,
      takePicture(request) {
        shutter = request.exposure.shutter;
        return {
          jpeg: TINY_JPEG,
          thumbnail: TINY_JPEG,
          thumbnailWidth: 160,
          thumbnailHeight: 120,
        };
      },
    });
    const opened = RawInitiator.open(camera);
    await clock.advance(1);
    const initiator = await opened;
    await initiator.set(0xd102, 0x0c);
    await initiator.ok(0x9128, [3, 1]);
    await clock.advance(3500);
    const seconds = (await initiator.events()).filter(({ code }) => code === 0xc194);
    expect(seconds.map((record) => word(record, 0))).toEqual([1, 2, 3]);
    expect(shutter).toBeUndefined();
    await initiator.ok(0x9129, [3]);
    await clock.advance(1);
    expect(shutter).toBeCloseTo(3.5, 3);
    expect(show(await initiator.events())).toContain('c181');
    expect(clock.pending).toBeLessThan(3);
  });

  test('CameraTime and UTCTime run on, and keep their distance', async () => {
    let now = NOW;
    camera = smallCamera({ now: () => now });
    const initiator = await RawInitiator.open(camera);
    const read = async (property: number) => {
      await initiator.ok(0x9127, [property]);
      const [record] = await initiator.events();
      return record && [word(record, 0), word(record, 1)];
    };
    const seconds = NOW / 1000;
    expect(await read(0xd113)).toEqual([0xd113, seconds]);
    now += 90_000;
    expect(await read(0xd113)).toEqual([0xd113, seconds + 90]);
    expect(await read(0xd17c)).toEqual([0xd17c, seconds + 90]);
    // Zone 27, five hours behind UTC, and summer: the bytes of an R-class body's list.
    const zone = u32s(20, 0xd17d, 12, 27, -300 >>> 0);
    expect((await initiator.op(0x9110, [], { data: zone })).code).toBe(0x2001);
    expect((await initiator.set(0xd17e, 1)).code).toBe(0x2001);
    await initiator.events();
    expect(await read(0xd17c)).toEqual([0xd17c, seconds + 90 + 4 * 3600]);
    expect((await initiator.set(0xd17c, seconds)).code).toBe(0x2001);
    expect((await initiator.events()).map(showRecord)).toEqual([
      `d113=${(seconds - 4 * 3600).toString(16)}`,
      `d17c=${seconds.toString(16)}`,
    ]);
  });

  test('CameraTime can be set, and pictures bear it', async () => {
    camera = smallCamera();
    const initiator = await RawInitiator.open(camera);
    const time = NOW / 1000 + 86_400;
    expect((await initiator.set(0xd113, time)).code).toBe(0x2001);
    const records = await shoot(initiator);
    const [added] = records.filter(({ code }) => code === ADDED);
    expect(added && word(added, 12)).toBe(time);
  });
});

describe('settings', () => {
  test.each([
    ['ISO 800', 0xd103, 0x60, 0x2001],
    ['ISO that is not listed', 0xd103, 0xa8, 0x201c],
    ['f/2.8 with an f/4 lens', 0xd101, 0x20, 0x201c],
    ['bulb', 0xd102, 0x0c, 0x2001],
    ['exposure compensation in M', 0xd104, 0x08, 0x2019],
    ['the mode dial', 0xd105, 2, 0x2019],
    ['the model id', 0xd116, 1, 0x2019],
    ['a property that is not there', 0xd7ff, 1, 0x200a],
    ['live view off', 0xd1b0, 0, 0x2001],
    ['recording a movie outside of movie mode', 0xd1b8, 4, 0x2019],
    ['recording no movie', 0xd1b8, 0, 0x2001],
  ])('%s', async (_name, property, value, code) => {
    camera = smallCamera();
    const initiator = await RawInitiator.open(camera);
    expect((await initiator.set(property, value)).code).toBe(code);
    const records = await initiator.events();
    if (code === 0x2001) expect(lastValue(records, property)).toBe(value);
    else expect(records).toEqual([]);
  });

  test('ISO brings what depends on it along, as on an EOS R', async () => {
    camera = smallCamera();
    const initiator = await RawInitiator.open(camera);
    await initiator.set(0xd103, 0x68);
    await initiator.set(0xd103, 0x70);
    const group = (iso: string) => [
      `d103=${iso}`,
      'd104[0]',
      'd104=0',
      expect.stringMatching(/^d11b=/),
      'olc:10',
      'olc:8',
      'olc:10',
    ];
    expect(show(await initiator.events())).toEqual([...group('68'), ...group('70')]);
    expect(await initiator.events()).toEqual([]);
  });

  test('image formats change together', async () => {
    camera = smallCamera();
    const initiator = await RawInitiator.open(camera);
    const block = u32s(28, 0xd120, 1, 0x10, 1, 1, 3);
    expect((await initiator.op(0x9110, [], { data: block })).code).toBe(0x2001);
    const records = await initiator.events();
    expect(records.filter(({ code }) => code === 0xc189)).toHaveLength(5);
    const raw = u32s(28, 0xd120, 1, 0x10, 6, 2, 4);
    expect((await initiator.op(0x9110, [], { data: raw })).code).toBe(0x201c);
  });

  test.each([
    ['Av', 2, [16, 0, 19]],
    ['Tv', 1, [0, 56, 19]],
    ['P', 0, [0, 0, 19]],
    ['A+', 0x16, [0, 0, 0]],
  ])('the dial at %s', async (label, code, counts) => {
    camera = smallCamera();
    const initiator = await RawInitiator.open(camera);
    await camera.control(`dial ${label}`);
    const records = await initiator.events();
    expect(lastValue(records, 0xd138)).toBe(code);
    expect(lastValue(records, 0xd105)).toBe(code);
    const lists = [0xd101, 0xd102, 0xd104].map((property) => {
      const list = records.find((record) => record.code === 0xc18a && word(record, 0) === property);
      return list && word(list, 2);
    });
    expect(lists).toEqual(counts);
    const aperture = await initiator.set(0xd101, 0x38);
    expect(aperture.code).toBe(label === 'Av' ? 0x2001 : 0x2019);
  });

  test('texts and values on request', async () => {
    camera = smallCamera();
    const initiator = await RawInitiator.open(camera);
    const text = Uint8Array.from('Jane Q. Example\0', (c) => c.charCodeAt(0));
    const block = new Uint8Array([...u32s(8 + text.length, 0xd1d0), ...text]);
    expect((await initiator.op(0x9110, [], { data: block })).code).toBe(0x2001);
    await initiator.events();
    await initiator.ok(0x9127, [0xd1d0]);
    await initiator.ok(0x9127, [0xd1af]);
    const [artist, serial] = await initiator.events();
    expect(artist && nameOf(artist, 4)).toBe('Jane Q. Example');
    expect(serial && nameOf(serial, 4)).toBe('013070001234');
    expect((await initiator.op(0x9127, [0xd7ff])).code).toBe(0x2002);
  });
});

describe('live view', () => {
  test('frames begin after the first refusal, and end with the switch', async () => {
    camera = smallCamera();
    const initiator = await RawInitiator.open(camera);
    const frame = () => initiator.op(0x9153, [0x200000, 0, 0]);
    expect((await frame()).code).toBe(0xa102);
    await initiator.set(0xd1b0, 3);
    expect(lastValue(await initiator.events(), 0xd1b0)).toBe(3);
    expect((await frame()).code).toBe(0xa102);
    const { code, params, data } = await frame();
    expect(code).toBe(0x2001);
    expect(params).toEqual([0, data.length]);
    const view = new DataView(data.buffer);
    const types: number[] = [];
    for (let at = 0; at < data.length; at += view.getUint32(at, true)) {
      types.push(view.getUint32(at + 4, true));
    }
    expect(types).toEqual([1, 4, 5, 6, 12, 13, 14, 10, 7, 3, 0]);
    expect([...data.subarray(8, 11)]).toEqual([0xff, 0xd8, 0xff]);
    await initiator.ok(0x9158, [5]);
    expect((await initiator.op(0x9158, [3])).code).toBe(0x201d);
    await initiator.ok(0x9154);
    await initiator.ok(0x9155, [0x8003]);
    await initiator.set(0xd1b0, 1);
    expect((await frame()).code).toBe(0xa102);
    expect((await initiator.op(0x9154)).code).toBe(0x2019);
  });
});
