/**
 * Operations that no camera has: they give back what was sent to them, so that payloads of any size
 * can be tried both ways. They are not in DeviceInfo.
 */
import { type Operation, receive } from './transaction.ts';

/** Their codes; vendor codes that no Canon body lists. */
export const SelfTest = {
  /** Keeps its data; the response's first parameter is their size. */
  Put: 0x9ff0,
  /** Gives back what `Put` has kept. */
  Get: 0x9ff1,
} as const;

/** Sizes at which packets, blocks and their headers have ends; vcam tries most of them too. */
export const selfTestSizes: readonly number[] = [
  0, 1, 2, 3, 4, 10, 101, 257, 499, 500, 501, 511, 512, 513, 997, 1000, 1012, 1023, 1024,
];

const LIMIT = 1 << 20;

export function selfTestOperations(): ReadonlyMap<number, Operation> {
  let kept: Uint8Array = new Uint8Array(0);
  return new Map<number, Operation>([
    [
      SelfTest.Put,
      {
        takesData: true,
        params: 0,
        async run(transaction) {
          kept = await receive(transaction, LIMIT);
          return [kept.length];
        },
      },
    ],
    [
      SelfTest.Get,
      {
        params: 0,
        async run(transaction) {
          await transaction.send(kept);
          return undefined;
        },
      },
    ],
  ]);
}
