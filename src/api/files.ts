/** What is on the cards, as clients ask for it. */
import type { CameraObject, CameraStorage } from '../camera/camera.ts';
import { entryOf } from './descriptions.ts';
import type { Files } from './schemas.ts';

export interface FilesRequest {
  path?: string | undefined;
  recursive?: 'true' | 'false' | undefined;
  newest?: number | undefined;
  signal: AbortSignal;
}

/** One answer holds no more: a card may hold hundreds of thousands. */
const MOST = 20_000;

export async function listFiles(storage: CameraStorage, request: FilesRequest): Promise<Files> {
  const { path, recursive, newest, signal } = request;
  if (newest !== undefined) {
    const files = await newestFiles(storage, newest, signal);
    return { entries: files.slice(0, newest).map(entryOf), more: files.length > newest };
  }
  const entries = [];
  for await (const object of storage.list({ path, recursive: recursive === 'true', signal })) {
    if (entries.length === MOST) return { entries, more: true };
    entries.push(entryOf(object));
  }
  return { entries, more: false };
}

/**
 * Cameras number folders and files upward, so that the newest are in the last folder; a card of ten
 * thousand pictures need not be read for the last twenty.
 */
async function newestFiles(
  storage: CameraStorage,
  count: number,
  signal: AbortSignal,
): Promise<CameraObject[]> {
  const units = await storage.units({ signal });
  const found: CameraObject[] = [];
  for (const { label } of units.filter(({ present }) => present)) {
    const ofUnit: CameraObject[] = [];
    const folders = await folderTree(storage, `/${label}`, signal);
    for (const folder of folders) {
      ofUnit.push(...(await inFolder(storage, folder, signal)).filter(isFile));
      if (ofUnit.length > count) break;
    }
    found.push(...ofUnit);
  }
  return found.sort(newestFirst);
}

const isFile = ({ kind }: CameraObject) => kind === 'file';
const byName = (a: CameraObject, b: CameraObject) => (a.name < b.name ? -1 : 1);

function newestFirst(a: CameraObject, b: CameraObject): number {
  if (a.date && b.date && a.date !== b.date) return a.date < b.date ? 1 : -1;
  return a.path < b.path ? 1 : -1;
}

/** Folders that may hold pictures, the newest first: those of DCIM, then the rest, then the root. */
async function folderTree(
  storage: CameraStorage,
  root: string,
  signal: AbortSignal,
): Promise<string[]> {
  const folders = (await inFolder(storage, root, signal)).filter(({ kind }) => kind === 'folder');
  const dcim = folders.find(({ name }) => name.toUpperCase() === 'DCIM');
  const pictures = dcim ? await inFolder(storage, dcim.path, signal) : [];
  return [
    ...pictures
      .filter(({ kind }) => kind === 'folder')
      .sort(byName)
      .reverse()
      .map(({ path }) => path),
    root,
  ];
}

async function inFolder(
  storage: CameraStorage,
  path: string,
  signal: AbortSignal,
): Promise<CameraObject[]> {
  const objects: CameraObject[] = [];
  for await (const object of storage.list({ path, recursive: false, signal })) objects.push(object);
  return objects;
}
