/** What a body from before PTP does with commands for its card. */

import { HEAD_BYTES, readJpegHead } from '../../bytes/jpeg-head.ts';
import {
  Attribute,
  Commands,
  encodeListing,
  encodeText,
  isShortName,
  SEPARATOR,
  Status,
} from '../../canon/normal/index.ts';
import { readBytes } from '../card/card-store.ts';
import { type NormalBody, NormalRefusal } from './body.ts';
import type { FoundEntry } from './card.ts';
import { data, fixed, type Handlers, whole } from './handlers.ts';

/** Two GiB in KiB, less one: no card of that time has more. */
const MOST_KIB = 0x1fffff;

export function storageHandlers(body: NormalBody): Handlers {
  const { card, model, wall } = body.parts;

  const placeOf = (place: string): string => {
    const path = card.pathOf(place);
    if (path === undefined || !card.inserted) throw new NormalRefusal(Status.InvalidParameter);
    return path;
  };
  const fileAt = async (folder: string, name: string): Promise<FoundEntry> => {
    if (name === '') throw new NormalRefusal(Status.InvalidParameter);
    const found = await card.find(placeOf(`${folder}${SEPARATOR}${name}`));
    if (!found || found.kind === 'folder') throw new NormalRefusal(Status.NotFound);
    return found;
  };
  const requireWritable = () => {
    const { access = 'read-write' } = card.store;
    if (access !== 'read-write') throw new NormalRefusal(Status.Protected);
  };

  return {
    fixed: new Map([
      fixed(Commands.FlashGetInfo, async (place) => {
        placeOf(place);
        const { capacity, free } = await card.space();
        const kib = (bytes: number) => Math.min(MOST_KIB, Math.floor(bytes / 1024));
        const isFull = body.parts.faults.has('card-full');
        return { capacity: kib(capacity), free: isFull ? 0 : kib(free) };
      }),
      fixed(Commands.MakeDirectory, async (place) => {
        requireWritable();
        const path = placeOf(place);
        const above = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
        const name = path.slice(path.lastIndexOf('/') + 1);
        const top = await card.find(above);
        if (top?.kind !== 'folder' || !isShortName(name) || (await card.find(path))) {
          throw new NormalRefusal(Status.InvalidParameter);
        }
        await card.store.makeFolder(path, wall.seconds());
      }),
      fixed(Commands.RemoveDirectory, async (place) => {
        requireWritable();
        const path = placeOf(place);
        const found = await card.find(path);
        if (path === '' || found?.kind !== 'folder' || (await card.children(path)).length > 0) {
          throw new NormalRefusal(Status.InvalidParameter);
        }
        await card.remove(path);
      }),
      fixed(Commands.DeleteFile, async ({ folder, names }) => {
        if (card.store.access === 'read-only') throw new NormalRefusal(Status.Protected);
        if (names.length === 0) throw new NormalRefusal(Status.InvalidParameter);
        for (const name of names) {
          const file = await fileAt(folder, name);
          if (file.attributes & Attribute.Protected) throw new NormalRefusal(Status.Protected);
          await card.remove(file.path);
        }
      }),
      fixed(Commands.SetAttributes, async ({ attributes, folder, name }) => {
        const file = await fileAt(folder, name);
        // Of class 6: it answers OK, and nothing changes.
        if (model.modelClass !== 6) card.setAttributes(file.path, attributes);
      }),
      fixed(Commands.SetFileTime, async ({ time, path: place }) => {
        requireWritable();
        const path = placeOf(place);
        const found = await card.find(path);
        if (found?.kind !== 'file') throw new NormalRefusal(Status.NotFound);
        const bytes = await readBytes(card.store, path, 0, found.size);
        await card.store.remove(path);
        await card.store.write(path, bytes, time);
      }),
    ]),
    data: new Map([
      data(Commands.FlashGetIdent, () => whole(Uint8Array.of(...encodeText(model.drive), 0, 0))),
      data(Commands.ListDirectory, async ({ depth, path }) =>
        whole(encodeListing(await card.listing(path, depth))),
      ),
      data(Commands.GetFile, async ({ path: place, head }) => {
        const path = card.pathOf(place);
        const found = path === undefined ? undefined : await card.find(path);
        if (path === undefined || found?.kind !== 'file') return whole(new Uint8Array(0));
        const size = head ? await headSize(body, path, found.size) : found.size;
        return { size, isFile: true, chunks: card.store.read(path, 0, size) };
      }),
    ]),
  };
}

/** As much of a picture as holds its thumbnail. */
async function headSize(body: NormalBody, path: string, size: number): Promise<number> {
  const bytes = await readBytes(body.parts.card.store, path, 0, Math.min(HEAD_BYTES, size));
  const thumbnail = readJpegHead(bytes)?.thumbnail;
  return thumbnail ? thumbnail.offset + thumbnail.size : Math.min(size, 4096);
}
