import { expect, it } from 'vitest';
import { fdct, fdctScale } from './fdct.ts';

it('agrees with the definition in T.81 A.3.3', () => {
  const samples = Float32Array.from({ length: 64 }, (_, i) => ((i * 37) % 101) - 50 + (i >> 3));
  const direct = definition(samples);
  fdct(samples, 0);
  samples.forEach((value, index) => {
    const scale = fdctScale[index >> 3]! * fdctScale[index & 7]! * 8;
    expect(value / scale).toBeCloseTo(direct[index]!, 2);
  });
});

function definition(samples: Float32Array): number[] {
  const c = (k: number): number => (k === 0 ? Math.SQRT1_2 : 1);
  return Array.from({ length: 64 }, (_, index) => {
    const [v, u] = [index >> 3, index & 7];
    let sum = 0;
    for (let y = 0; y < 8; y++)
      for (let x = 0; x < 8; x++)
        sum +=
          samples[y * 8 + x]! *
          Math.cos(((2 * x + 1) * u * Math.PI) / 16) *
          Math.cos(((2 * y + 1) * v * Math.PI) / 16);
    return (sum * c(u) * c(v)) / 4;
  });
}
