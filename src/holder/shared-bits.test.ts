import { describe, expect, it } from 'vitest';
import { EosProperty } from '../canon/ptp/index.ts';
import { SharedBits } from './shared-bits.ts';

const OUTPUT = EosProperty.EVFOutputDevice;
const [CAMERA, COMPUTER] = [1, 2];

describe('bits that several clients switch on', () => {
  it('are on until the last one has switched them off', () => {
    const bits = new SharedBits();
    const [a, b] = [{}, {}];
    expect(bits.set(a, OUTPUT, COMPUTER, 0)).toBe(COMPUTER);
    expect(bits.seen(b, OUTPUT, COMPUTER)).toBe(0);
    expect(bits.set(b, OUTPUT, COMPUTER, COMPUTER)).toBe(COMPUTER);
    expect(bits.set(a, OUTPUT, 0, COMPUTER)).toBe(COMPUTER);
    expect(bits.seen(a, OUTPUT, COMPUTER)).toBe(0);
    expect(bits.seen(b, OUTPUT, COMPUTER)).toBe(COMPUTER);
    expect(bits.set(b, OUTPUT, 0, COMPUTER)).toBe(0);
  });

  it('leave alone what the camera has switched on itself', () => {
    const bits = new SharedBits();
    const [a, b] = [{}, {}];
    expect(bits.set(a, OUTPUT, CAMERA | COMPUTER, CAMERA)).toBe(CAMERA | COMPUTER);
    expect(bits.seen(b, OUTPUT, CAMERA | COMPUTER)).toBe(CAMERA);
    expect(bits.own(a, OUTPUT)).toBe(COMPUTER);
    // Its user switches it off.
    expect(bits.seen(a, OUTPUT, COMPUTER)).toBe(COMPUTER);
    expect(bits.set(a, OUTPUT, 0, COMPUTER)).toBe(0);
  });

  it('of one who is gone are told, and forgotten', () => {
    const bits = new SharedBits();
    const [a, b] = [{}, {}];
    bits.set(a, OUTPUT, 3, 0);
    bits.set(b, OUTPUT, 2, 3);
    expect([bits.touched(a), bits.alone(a, OUTPUT)]).toEqual([[OUTPUT], 1]);
    bits.forget(a);
    expect([bits.touched(a), bits.seen(b, OUTPUT, 3)]).toEqual([[], 3]);
  });
});
