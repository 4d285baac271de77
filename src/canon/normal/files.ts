/** The card of a camera from before PTP, by paths as the camera writes them: "D:\\DCIM". */
import { HotshoeError } from '../../base/errors.ts';
import { ProtocolError } from '../../bytes/index.ts';
import { HEAD_BYTES, readThumbnail } from '../../bytes/jpeg-head.ts';
import type { DataSink, DataSource } from '../../ptp/index.ts';
import { Status } from './codes.ts';
import { Commands } from './commands.ts';
import {
  decodeListing,
  type ListedFile,
  type Listing,
  LONGEST_LISTING,
  readListing,
  splitPath,
} from './directory.ts';
import { NormalStatusError } from './errors.ts';
import { UPLOAD_BLOCK } from './packets.ts';
import type { CallOptions, NormalSession } from './session.ts';
import { type DiskInfo, diskBytes } from './structures.ts';
import { decodeText } from './text.ts';

/** Below this a listing enters every folder. */
export const EVERYTHING = 0x0f;
/** A card is slow to delete from, and to read with thousands of files. */
const SLOW_MS = 15_000;
const LONGEST_NAME = 1024;
/** Files that a camera makes beside its pictures of these kinds, with a thumbnail in them. */
const HAS_THM = /\.(crw|avi)$/i;

type Options = Pick<CallOptions, 'signal'>;

export class NormalFiles {
  #session: NormalSession;
  #drive: string | undefined;

  constructor(session: NormalSession) {
    this.#session = session;
  }

  /** "D:"; empty where the camera tells of none. */
  async drive(options: Options = {}): Promise<string> {
    if (this.#drive !== undefined) return this.#drive;
    const limit = LONGEST_NAME;
    const bytes = await this.#session.data(Commands.FlashGetIdent, undefined, {
      limit,
      ...options,
    });
    this.#drive = decodeText(bytes).replace(/\\+$/, '');
    return this.#drive;
  }

  /** Bytes of the card; undefined where there is none. */
  async space(options: Options = {}): Promise<DiskInfo | undefined> {
    const drive = await this.drive(options);
    if (drive === '') return undefined;
    const place = this.#session.generation === 'new' ? drive : `${drive}\\`;
    try {
      const info = diskBytes(await this.#session.call(Commands.FlashGetInfo, place, options));
      return info.capacity === 0 ? undefined : info;
    } catch (error) {
      if (error instanceof NormalStatusError) return undefined;
      throw error;
    }
  }

  /** `depth` 0: the folder alone. `self` is undefined where there is no such folder. */
  async list(path: string, depth: number, options: Options = {}): Promise<Listing> {
    const bytes = await this.#session.data(
      Commands.ListDirectory,
      { depth, path },
      { limit: LONGEST_LISTING, timeoutMs: SLOW_MS, ...options },
    );
    return readListing(decodeListing(bytes), path);
  }

  /** Streams a file; resolves with its size. The camera says "not there" by an empty answer. */
  async read(path: string, sink: DataSink, options: Options = {}): Promise<number> {
    const { chunk } = this.#session;
    const request = { path, head: false, chunk };
    return this.#session.stream(Commands.GetFile, request, sink, options);
  }

  /**
   * The thumbnail of a picture: out of its EXIF, or the file beside a raw picture or a movie. Rejects
   * with UNSUPPORTED where there is none.
   */
  async thumbnail(path: string, options: Options = {}): Promise<Uint8Array> {
    const { chunk } = this.#session;
    const limit = 100 << 10;
    if (HAS_THM.test(path)) {
      const beside = { path: path.replace(HAS_THM, '.THM'), head: false, chunk };
      const bytes = await this.#session.data(Commands.GetFile, beside, { limit, ...options });
      if (bytes.length > 0) return bytes;
      throw noThumbnail(path);
    }
    const request = { path, head: true, chunk };
    const bytes = await this.#session.data(Commands.GetFile, request, {
      limit: 10 << 20,
      ...options,
    });
    const thumbnail = readThumbnail(bytes.subarray(0, HEAD_BYTES));
    if (!thumbnail) throw noThumbnail(path);
    const { offset, size } = thumbnail;
    return bytes.subarray(offset, offset + size);
  }

  /** Writes a file; its folder must be there. `time` as the camera's clock counts. */
  async write(
    path: string,
    content: DataSource,
    time: number,
    options: Options = {},
  ): Promise<void> {
    let offset = 0;
    const send = async (block: Uint8Array) => {
      const { status, accepted } = await this.#session.upload(path, offset, block, {
        timeoutMs: SLOW_MS,
        ...options,
      });
      if (status !== Status.Ok) throw new NormalStatusError('UploadBlock', status);
      if (accepted !== block.length) {
        throw new ProtocolError(
          'INVALID_DATA',
          `the camera took ${accepted} of ${block.length} bytes`,
          new Uint8Array(0),
          0,
        );
      }
      offset += block.length;
    };
    const block = new Uint8Array(UPLOAD_BLOCK);
    let filled = 0;
    for await (const chunk of content.chunks) {
      for (let at = 0; at < chunk.length; ) {
        const part = chunk.subarray(at, at + UPLOAD_BLOCK - filled);
        block.set(part, filled);
        filled += part.length;
        at += part.length;
        if (filled < UPLOAD_BLOCK) continue;
        await send(block);
        filled = 0;
      }
    }
    if (filled > 0 || offset === 0) await send(block.subarray(0, filled));
    await this.#session.call(Commands.SetFileTime, { time, path }, options);
  }

  async makeFolder(path: string, options: Options = {}): Promise<void> {
    await this.#session.call(Commands.MakeDirectory, path, options);
  }

  /** An empty one. */
  async removeFolder(path: string, options: Options = {}): Promise<void> {
    await this.#session.call(Commands.RemoveDirectory, path, options);
  }

  async remove(path: string, options: Options = {}): Promise<void> {
    const [folder, name] = splitPath(path);
    await this.#session.call(
      Commands.DeleteFile,
      { folder, names: [name] },
      { timeoutMs: SLOW_MS, ...options },
    );
  }

  async setAttributes(path: string, attributes: number, options: Options = {}): Promise<void> {
    const [folder, name] = splitPath(path);
    await this.#session.call(Commands.SetAttributes, { attributes, folder, name }, options);
  }
}

/** What is there afterwards and was not before. */
export function newFiles(before: Listing, after: Listing): ListedFile[] {
  const known = new Set(before.files.map(({ path }) => path));
  return after.files.filter(({ path, kind }) => kind === 'file' && !known.has(path));
}

function noThumbnail(path: string): HotshoeError {
  return new HotshoeError('UNSUPPORTED', `${splitPath(path)[1]} has no thumbnail`);
}
