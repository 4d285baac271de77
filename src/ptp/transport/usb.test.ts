import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { fromHex, hexFixture, toSpacedHex } from '../../../test/support/hex-fixture.ts';
import {
  container,
  data,
  response,
  type ScriptedUsb,
  type ScriptedUsbOptions,
  type SeenCommand,
  scriptedUsb,
} from '../../../test/support/scripted-usb.ts';
import { settle, watch } from '../../../test/support/settle.ts';
import type { PtpResponse } from './transport.ts';
import { connectUsb, type UsbConnectOptions, type UsbTransport } from './usb.ts';

const OK = 0x2001;

interface Result {
  response: PtpResponse;
  announced: number | undefined;
  bytes: Uint8Array;
}

/** One transaction, its data collected. */
async function transact(
  transport: UsbTransport,
  code: number,
  transactionId: number,
  more: { params?: number[]; send?: Uint8Array; signal?: AbortSignal; idleMs?: number } = {},
): Promise<Result> {
  const parts: Uint8Array[] = [];
  let announced: number | undefined;
  const answer = await transport.transact(
    {
      code,
      transactionId,
      params: more.params ?? [],
      data: more.send && { size: more.send.length, chunks: [more.send] },
    },
    {
      sink: {
        start: (size) => {
          announced = size;
        },
        write: (chunk) => void parts.push(chunk.slice()),
      },
      idleTimeoutMs: more.idleMs ?? 15_000,
      signal: more.signal,
    },
  );
  return { response: answer, announced, bytes: new Uint8Array(Buffer.concat(parts)) };
}

async function connect(
  script: (command: SeenCommand, device: ScriptedUsb) => void,
  options: ScriptedUsbOptions & Omit<UsbConnectOptions, 'device'> = {},
) {
  const device = scriptedUsb(script, options);
  const clock = new FakeClock();
  const transport = await connectUsb({ device, clock, name: 'the camera', ...options });
  return { device, clock, transport };
}

const pattern = (size: number) => Uint8Array.from({ length: size }, (_, i) => (i * 7 + 3) & 0xff);

describe('golden bytes', () => {
  it('opens a session as an EOS 60D was asked to and answers (camlibs/ptp2/cameras/canon-eos60d-debug.log)', async () => {
    const { device, transport } = await connect((_, usb) =>
      usb.send(fromHex('0c000000 0300 0120 00000000')),
    );
    const { response: answer } = await transact(transport, 0x1002, 0, { params: [1] });
    expect(device.received.map(toSpacedHex)).toEqual([
      '10 00 00 00 01 00 02 10 00 00 00 00 01 00 00 00',
    ]);
    expect(answer).toEqual({ code: OK, transactionId: 0, params: [] });
    await transport.close();
  });
});
