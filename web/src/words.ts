/** How the page says things. */
import type { Camera, Entry } from '../../src/api/schemas.ts';

/** What stands beside the picture, in the order in which photographers look; the rest is one step away. */
export const MAIN_SETTINGS: readonly string[] = [
  'mode',
  'shutter',
  'aperture',
  'iso',
  'compensation',
  'white-balance',
  'drive',
  'focus-mode',
  'metering',
  'image-format',
];

const NAMES: Readonly<Record<string, string>> = {
  iso: 'ISO',
  compensation: 'Exposure compensation',
  'focus-mode': 'Focus',
  'image-format': 'Quality',
  'live-view-af': 'Live view AF',
  'clock-utc': 'Clock (UTC)',
};

/** "white-balance" -> "White balance"; Canon's own names stay as they are. */
export function settingTitle(name: string): string {
  const words = NAMES[name] ?? name.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The select shows "800" where the name says ISO already. */
export const valueText = (name: string, label: string) =>
  name === 'iso' ? label.replace(/^ISO /, '') : label;

export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 999.95 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

/** The clock of the camera, as it stands there. */
export const dateText = (date: string | null) => date?.replace('T', ' ') ?? '';

export type FileKind = 'picture' | 'raw' | 'movie' | 'other';

export function kindOf({ name }: Pick<Entry, 'name'>): FileKind {
  const extension = /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? '';
  if (extension === 'jpg' || extension === 'jpeg') return 'picture';
  if (['cr2', 'cr3', 'crw'].includes(extension)) return 'raw';
  return ['mp4', 'mov', 'avi'].includes(extension) ? 'movie' : 'other';
}

export const cameraName = ({ model, address }: Pick<Camera, 'model' | 'address'>) =>
  model ?? address;

export const LOW_BATTERY = 20;

export function cardText({ storages, shotsLeft }: Camera): { text: string; warn: boolean } {
  const present = storages.filter((unit) => unit.present);
  if (storages.length > 0 && present.length === 0) return { text: 'No card', warn: true };
  if (shotsLeft === 0) return { text: 'Card full', warn: true };
  if (shotsLeft !== null) return { text: `${shotsLeft} shots left`, warn: shotsLeft < 10 };
  const free = present.reduce((sum, unit) => sum + (unit.free ?? 0), 0);
  return { text: free > 0 ? `${bytesText(free)} free` : '', warn: false };
}
