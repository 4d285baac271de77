import { HotshoeError, messageOf } from '../base/errors.ts';

/** What is done to a file, for "cannot … /tmp/x". */
type Deed = 'read' | 'write' | 'use' | 'delete';

/**
 * An error of the file system in words: "cannot write /tmp/x: permission denied". Anything else
 * comes back as it is.
 */
export function fileError(error: unknown, deed: Deed, path: string, hint?: string): unknown {
  if (error instanceof HotshoeError) return error;
  const code = codeOfFileError(error);
  if (code === undefined) return error;
  const full = code === 'ENOSPC' || code === 'EDQUOT';
  const reason = full ? 'the disk is full' : reasonOf(error);
  return new HotshoeError('FILE', `cannot ${deed} ${path}: ${reason}`, {
    cause: error,
    hint: full ? 'Make room, or choose another folder with -o.' : hint,
  });
}

/** ENOENT and its like; undefined for errors that are not the system's. */
export function codeOfFileError(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^E[A-Z0-9]+$/.test(code) ? code : undefined;
}

/** "EACCES: permission denied, open '/tmp/x'" -> "permission denied". */
function reasonOf(error: unknown): string {
  const message = messageOf(error);
  return /^E[A-Z0-9]+: (.+?), /.exec(message)?.[1] ?? message;
}
