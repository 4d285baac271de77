/**
 * Files of a camera as answers to HTTP. A camera does one thing at a time, so a client must not hold
 * it: a piece is read into memory, the camera is free again, and the piece goes out as fast as the
 * client takes it.
 */
import type { CameraObject, CameraStorage } from '../camera/camera.ts';
import { HttpError } from './problem.ts';

const PIECE = 1 << 20;
/** Where a camera cannot read a piece of a file, the file is read whole: up to this. */
const WHOLE_LIMIT = 256 << 20;

const TYPES: Readonly<Record<string, string>> = {
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  mp4: 'video/mp4',
  mov: 'video/quicktime',
  wav: 'audio/wav',
};

/** By its name; nothing that a browser would run. */
function mediaType(name: string): string {
  const extension = /\.([a-z0-9]+)$/i.exec(name)?.[1]?.toLowerCase() ?? '';
  return TYPES[extension] ?? 'application/octet-stream';
}

export interface ContentRequest {
  storage: CameraStorage;
  object: CameraObject;
  range: string | null;
  /** As a file to keep, not to show. */
  download: boolean;
  signal: AbortSignal;
}

export async function fileContent(request: ContentRequest): Promise<Response> {
  const { storage, object, download } = request;
  const { size, name } = object;
  const part = rangeOf(request.range, size);
  const { from, to } = part ?? { from: 0, to: size };
  const headers = new Headers({
    'Content-Type': mediaType(name),
    'Content-Length': String(to - from),
    'Accept-Ranges': 'bytes',
    'Cache-Control': 'private, no-cache',
    'Content-Security-Policy': "default-src 'none'; sandbox",
    'Content-Disposition': disposition(name, download),
  });
  if (part) headers.set('Content-Range', `bytes ${from}-${to - 1}/${size}`);
  const body = storage.readsParts(object)
    ? inPieces(request, from, to)
    : (await whole(request)).subarray(from, to);
  return new Response(body, { status: part ? 206 : 200, headers });
}

/** A single range; anything else that RFC 9110 allows is answered with the whole. */
function rangeOf(header: string | null, size: number): { from: number; to: number } | undefined {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return undefined;
  const [, first, last] = match;
  const from = first ? Number(first) : Math.max(0, size - Number(last));
  const to = first && last ? Math.min(size, Number(last) + 1) : size;
  if (from < to) return { from, to };
  if (first && last && Number(last) < Number(first)) return undefined;
  throw new HttpError(
    416,
    { code: 'USAGE', message: `the file has ${size} bytes` },
    { 'Content-Range': `bytes */${size}` },
  );
}

/** The next piece is read while this one goes out, and no further. */
function inPieces(
  { storage, object, signal }: ContentRequest,
  from: number,
  to: number,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const gone = new AbortController();
  const stop = AbortSignal.any([signal, gone.signal]);
  let at = from;
  return new ReadableStream(
    {
      async pull(controller) {
        const length = Math.min(PIECE, to - at);
        const piece = await read(storage, object, { offset: at, length, signal: stop });
        at += length;
        controller.enqueue(piece);
        if (at >= to) controller.close();
      },
      cancel: () => gone.abort(),
    },
    { highWaterMark: 1 },
  );
}

async function whole({
  storage,
  object,
  signal,
}: ContentRequest): Promise<Uint8Array<ArrayBuffer>> {
  if (object.size > WHOLE_LIMIT) {
    throw new HttpError(422, {
      code: 'UNSUPPORTED',
      message: `this camera gives ${object.name} only in one piece, and it is too large for that here`,
      hint: 'Take it with `hotshoe get`.',
    });
  }
  return read(storage, object, { length: object.size, signal });
}

async function read(
  storage: CameraStorage,
  object: CameraObject,
  { offset, length, signal }: { offset?: number; length: number; signal: AbortSignal },
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  let at = 0;
  const sink = {
    write(chunk: Uint8Array) {
      // Whatever the camera announces, no more than was asked for.
      bytes.set(chunk.subarray(0, length - at), at);
      at = Math.min(length, at + chunk.length);
    },
  };
  const part = offset === undefined ? {} : { offset, length };
  await storage.read(object, sink, { ...part, signal });
  if (at === length) return bytes;
  throw new HttpError(502, {
    code: 'INVALID_DATA',
    message: `${object.name}: ${at} bytes came of ${length}`,
  });
}

/** RFC 6266; the name comes from the camera. */
function disposition(name: string, download: boolean): string {
  const plain = name.replace(/[^A-Za-z0-9._-]/g, '_');
  const coded = encodeURIComponent(name.replace(/\p{Surrogate}/gu, '\ufffd')).replace(
    /['()*]/g,
    (c) => {
      return `%${c.charCodeAt(0).toString(16).toUpperCase()}`;
    },
  );
  return `${download ? 'attachment' : 'inline'}; filename="${plain}"; filename*=UTF-8''${coded}`;
}
