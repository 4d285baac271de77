/** Whatever a body sends as events: the driver neither hangs on it nor fails but with a ProtocolError. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ProtocolError } from '../src/bytes/index.ts';
import { EosState } from '../src/camera/drivers/eos-events.ts';
import { decodeEvents, EosRecord, readEvents } from '../src/canon/ptp/index.ts';
import { PtpSession } from '../src/ptp/index.ts';
import { hexFixture } from './support/hex-fixture.ts';
import { scriptedTransport } from './support/scripted-transport.ts';

const GET_EVENT = 0x9116;
const deviceInfo = hexFixture('ptp/device-info-powershot-g5x.hex');
const dump = hexFixture('canon/eos60d-getevent-initial.hex');

const u32 = fc.oneof(fc.nat({ max: 40 }), fc.nat({ max: 0xffffffff }));
const record = fc
  .record({
    code: fc.oneof(fc.constantFrom(...Object.values(EosRecord)), u32),
    payload: fc.uint8Array({ maxLength: 80 }),
    /** Added to the true size. */
    lie: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, fc.integer({ min: -90, max: 90 }), u32),
  })
  .map(({ code, payload, lie }) => {
    const bytes = new Uint8Array(8 + payload.length);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, bytes.length + lie, true);
    view.setUint32(4, code, true);
    bytes.set(payload, 8);
    return bytes;
  });
const END = Uint8Array.of(8, 0, 0, 0, 0, 0, 0, 0);
const stream = fc
  .tuple(fc.array(record, { maxLength: 12 }), fc.boolean(), fc.nat({ max: 12 }))
  .map(([records, ended, cut]) => {
    const whole = Buffer.concat(ended ? [...records, END] : records);
    return new Uint8Array(whole.subarray(0, Math.max(0, whole.length - (ended ? 0 : cut))));
  });
const changedDump = fc
  .array(fc.tuple(fc.nat({ max: dump.length - 1 }), fc.nat({ max: 255 })), { maxLength: 20 })
  .map((changes) => {
    const bytes = dump.slice();
    for (const [at, byte] of changes) bytes[at] = byte;
    return bytes;
  });

it('the decoder throws nothing but ProtocolError, and keeps what came before', () => {
  fc.assert(
    fc.property(fc.oneof(stream, changedDump), (bytes) => {
      const { events, error } = readEvents(bytes);
      try {
        expect(decodeEvents(bytes)).toHaveLength(events.length);
        expect(error).toBeUndefined();
      } catch (thrown) {
        if (!error) throw thrown;
        expect(thrown).toBeInstanceOf(ProtocolError);
      }
    }),
    { numRuns: 300 },
  );
});

/** A body that answers GetEvent with these, one after the other, and with the last for ever. */
async function followed(answers: readonly Uint8Array[]): Promise<number> {
  let asked = 0;
  const transport = scriptedTransport((operation) => {
    if (operation === 0x1001) return { data: deviceInfo };
    if (operation !== GET_EVENT) return {};
    const data = answers[Math.min(asked++, answers.length - 1)] as Uint8Array;
    return { data };
  });
  const session = await PtpSession.open(transport);
  const state = new EosState(session);
  try {
    await state.drain();
    for (const property of state.properties) {
      state.number(property);
      state.text(property);
      state.choices(property);
    }
  } finally {
    state.end();
    await session.close();
  }
  return asked;
}

it('the driver comes to an end with any of them, also where they never cease', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(stream, changedDump), { minLength: 1, maxLength: 3 }),
      async (answers) => {
        expect(await followed(answers)).toBeLessThanOrEqual(100);
      },
    ),
    { numRuns: 40 },
  );
});

it('a body that tells the same for ever is asked a hundred times, no more', async () => {
  expect(await followed([dump])).toBe(100);
});
