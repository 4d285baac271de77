/**
 * Patterns for the names of downloaded files: gphoto2's set exactly, and hotshoe's own in braces.
 * Dates are those of the picture, by the camera's clock.
 */
import { HotshoeError } from '../base/errors.ts';

export interface NameFacts {
  /** As the camera calls it: "IMG_0001.JPG". */
  name: string;
  /** Folder on the camera: "/SD1/DCIM/100CANON". */
  folder: string;
  /** ISO 8601 without a zone; the pattern's dates are refused where there is none. */
  date: string | undefined;
  /** Milliseconds within the second, where known. */
  milliseconds?: number | undefined;
  /** Counts the files of one run, from 1. */
  number: number;
  serial: string;
  model: string;
  /** Alias or address of the camera. */
  camera: string;
}

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

type Maker = (facts: NameFacts, width: number | undefined) => string;

/** The picture's date, its fields read as UTC because the camera names no zone. */
function dateOf({ name, date }: NameFacts): Date {
  const time = date === undefined ? Number.NaN : Date.parse(`${date}Z`);
  if (Number.isNaN(time)) {
    throw new HotshoeError(
      'USAGE',
      `the camera gives no date for ${name}, and the name asks for one`,
      {
        hint: 'Use a pattern without dates for it, for example %f-%03n.%C.',
      },
    );
  }
  return new Date(time);
}

const dated =
  (make: (date: Date) => string): Maker =>
  (facts) =>
    make(dateOf(facts));

const two = (value: number) => String(value).padStart(2, '0');
const blankTwo = (value: number) => String(value).padStart(2, ' ');
const hour12 = (date: Date) => date.getUTCHours() % 12 || 12;

const MAKERS: Readonly<Record<string, Maker>> = {
  a: dated((date) => (DAYS[date.getUTCDay()] ?? '').slice(0, 3)),
  A: dated((date) => DAYS[date.getUTCDay()] ?? ''),
  b: dated((date) => (MONTHS[date.getUTCMonth()] ?? '').slice(0, 3)),
  B: dated((date) => MONTHS[date.getUTCMonth()] ?? ''),
  d: dated((date) => two(date.getUTCDate())),
  H: dated((date) => two(date.getUTCHours())),
  k: dated((date) => blankTwo(date.getUTCHours())),
  I: dated((date) => two(hour12(date))),
  l: dated((date) => blankTwo(hour12(date))),
  j: dated((date) => {
    const first = Date.UTC(date.getUTCFullYear(), 0, 1);
    return String(Math.floor((date.getTime() - first) / 86_400_000) + 1).padStart(3, '0');
  }),
  m: dated((date) => two(date.getUTCMonth() + 1)),
  M: dated((date) => two(date.getUTCMinutes())),
  S: dated((date) => two(date.getUTCSeconds())),
  y: dated((date) => two(date.getUTCFullYear() % 100)),
  Y: dated((date) => String(date.getUTCFullYear())),
  n: ({ number }, width = 0) => String(number).padStart(width, '0'),
  C: ({ name }) => splitName(name).extension,
  f: ({ name }) => splitName(name).stem,
  F: ({ folder }) => folder.replace(/^\/+/, '').replaceAll('/', '-'),
  ':': ({ name }) => name,
  '%': () => '%',
};

const WORDS: Readonly<Record<string, Maker>> = {
  serial: ({ serial }) => serial,
  model: ({ model }) => model,
  camera: ({ camera }) => camera,
  ms: ({ milliseconds = 0 }) => String(Math.floor(milliseconds)).padStart(3, '0'),
};

/** Checks a pattern once and returns what makes names by it; throws a USAGE error. */
export function namePattern(pattern: string): (facts: NameFacts) => string {
  const makers: ((facts: NameFacts) => string)[] = [];
  const form = /%(?:\{(\w+)\}|(\d*)(.))|%|[^%]+/gsu;
  for (const [part, word, digits, letter] of pattern.matchAll(form)) {
    if (!part.startsWith('%')) {
      makers.push(() => part);
      continue;
    }
    const maker = word === undefined ? MAKERS[letter ?? ''] : WORDS[word];
    const widthMisplaced = digits !== undefined && digits !== '' && letter !== 'n';
    if (!maker || widthMisplaced) {
      throw new HotshoeError('USAGE', `"${part}" in the name "${pattern}" means nothing`, {
        hint: `There are %${Object.keys(MAKERS).join(' %')}, %03n, and %{${Object.keys(WORDS).join('} %{')}}.`,
      });
    }
    const width = digits ? Math.min(Number(digits), 9) : undefined;
    makers.push((facts) => maker(facts, width));
  }
  return (facts) => makers.map((make) => make(facts)).join('');
}

/** "IMG_0001.JPG" -> "IMG_0001" and "JPG". */
function splitName(name: string): { stem: string; extension: string } {
  const dot = name.lastIndexOf('.');
  return dot <= 0
    ? { stem: name, extension: '' }
    : { stem: name.slice(0, dot), extension: name.slice(dot + 1) };
}
