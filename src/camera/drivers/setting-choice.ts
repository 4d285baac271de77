/** What somebody means by a value of a setting, and how a camera's refusal is told. */
import { HotshoeError, TimeoutError } from '../../base/errors.ts';
import { formatDuration } from '../../base/time.ts';
import { hex32 } from '../../bytes/index.ts';
import { Response, type ResponseError } from '../../ptp/index.ts';
import type { Setting, SettingValue } from '../camera.ts';

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

export function notAllowed({ name }: Setting, value: string | number, hint: string): HotshoeError {
  const shown = typeof value === 'number' ? hex32(value) : `"${value}"`;
  return new HotshoeError('USAGE', `${name} cannot be ${shown}`, { hint });
}

export function notConfirmed({ name, label }: Setting, timeoutMs: number): TimeoutError {
  return new TimeoutError(
    `the camera took a new ${name} and did not confirm it within ${formatDuration(timeoutMs)}`,
    { hint: `It is still ${label}. The camera may not allow it in this mode.` },
  );
}

export function refused(setting: Setting, error: ResponseError): HotshoeError {
  const busy = error.response === Response.Device_Busy;
  const why = busy ? 'it is busy, or the mode dial does not allow it' : error.message;
  const allowed = setting.allowed.length > 0 ? ` Allowed now: ${listed(setting.allowed)}.` : '';
  return new HotshoeError(
    busy ? 'BUSY' : 'RESPONSE',
    `the camera did not set ${setting.name}: ${why}`,
    {
      cause: error,
      hint: `It is still ${setting.label}.${allowed}`,
    },
  );
}
