/**
 * DateTime of ISO 15740: `YYYYMMDDThhmmss`, then optionally a fraction and a zone. Cameras leave
 * the zone out and mean their own clock, so nothing here makes a `Date` of it.
 */
export interface PtpDateTime {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  milliseconds: number;
  /** Minutes east of UTC; undefined where the camera does not say. */
  zone: number | undefined;
}

const EPOCH = '19700101T000000';

const FORM =
  /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})(?:\.(\d+))?(?:(Z)|([+-])(\d{2}):?(\d{2})?)?$/;

/**
 * Undefined for the empty string, for zeros, for the epoch (a clock that was never set) and for
 * anything that is not a date.
 */
export function parseDateTime(text: string): PtpDateTime | undefined {
  const trimmed = text.trim();
  const match = FORM.exec(trimmed);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second, fraction, utc, sign, zoneHours, zoneMinutes] =
    match;
  const value: PtpDateTime = {
    year: Number(year),
    month: Number(month),
    day: Number(day),
    hour: Number(hour),
    minute: Number(minute),
    second: Number(second),
    milliseconds: fraction ? Math.floor(Number(`0.${fraction}`) * 1000) : 0,
    zone: utc
      ? 0
      : sign
        ? (sign === '-' ? -1 : 1) * (Number(zoneHours) * 60 + Number(zoneMinutes ?? 0))
        : undefined,
  };
  const real =
    value.month >= 1 &&
    value.month <= 12 &&
    value.day >= 1 &&
    value.day <= 31 &&
    value.hour < 24 &&
    value.minute < 60 &&
    value.second <= 60 &&
    !trimmed.startsWith(EPOCH);
  return real ? value : undefined;
}

/** The form that Canon bodies write: tenths of a second, no zone. */
export function formatDateTime(
  time: Omit<PtpDateTime, 'zone' | 'milliseconds'> & {
    milliseconds?: number;
  },
): string {
  const two = (n: number) => String(n).padStart(2, '0');
  const tenths = Math.floor((time.milliseconds ?? 0) / 100);
  return (
    `${String(time.year).padStart(4, '0')}${two(time.month)}${two(time.day)}` +
    `T${two(time.hour)}${two(time.minute)}${two(time.second)}.${tenths}`
  );
}
