/** Whatever a camera sends: an error of the protocol, in time, and nothing else. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { outcomeOnAnyBytes } from '../../../test/support/protocol-errors.ts';
import { HotshoeError } from '../../base/errors.ts';
import type { Clock } from '../../base/time.ts';
import { Reader } from '../../bytes/index.ts';
import type { UsbDevice } from '../../usb/port.ts';
import { Control } from './codes.ts';
import { Commands, Remote } from './commands.ts';
import { decodeListing, readListing } from './directory.ts';
import { decodeEvent, NormalEventJoiner } from './events.ts';
import { decodeCommand, decodeReply, decodeUploadAnswer, decodeUploadBlock } from './packets.ts';
import { NormalSession } from './session.ts';
import { Abilities, Hello, Identity, ValueList } from './structures.ts';

const decoders: Record<string, (bytes: Uint8Array) => unknown> = {
  command: decodeCommand,
  reply: decodeReply,
  listing: (bytes) => readListing(decodeListing(bytes), 'D:'),
  event: decodeEvent,
  uploadBlock: decodeUploadBlock,
  uploadAnswer: decodeUploadAnswer,
  hello: (bytes) => Hello.decode(bytes),
  identity: (bytes) => Identity.decode(bytes),
  abilities: (bytes) => Abilities.decode(bytes),
  valueList: (bytes) => ValueList.decode(bytes),
  remoteReply: (bytes) => Commands.RemoteControl.reply.read(new Reader(bytes)),
  parameters: (bytes) => Remote.GetParameters.result.read(new Reader(bytes)),
};

it.each(Object.keys(decoders))('%s of any bytes', (name) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      outcomeOnAnyBytes(bytes, (part) => decoders[name]?.(part));
    }),
  );
});

it('events in any pieces are the events', () => {
  const whole = Uint8Array.of(2, 0, 0, 0, 10, 0, 0, 0, 16, 0, 0, 0, 28, 0, 0, 0);
  fc.assert(
    fc.property(fc.array(fc.nat(16), { maxLength: 5 }), (cuts) => {
      const joiner = new NormalEventJoiner();
      const places = [0, ...cuts.sort((a, b) => a - b), 16];
      const found = places.slice(1).flatMap((to, i) => joiner.push(whole.subarray(places[i], to)));
      expect(found).toEqual([whole]);
    }),
  );
});

/** A thousand times as fast. */
const hasty: Clock = {
  now: () => performance.now() * 1000,
  after(ms, run) {
    const timer = setTimeout(run, ms / 1000);
    return () => clearTimeout(timer);
  },
};

/** Shakes hands as it should, and answers commands with these transfers; then it is silent. */
function deviceWith(answers: Uint8Array[]): UsbDevice {
  const endpoint = (
    endpointNumber: number,
    direction: 'in' | 'out',
    type: 'bulk' | 'interrupt',
  ) => ({
    ...{ endpointNumber, direction, type, packetSize: 64 },
  });
  const endpoints = [
    endpoint(1, 'in', 'bulk'),
    endpoint(2, 'out', 'bulk'),
    endpoint(3, 'in', 'interrupt'),
  ];
  const alternate = {
    alternateSetting: 0,
    interfaceClass: 255,
    interfaceSubclass: 255,
    interfaceProtocol: 255,
  };
  const configuration = {
    configurationValue: 1,
    interfaces: [{ interfaceNumber: 0, alternates: [{ ...alternate, endpoints }] }],
  };
  const waiting = (signal?: AbortSignal) =>
    new Promise<{ status: 'cancelled'; bytesRead: number }>((resolve) => {
      const end = () => resolve({ status: 'cancelled', bytesRead: 0 });
      if (signal?.aborted) end();
      signal?.addEventListener('abort', end, { once: true });
    });
  let told = false;
  return {
    ...{ vendorId: 0x04a9, productId: 0x306e, opened: false, configuration },
    configurations: [configuration],
    open: async () => undefined,
    close: async () => undefined,
    selectConfiguration: async () => undefined,
    claimInterface: async () => undefined,
    releaseInterface: async () => undefined,
    selectAlternateInterface: async () => undefined,
    clearHalt: async () => undefined,
    reset: async () => undefined,
    controlTransferIn: async ({ value }, length) => {
      const bytes = new Uint8Array(length);
      if (value === Control.Status) bytes[0] = 0x41;
      return { status: 'ok', data: new DataView(bytes.buffer) };
    },
    controlTransferOut: async (_setup, data = new Uint8Array(0)) => {
      told = true;
      return { status: 'ok', bytesWritten: data.length };
    },
    transferIn: () => new Promise(() => undefined),
    transferOut: async (_endpoint, data) => ({ status: 'ok', bytesWritten: data.length }),
    transfers: {
      read: async (endpointNumber, buffer, signal) => {
        const answer = endpointNumber === 1 && told ? answers.shift() : undefined;
        if (!answer) return waiting(signal);
        const bytes = answer.subarray(0, buffer.length);
        buffer.set(bytes);
        return { status: 'ok', bytesRead: bytes.length };
      },
    },
  };
}

it('a session ends in time, whatever comes', async () => {
  const transfer = fc.uint8Array({ maxLength: 128 });
  await fc.assert(
    fc.asyncProperty(fc.array(transfer, { maxLength: 12 }), async (answers) => {
      const device = deviceWith(answers);
      const opening = NormalSession.open({ device, clock: hasty });
      const session = await opening.catch((error: unknown) => {
        expect(error).toBeInstanceOf(HotshoeError);
        return undefined;
      });
      await session?.close();
    }),
    { numRuns: 60 },
  );
}, 60_000);
