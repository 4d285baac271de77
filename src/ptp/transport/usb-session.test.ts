/** The opening of a session with cameras that somebody left in mid-sentence; and random answers. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { hexFixture } from '../../../test/support/hex-fixture.ts';
import {
  container,
  data,
  response,
  type ScriptedUsb,
  type ScriptedUsbOptions,
  type SeenCommand,
  scriptedUsb,
} from '../../../test/support/scripted-usb.ts';
import { settle, type Watched, watch } from '../../../test/support/settle.ts';
import { LinkError, TimeoutError } from '../../base/errors.ts';
import { ProtocolError } from '../../bytes/index.ts';
import { PtpSession } from '../session.ts';
import { connectUsb } from './usb.ts';

const OK = 0x2001;
const info = hexFixture('ptp/device-info-eos-60d.hex');

/** What a healthy camera answers. */
function answer({ code, transactionId }: SeenCommand, usb: ScriptedUsb): void {
  if (code === 0x1001) usb.send(data(code, transactionId, info));
  usb.send(response(OK, transactionId));
}

async function opening(
  script: (command: SeenCommand, usb: ScriptedUsb) => void,
  options: ScriptedUsbOptions & { before?: (usb: ScriptedUsb) => void } = {},
): Promise<{
  device: ScriptedUsb;
  clock: FakeClock;
  session: Watched<PtpSession>;
  asked: string[];
}> {
  const asked: string[] = [];
  const device = scriptedUsb((command, usb) => {
    asked.push(`${command.code.toString(16)}(${command.params.join()}) ${command.transactionId}`);
    script(command, usb);
  }, options);
  options.before?.(device);
  const clock = new FakeClock();
  const transport = await connectUsb({ device, clock, name: 'the camera' });
  const session = watch(PtpSession.open(transport, { clock }));
  await settle();
  return { device, clock, session, asked };
}

describe.each([{ transfers: true }, { transfers: false }])('opening, %o', ({ transfers }) => {
  it('a healthy camera: session, then DeviceInfo, nothing else', async () => {
    const { device, session, asked } = await opening(answer, { transfers });
    expect(session.value?.deviceInfo.model).toBe('Canon EOS 60D');
    expect(asked).toEqual(['1002(1) 0', '1001() 1']);
    expect(device.log.filter((line) => !line.startsWith('read'))).toEqual(['open', 'claim 0']);
  });

  it('a session that is still open is closed and opened anew', async () => {
    let open = true;
    const { session, asked } = await opening(
      (command, usb) => {
        const { code, transactionId } = command;
        if (code === 0x1002 && open) return usb.send(response(0x201e, transactionId, [1]));
        if (code === 0x1003) open = false;
        answer(command, usb);
      },
      { transfers },
    );
    expect(session.value?.deviceInfo.model).toBe('Canon EOS 60D');
    expect(asked).toEqual(['1002(1) 0', '1003() 1', '1002(1) 0', '1001() 1']);
  });

  it('answers of the one before are dropped: everything comes one transaction late', async () => {
    const { session } = await opening(answer, {
      transfers,
      before: (usb) => {
        usb.send(data(0x1008, 17, info));
        usb.send(response(OK, 17));
      },
    });
    expect(session.value?.deviceInfo.model).toBe('Canon EOS 60D');
  });

  it('the rest of a picture that nobody read is drained', async () => {
    const { device, clock, session } = await opening(answer, {
      transfers,
      before: (usb) => usb.send(new Uint8Array(100_000).fill(0xd8)),
    });
    await clock.advance(2000);
    expect(session.value?.deviceInfo.model).toBe('Canon EOS 60D');
    expect(device.log).not.toContain('reset');
  });

  it('Invalid_TransactionID: other session ids, then Device Reset', async () => {
    let reset = false;
    const { device, clock, session, asked } = await opening(
      (command, usb) => {
        if (command.code === 0x1002 && !reset) {
          return usb.send(response(0x2004, command.transactionId));
        }
        answer(command, usb);
      },
      {
        transfers,
        onControl: ({ request }) => {
          reset ||= request === 0x66;
          return undefined;
        },
      },
    );
    await clock.advance(5000);
    expect(session.value?.deviceInfo.model).toBe('Canon EOS 60D');
    expect(asked.slice(0, 10)).toEqual(Array.from({ length: 10 }, (_, i) => `1002(${i + 1}) 0`));
    expect(device.log).toContain('reset');
  });

  it('a camera that is mute until its port is reset', async () => {
    let awake = false;
    const { device, clock, session } = await opening(
      (command, usb) => {
        awake ||= usb.log.includes('port reset');
        if (awake) answer(command, usb);
      },
      { transfers },
    );
    await clock.advance(30_000);
    expect(session.value?.deviceInfo.model).toBe('Canon EOS 60D');
    const steps = device.log.filter((line) => /^(reset|port reset)$/.test(line));
    expect(steps).toEqual(['reset', 'port reset']);
  });

  it('a camera that stays mute is given up, and the device closed', async () => {
    const { device, clock, session } = await opening(() => {}, { transfers });
    await clock.advance(120_000);
    expect(session.error).toBeInstanceOf(TimeoutError);
    expect(device.opened).toBe(false);
  });

  it('one that is unplugged meanwhile is not tried again', async () => {
    const { device, session } = await opening(() => {}, { transfers });
    device.unplug();
    await settle();
    expect(session.error).toMatchObject({ name: 'LinkError', code: 'LINK_LOST' });
    expect(device.log).not.toContain('reset');
  });
});

