/** Paths on a camera: "/LABEL/folder/…/name", compared without regard to case, as cards are. */
import type { CameraObject, StorageUnit } from './camera.ts';

function segments(path: string): string[] {
  return path.split('/').filter((part) => part !== '');
}

/**
 * Cuts a leading storage label off: `/SD1/DCIM` on a camera with a storage SD1 is `DCIM` there.
 * Without one the path is meant on every storage.
 */
export function splitLabel(
  path: string,
  units: readonly StorageUnit[],
): { units: StorageUnit[]; parts: string[] } {
  const parts = segments(path);
  const first = parts[0]?.toLowerCase();
  const unit = units.find(({ label }) => label.toLowerCase() === first);
  return unit ? { units: [unit], parts: parts.slice(1) } : { units: [...units], parts };
}

/**
 * A glob with `*`, `?` and `[a-z]` (`[!a-z]` for all others), for the whole path or, without a slash
 * in it, for the name.
 */
export function globMatcher(
  pattern: string,
): (object: Pick<CameraObject, 'name' | 'path'>) => boolean {
  const wholePath = pattern.includes('/');
  const source = segments(pattern).map(globSource).join('/');
  const form = new RegExp(wholePath ? `(^|/)${source}$` : `^${source}$`, 'i');
  return (object) => form.test(wholePath ? object.path : object.name);
}

/** One part of a path; a bracket that is never closed stands for itself. */
function globSource(part: string): string {
  return part.replace(/\*|\?|\[(!?)([^\]]+)\]|[.+^${}()|\\[\]]/g, (found, not, set) => {
    if (found === '*') return '[^/]*';
    if (found === '?') return '[^/]';
    if (set === undefined) return `\\${found}`;
    return `[${not && '^'}${set.replace(/[\\^[]/g, '\\$&')}]`;
  });
}

export function isGlob(text: string): boolean {
  return /[*?[]/.test(text);
}
