/**
 * Forward DCT of Arai, Agui and Nakajima (as in Pennebaker & Mitchell, figure 4-8): five
 * multiplications per row. The results are scaled by {@link fdctScale}, which a quantiser can fold
 * into its divisors.
 */
const A1 = Math.SQRT1_2;
const A2 = 0.541196100146197;
const A4 = 1.306562964876377;
const A5 = 0.38268343236509;

/** Factor that {@link fdct} leaves in each row and column, on top of 8 for the whole block. */
export const fdctScale: readonly number[] = [
  1, 1.387039845, 1.306562965, 1.175875602, 1, 0.785694958, 0.5411961, 0.275899379,
];

/** Transforms the 8x8 block of `samples` that starts at `at`, in place, row by row. */
export function fdct(samples: Float32Array, at: number): void {
  for (let row = at; row < at + 64; row += 8) pass(samples, row, 1);
  for (let column = at; column < at + 8; column++) pass(samples, column, 8);
}

function pass(d: Float32Array, at: number, step: number): void {
  const i1 = at + step;
  const i2 = i1 + step;
  const i3 = i2 + step;
  const i4 = i3 + step;
  const i5 = i4 + step;
  const i6 = i5 + step;
  const i7 = i6 + step;
  const s07 = d[at]! + d[i7]!;
  const d07 = d[at]! - d[i7]!;
  const s16 = d[i1]! + d[i6]!;
  const d16 = d[i1]! - d[i6]!;
  const s25 = d[i2]! + d[i5]!;
  const d25 = d[i2]! - d[i5]!;
  const s34 = d[i3]! + d[i4]!;
  const d34 = d[i3]! - d[i4]!;

  const even0 = s07 + s34;
  const even1 = s16 + s25;
  const even2 = s16 - s25;
  const even3 = s07 - s34;
  const z1 = (even2 + even3) * A1;
  d[at] = even0 + even1;
  d[i4] = even0 - even1;
  d[i2] = even3 + z1;
  d[i6] = even3 - z1;

  const odd0 = d34 + d25;
  const odd1 = d25 + d16;
  const odd2 = d16 + d07;
  const z5 = (odd0 - odd2) * A5;
  const z2 = A2 * odd0 + z5;
  const z4 = A4 * odd2 + z5;
  const z3 = odd1 * A1;
  const z11 = d07 + z3;
  const z13 = d07 - z3;
  d[i5] = z13 + z2;
  d[i3] = z13 - z2;
  d[i1] = z11 + z4;
  d[i7] = z11 - z4;
}
