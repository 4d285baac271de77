/** What users type: numbers in any base, durations with a unit. */
import { InvalidArgumentError } from 'commander';

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** "3.8s", "500ms", "2m" -> milliseconds. */
export function parseDuration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text.trim());
  if (!match) throw new InvalidArgumentError('A duration has a unit: 3.8s, 500ms, 2m.');
  return Number(match[1]) * (UNITS[match[2] ?? ''] ?? 1);
}

/** "10", "0x0a", "0b1010", "0o12", "-1" -> u32; undefined for anything else. */
export function parseU32(text: string): number | undefined {
  if (!/^(-?\d+|0x[0-9a-f]+|0b[01]+|0o[0-7]+)$/i.test(text)) return undefined;
  const value = Number(text);
  if (value < -0x80000000 || value > 0xffffffff) return undefined;
  return value < 0 ? value + 0x100000000 : value;
}

/** A TCP port, 0 for any free one. */
export function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65535) {
    throw new InvalidArgumentError('A port is a number from 0 to 65535.');
  }
  return port;
}

/** "12", "12.5", "2m" -> seconds. */
export function parseSeconds(text: string): number {
  return /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : parseDuration(text) / 1000;
}

/** 1 and more. */
export function parseCount(text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new InvalidArgumentError('A count is a whole number from 1.');
}

/** "0.5,0.3": in the picture, from 0 (left, top) to 1. */
export function parsePlace(text: string): { x: number; y: number } {
  const [, x, y] = /^(\d*\.?\d+),(\d*\.?\d+)$/.exec(text) ?? [];
  if (x === undefined || y === undefined || Number(x) > 1 || Number(y) > 1) {
    throw new InvalidArgumentError('A place is X,Y from 0 to 1: 0.5,0.5 is the middle.');
  }
  return { x: Number(x), y: Number(y) };
}
