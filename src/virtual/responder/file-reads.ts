/** Operations that read files: faults of transfers strike there. */
import type { Faults } from '../faults.ts';

const FILE_READS: readonly number[] = [
  0x1009, 0x101b, 0x9104, 0x9107, 0x912c, 0x9171, 0x9172, 0x9174,
];

/** What a fault does to the data of this operation; undefined when none strikes. */
export function fileFault(
  code: number,
  faults: Faults,
): 'short-data' | 'long-data' | 'link-lost-mid-transfer' | undefined {
  if (!FILE_READS.includes(code)) return undefined;
  return (['short-data', 'long-data', 'link-lost-mid-transfer'] as const).find((name) =>
    faults.take(name),
  );
}

/** The size that is announced of data of this size, where a fault makes it a wrong one. */
export function announcedSize(size: number, fault: ReturnType<typeof fileFault>): number {
  if (fault === 'short-data') return size + 1000;
  return fault === 'long-data' ? Math.max(0, size - 1000) : size;
}
