/** Firmware is sent to virtual cameras only, whole, and only where everything about it is right. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openPtpCamera } from '../src/camera/open-ptp.ts';
import { commandLine } from './support/command-line.ts';
import { fromHex, hexFixture, toSpacedHex } from './support/hex-fixture.ts';
import { inNetwork } from './support/network-camera.ts';
import { scriptedTransport } from './support/scripted-transport.ts';
import { smallCamera } from './support/small-pictures.ts';

const SURE = '--i-know-this-can-brick-the-camera';
const R6 = fromHex('53040080');

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'hotshoe-firmware-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function firmware(name = 'EOSR6150.FIR', size = 5_000_000, modelId = R6): string {
  const bytes = Buffer.alloc(size, 7);
  bytes.set(modelId.subarray(0, size));
  const file = path.join(folder, name);
  writeFileSync(file, bytes);
  return file;
}

const send = (...args: string[]) => commandLine(['-c', 'virtual:eos-r6', 'firmware', ...args]);

describe('firmware', () => {
  it('arrives at a virtual camera, which asks its user', async () => {
    const { code, stdout } = await send(firmware(), SURE);
    expect([code, stdout]).toEqual([
      0,
      'Canon EOS R6 has EOSR6150.FIR, and asks on its screen whether to update\n',
    ]);
  });

  it('needs the word of its user', async () => {
    const { code, stderr } = await send(firmware());
    expect([code, stderr]).toEqual([2, expect.stringContaining(SURE)]);
  });

  it('goes to no camera in a network, which may be a real one', async () => {
    const virtual = smallCamera();
    const network = await inNetwork(virtual);
    try {
      const { code } = await commandLine(['-c', network.address, 'firmware', firmware(), SURE]);
      expect(code).toBe(5);
      expect(virtual.requests(0x911f)).toBe(0);
    } finally {
      await network.close();
    }
  });

  it.each([
    ['of another body', 'EOSR6150.FIR', 5000, fromHex('24040080'), /0x80000424, not 0x80000453/],
    ['of another name', 'update.bin', 5000, R6, /not called as Canon/],
    ['that is cut', 'EOSR6150.FIR', 3, R6, /3 bytes/],
  ])('%s is refused', async (_, name, size, modelId, reason) => {
    const { code, stderr } = await send(firmware(name, size, modelId), SURE);
    expect([code, stderr]).toEqual([2, expect.stringMatching(reason)]);
  });

  it('that is not there is said', async () => {
    const { code, stderr } = await send(path.join(folder, 'EOSR6150.FIR'), SURE);
    expect([code, stderr]).toEqual([1, expect.stringContaining('cannot read')]);
  });

  it('is sent in pieces of 2 MiB, each with its name before it', async () => {
    const pieces: string[] = [];
    const ends: [number, number][] = [];
    const dump = hexFixture('canon/eos60d-getevent-initial.hex');
    let dumped = false;
    const info = Buffer.from(hexFixture('ptp/device-info-eos-60d.hex'));
    const transport = scriptedTransport((operation, params, received = new Uint8Array(0)) => {
      if (operation === 0x1001) return { data: info };
      if (operation === 0x9116) {
        const data = dumped ? fromHex('08000000 00000000') : dump;
        dumped = true;
        return { data };
      }
      if (operation === 0x911f) {
        pieces.push(toSpacedHex(received.subarray(0, 36)));
        ends.push([params[1] ?? 0, received.length]);
      }
      return {};
    });
    const camera = await openPtpCamera(transport, 'virtual:eos-60d');
    const bytes = new Uint8Array(3_000_000);
    // The model id of a 60D, as its real dump has it.
    bytes.set(fromHex('87020080'));
    await camera.firmware?.update(
      { name: '60D00111.FIR', bytes },
      { iKnowThisCanBrickTheCamera: true },
    );
    await camera.close();
    // "60D00111.FIR" in 32 bytes, then the file.
    const name = `36 30 44 30 30 31 31 31 2e 46 49 52${' 00'.repeat(20)}`;
    expect(pieces).toEqual([`${name} 87 02 00 80`, `${name} 00 00 00 00`]);
    expect(ends).toEqual([
      [0, 0x200000],
      [0x200000 - 32, 32 + 3_000_000 - (0x200000 - 32)],
    ]);
  });
});
