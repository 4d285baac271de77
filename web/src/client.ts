/** The HTTP API as functions; the same whether a server answers, or this page itself. */
import type {
  ApiEvent,
  Available,
  Camera,
  Entry,
  Files,
  Focus,
  Focused,
  Frame,
  FrameFacts,
  Problem,
  Setting,
  Shoot,
  Shot,
  Zoom,
} from '../../src/api/schemas.ts';

/** Who answers. */
export interface Transport {
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** Answered within this page: nothing of it has an address that the browser could load. */
  readonly local: boolean;
  /** Has the user choose a camera on USB. */
  chooseUsb?(): Promise<void>;
}

/** What could not be done, in the words of the API. */
export class ApiError extends Error {
  readonly problem: Problem;
  readonly status: number;

  constructor(problem: Problem, status: number) {
    super(problem.message);
    this.problem = problem;
    this.status = status;
  }
}

export function problemOf(error: unknown): Problem {
  if (error instanceof ApiError) return error.problem;
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'INTERNAL', message };
}

export interface LiveFrame {
  facts: Frame;
  picture: Blob;
}

const path = (camera: string, ...parts: (string | number)[]) =>
  ['/api/cameras', camera, ...parts]
    .map((part, i) => (i ? encodeURIComponent(part) : part))
    .join('/');

export class Client {
  readonly transport: Transport;

  constructor(transport: Transport) {
    this.transport = transport;
  }

  available = () => this.#json<Available[]>('GET', '/api/available');
  connect = (address: string) => this.#json<Camera>('POST', '/api/cameras', { address });
  disconnect = (camera: string) => this.#json('DELETE', path(camera));

  settings = (camera: string) => this.#json<Setting[]>('GET', path(camera, 'settings'));
  set = (camera: string, name: string, value: string | number) =>
    this.#json<Setting>('PUT', path(camera, 'settings', name), { value });

  shoot = (camera: string, options: Shoot = {}) =>
    this.#json<Shot>('POST', path(camera, 'shoot'), options);
  focus = (camera: string, focus: Focus) =>
    this.#json<Focused>('POST', path(camera, 'focus'), focus);
  zoom = (camera: string) => this.#json<Zoom>('GET', path(camera, 'zoom'));
  setZoom = (camera: string, position: number) =>
    this.#json('PUT', path(camera, 'zoom'), { position });
  record = (camera: string, on: boolean) =>
    this.#json<Camera>('POST', path(camera, 'record'), { on });

  newest = (camera: string, count: number) =>
    this.#json<Files>('GET', `${path(camera, 'files')}?newest=${count}`);
  folder = (camera: string, folder: string) =>
    this.#json<Files>('GET', `${path(camera, 'files')}?path=${encodeURIComponent(folder)}`);
  remove = (camera: string, { handle, name }: Entry) =>
    this.#json('DELETE', path(camera, 'files', handle), { confirm: name });

  thumbnail = (camera: string, handle: number) => path(camera, 'files', handle, 'thumbnail');
  content = (camera: string, handle: number) => path(camera, 'files', handle, 'content');

  /** The beginning of a file: what EXIF needs. */
  async head(camera: string, handle: number, bytes: number, signal: AbortSignal) {
    const headers = { Range: `bytes=0-${bytes - 1}` };
    const response = await this.#ok(this.content(camera, handle), { headers, signal });
    return response.arrayBuffer();
  }

  async blob(where: string, signal?: AbortSignal): Promise<Blob> {
    const response = await this.#ok(where, signal ? { signal } : {});
    return response.blob();
  }

  /** The next frame after that number; the first there is without one. */
  async frame(camera: string, after: number | undefined, signal: AbortSignal): Promise<LiveFrame> {
    const query = after === undefined ? '' : `?after=${after}`;
    const response = await this.#ok(`${path(camera, 'live', 'frame.jpg')}${query}`, { signal });
    const facts = JSON.parse(response.headers.get('hotshoe-frame') ?? '') as Frame;
    return { facts, picture: await response.blob() };
  }

  facts = (camera: string, signal: AbortSignal) =>
    this.#json<FrameFacts>('GET', path(camera, 'live', 'facts'), undefined, signal);

  /** Events until the stream ends, which it does when the server goes. */
  async *events(signal: AbortSignal): AsyncGenerator<ApiEvent> {
    const response = await this.#ok('/api/events', { signal });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    for (;;) {
      const next = await reader?.read();
      if (!next || next.done) return;
      text += next.value;
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        const match = /^event: (\w+)\ndata: (.*)$/.exec(block);
        if (match) yield { type: match[1], data: JSON.parse(match[2] ?? '') } as ApiEvent;
      }
    }
  }

  async #json<T = unknown>(
    method: string,
    where: string,
    body?: unknown,
    signal?: AbortSignal,
  ): Promise<T> {
    const response = await this.#ok(where, {
      method,
      ...(signal && { signal }),
      ...(body !== undefined && {
        body: JSON.stringify(body),
        headers: { 'Content-Type': 'application/json' },
      }),
    });
    return (await response.json()) as T;
  }

  async #ok(where: string, init: RequestInit): Promise<Response> {
    const response = await this.transport.fetch(where, init);
    if (response.ok) return response;
    const answer = (await response.json().catch(() => ({}))) as { error?: Problem };
    const nothing = { code: 'INTERNAL', message: `the server answered ${response.status}` };
    throw new ApiError(answer.error ?? nothing, response.status);
  }
}
