/** Which of the values that are allowed somebody means. */
import type { SettingValue } from '../camera.ts';

/** "ISO 800", "800", "#3", "0x6d": as it is said, by its place from 1, or by number. */
export function chosen<Choice extends SettingValue>(
  choices: readonly Choice[],
  value: string | number,
): Choice | undefined {
  if (typeof value === 'number') return choices.find(({ number }) => number === value);
  const place = /^#(\d+)$/.exec(value.trim());
  if (place) return choices[Number(place[1]) - 1];
  const said = choices.find(({ label }) => plain(label) === plain(value));
  if (said) return said;
  const raw = /^0x[0-9a-f]+$/i.test(value.trim()) ? Number(value) : undefined;
  return choices.find(({ number }) => number !== undefined && number === raw);
}

/** Case, blanks, and what is written before the number are of no matter. */
export function plain(label: string): string {
  return (
    label
      .toLowerCase()
      .replace(/^(?:iso|f\/|f(?=\d))\s*/, '')
      .replace(/["s]$/, '')
      .replace(/^\+/, '')
      // A minus at the beginning is none of those.
      .replace(/(?!^)[\s_-]+/g, '')
  );
}

const LISTED = 40;

export function listed(values: readonly SettingValue[]): string {
  const labels = values.map(({ label }) => label);
  return labels.length > LISTED
    ? `${labels.slice(0, LISTED).join(', ')}, and ${labels.length - LISTED} more`
    : labels.join(', ');
}