describe('random answers', () => {
  const bytes = fc.uint8Array({ maxLength: 700 });
  const plausible = fc
    .record({
      type: fc.constantFrom(2, 2, 3, 3, 1, 4, 0, 7),
      code: fc.constantFrom(0x1001, 0x1002, OK, 0x2019, 0),
      id: fc.constantFrom(0, 1, 2, 0xffffffff),
      payload: bytes,
      length: fc.option(fc.constantFrom(0, 11, 12, 13, 500, 100_000, 0xfffffffe, 0xffffffff)),
    })
    .map(({ type, code, id, payload, length }) =>
      container(type, code, id, payload, length ?? undefined),
    );
  const step = fc.record({
    bytes: fc.oneof(bytes, plausible, plausible),
    end: fc.boolean(),
    act: fc.constantFrom(
      'send',
      'send',
      'send',
      'send',
      'halt in',
      'halt out',
      'interrupt',
      'babble',
    ),
  });

  it('never hang and never throw anything but errors of the link, the protocol or the time', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 12 }),
        fc.constantFrom(8, 64, 512, 1024),
        fc.boolean(),
        fc.boolean(),
        async (steps, packetSize, transfers, upload) => {
          const left = [...steps];
          const clock = new FakeClock();
          const device = scriptedUsb(
            (_, usb) => {
              for (const next of left.splice(0, 3)) {
                if (next.act === 'send') usb.send(next.bytes, { end: next.end });
                else if (next.act === 'interrupt') usb.interrupt(next.bytes.subarray(0, 8));
                else if (next.act === 'babble') usb.babble();
                else usb.halt(next.act === 'halt in' ? 'in' : 'out');
              }
            },
            { packetSize, transfers },
          );
          const transport = await connectUsb({ device, clock });
          for (let id = 0; id < 3; id++) {
            const running = watch(
              transport.transact(
                {
                  code: 0x1001,
                  transactionId: id,
                  params: [],
                  data: upload ? { size: 600, chunks: [new Uint8Array(600)] } : undefined,
                },
                { sink: { write: () => {} }, idleTimeoutMs: 2000 },
              ),
            );
            await clock.advance(40_000);
            expect(running.state).not.toBe('pending');
            if (running.state !== 'rejected') continue;
            const known = [LinkError, ProtocolError, TimeoutError];
            expect(known.some((type) => running.error instanceof type)).toBe(true);
          }
          await transport.close();
          await clock.advance(1000);
          expect(clock.pending).toBe(0);
        },
      ),
      { numRuns: 300 },
    );
  }, 120_000);
});
