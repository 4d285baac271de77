/** The HTTP API against a virtual camera behind a socket. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openApi } from '../src/api/openapi.ts';
import { routes } from '../src/api/routes.ts';
import type { ApiEvent, Camera, Entry, Files, Setting, Shot } from '../src/api/schemas.ts';
import { MemoryCard, patternContent, type VirtualCamera } from '../src/virtual/index.ts';
import { inNetwork, type NetworkCamera } from './support/network-camera.ts';
import { type Served, served } from './support/served.ts';
import { smallCamera } from './support/small-pictures.ts';

const MOVIE = 3_500_123;
const photograph = readFileSync(
  path.resolve(import.meta.dirname, '../docs/images/first-picture.jpg'),
);
let virtual: VirtualCamera;
let network: NetworkCamera;
let server: Served;
let camera: Camera;
let at: string;

beforeEach(async () => {
  const card = new MemoryCard();
  card.addFile('DCIM/100CANON/2U4A0001.MP4', patternContent(MOVIE), 1);
  card.addFile('DCIM/100CANON/2U4A0000.JPG', photograph, 0);
  virtual = smallCamera({ card });
  network = await inNetwork(virtual);
  server = await served();
  camera = await server.connect(network.address);
  at = `/api/cameras/${camera.id}`;
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
  await network.close();
});

const hash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const movie = () => Buffer.from(Uint8Array.from({ length: MOVIE }, (_, i) => i % 65_521));

async function movieEntry(): Promise<Entry> {
  const { entries } = await server.json<Files>('GET', `${at}/files?newest=1`);
  return entries[0] as Entry;
}

/** The events of a stream as they come. */
async function* eventsOf(response: Response): AsyncGenerator<ApiEvent> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const match = /^event: (\w+)\ndata: (.*)$/.exec(text.slice(0, end));
      text = text.slice(end + 2);
      if (match) yield { type: match[1], data: JSON.parse(match[2] ?? '') } as ApiEvent;
    }
  }
}

describe('cameras', () => {
  it('are told with what they can do', async () => {
    expect(await server.json('GET', '/api/cameras')).toEqual([
      expect.objectContaining({
        id: camera.id,
        phase: 'ready',
        model: 'Canon EOS R6',
        lens: 'RF24-105mm F4 L IS USM',
        can: expect.objectContaining({ shoot: true, liveView: true, settings: true }),
      }),
    ]);
    const available = await server.json<{ address: string }[]>('GET', '/api/available');
    expect(available.map(({ address }) => address)).toContain('virtual:eos-r6');
  });

  it('are one for one address, and are let go', async () => {
    const again = await server.json<Camera>('POST', '/api/cameras', { address: network.address });
    expect(again.id).toBe(camera.id);
    await server.json('DELETE', at);
    expect(virtual.state.sessionOpen).toBe(false);
    expect((await server.request('GET', at)).status).toBe(404);
  });

  it('that are not there fail, with what to do', async () => {
    await server.json('POST', '/api/cameras', { address: 'ptpip://127.0.0.1:1' });
    await expect(server.cameras.list()[1]?.ready()).rejects.toThrow('refused');
    const [, gone] = await server.json<Camera[]>('GET', '/api/cameras');
    expect(gone).toMatchObject({ phase: 'failed', error: { code: 'CONNECTION_REFUSED' } });
    expect(gone?.error?.hint).toBeTruthy();
  });

  it('come back after the link was lost', async () => {
    const seen: string[] = [];
    const events = await fetch(`${server.url}/api/events`);
    const reading = (async () => {
      for await (const event of eventsOf(events)) {
        if (event.type !== 'camera') continue;
        if (seen.at(-1) !== event.data.phase) seen.push(event.data.phase);
        if (seen.includes('lost') && event.data.phase === 'ready') return;
      }
    })();
    await virtual.unplug();
    await expect.poll(() => seen).toContain('lost');
    const answer = await server.request('POST', `${at}/shoot`, {});
    expect(answer.status).toBe(502);
    virtual.plug();
    await reading;
    expect(seen).toEqual(['lost', 'ready']);
  });
});

describe('settings', () => {
  it('are listed, read, and set when the camera has confirmed', async () => {
    const all = await server.json<Setting[]>('GET', `${at}/settings`);
    expect(all.find(({ name }) => name === 'shutter')?.allowed.length).toBeGreaterThan(20);
    const set = await server.json<Setting>('PUT', `${at}/settings/iso`, { value: 'ISO 1600' });
    expect(set.label).toBe('ISO 1600');
    expect(await server.json('GET', `${at}/settings/iso`)).toMatchObject({ label: 'ISO 1600' });
  });

  it('refuse what is not allowed, and say what is', async () => {
    const answer = await server.request('PUT', `${at}/settings/iso`, { value: 'ISO 7' });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { code: 'USAGE' } });
    expect((await server.request('GET', `${at}/settings/nonsense`)).status).toBe(404);
  });
});

describe('shooting', () => {
  it('leaves the picture on the card, and tells everybody', async () => {
    const events = eventsOf(await fetch(`${server.url}/api/events`));
    const shot = await server.json<Shot>('POST', `${at}/shoot`, { to: 'card' });
    expect(shot.files).toEqual([expect.objectContaining({ where: 'card' })]);
    for await (const event of events) {
      if (event.type !== 'file') continue;
      expect(event.data.entry.name).toBe(shot.files[0]?.name);
      break;
    }
  });

  it('saves it on the server, whole', async () => {
    const { downloads } = await server.json<Shot>('POST', `${at}/shoot`, { to: 'host' });
    expect(downloads[0]?.file.startsWith(server.folder)).toBe(true);
    const bytes = readFileSync(downloads[0]?.file ?? '');
    expect(bytes.length).toBe(downloads[0]?.bytes);
    expect(bytes.subarray(0, 3).toString('hex')).toBe('ffd8ff');
  });

  it('says why there is no picture', async () => {
    virtual.fault('card-full');
    const answer = await server.request('POST', `${at}/shoot`, {});
    expect(answer.status).toBe(409);
    expect(await answer.json()).toMatchObject({ error: { code: 'CARD_FULL' } });
  });
});

describe('files', () => {
  it('are listed by folder', async () => {
    const root = await server.json<Files>('GET', `${at}/files?path=/SD1`);
    expect(root.entries.map(({ name }) => name)).toContain('DCIM');
    const inside = await server.json<Files>('GET', `${at}/files?path=/SD1/DCIM/100CANON`);
    expect(inside.entries.map(({ size, kind }) => [size, kind])).toEqual([
      [photograph.length, 'file'],
      [MOVIE, 'file'],
    ]);
  });

  it('come whole, and in ranges', async () => {
    const { handle } = await movieEntry();
    const url = `${at}/files/${handle}/content`;
    const answer = await server.request('GET', url);
    expect(answer.headers.get('content-length')).toBe(String(MOVIE));
    expect(hash(new Uint8Array(await answer.arrayBuffer()))).toBe(hash(movie()));
    for (const [range, from, to] of [
      ['bytes=0-0', 0, 1],
      ['bytes=1048575-1048576', 1048575, 1048577],
      ['bytes=3500000-', 3_500_000, MOVIE],
      ['bytes=-5', MOVIE - 5, MOVIE],
    ] as const) {
      const part = await fetch(`${server.url}${url}`, { headers: { Range: range } });
      expect(part.status).toBe(206);
      expect(part.headers.get('content-range')).toBe(`bytes ${from}-${to - 1}/${MOVIE}`);
      const bytes = Buffer.from(await part.arrayBuffer());
      expect(bytes.equals(movie().subarray(from, to))).toBe(true);
    }
    const beyond = await fetch(`${server.url}${url}`, { headers: { Range: 'bytes=9999999-' } });
    expect(beyond.status).toBe(416);
  });

  it('do not keep the camera from others while a client stands still', async () => {
    const { handle } = await movieEntry();
    const slow = await server.request('GET', `${at}/files/${handle}/content`);
    const reader = slow.body?.getReader();
    await reader?.read();
    const shot = await server.json<Shot>('POST', `${at}/shoot`, {});
    expect(shot.files).toHaveLength(1);
    await reader?.cancel();
  });

  it('have thumbnails, asked for once', async () => {
    const { entries } = await server.json<Files>('GET', `${at}/files?recursive=true`);
    const handle = entries.find(({ name }) => name.endsWith('.JPG'))?.handle;
    const before = virtual.requests(0x100a);
    const url = `${at}/files/${handle}/thumbnail`;
    const answers = await Promise.all([1, 2, 3].map(() => server.request('GET', url)));
    for (const answer of answers) {
      const bytes = Buffer.from(await answer.arrayBuffer());
      expect(bytes.subarray(0, 2).toString('hex')).toBe('ffd8');
    }
    expect(virtual.requests(0x100a) - before).toBe(1);
  });

  it('are deleted only when their name is said again', async () => {
    const { handle, name } = await movieEntry();
    const url = `${at}/files/${handle}`;
    for (const body of [{}, { confirm: 'yes' }, { confirm: name.toLowerCase() }]) {
      expect((await server.request('DELETE', url, body)).status).toBe(400);
    }
    expect((await server.request('GET', url)).status).toBe(200);
    await server.json('DELETE', url, { confirm: name });
    const { entries } = await server.json<Files>('GET', `${at}/files?newest=5`);
    expect(entries.map((entry) => entry.name)).toEqual(['2U4A0000.JPG']);
  });

  it('a card is erased only by its label', async () => {
    const [unit] = camera.storages;
    const url = `${at}/storages/${unit?.id}/format`;
    expect((await server.request('POST', url, { confirm: 'card' })).status).toBe(400);
    await server.json('POST', url, { confirm: unit?.label });
    expect((await server.json<Files>('GET', `${at}/files?newest=5`)).entries).toEqual([]);
  });
});

describe('live view', () => {
  it('comes frame by frame, each once', async () => {
    let after = '';
    const numbers: number[] = [];
    for (let i = 0; i < 3; i++) {
      const answer = await server.request('GET', `${at}/live/frame.jpg${after}`);
      const facts = JSON.parse(answer.headers.get('hotshoe-frame') ?? '{}') as { number: number };
      numbers.push(facts.number);
      after = `?after=${facts.number}`;
      const bytes = Buffer.from(await answer.arrayBuffer());
      expect(bytes.subarray(0, 2).toString('hex')).toBe('ffd8');
    }
    expect(new Set(numbers).size).toBe(3);
    expect(virtual.state.liveView).toBe(true);
    await expect.poll(() => virtual.state.liveView, { timeout: 8000 }).toBe(false);
  });

  it('comes as MJPEG, and tells of itself', async () => {
    const answer = await server.request('GET', `${at}/live/stream`);
    expect(answer.headers.get('content-type')).toContain('multipart/x-mixed-replace');
    let text = '';
    for await (const chunk of answer.body ?? []) {
      text += Buffer.from(chunk).toString('latin1');
      if (text.split('--hotshoe-frame').length > 3) break;
    }
    expect(text).toMatch(
      /^--hotshoe-frame\r\nContent-Type: image\/jpeg\r\nContent-Length: \d+\r\n\r\n\xff\xd8/,
    );
    const facts = await server.json<Record<string, unknown>>('GET', `${at}/live/facts`);
    expect(facts).toMatchObject({ zoomFactor: 1, number: expect.any(Number) });
  });
});

describe('the document', () => {
  it('describes each operation that is answered', async () => {
    const document = await server.json<ReturnType<typeof openApi>>('GET', '/api/openapi.json');
    expect(document).toEqual(JSON.parse(JSON.stringify(openApi('0.0.0'))));
    const paths = document.paths as Record<string, Record<string, { operationId: string }>>;
    const ids = Object.values(paths).flatMap((path) =>
      Object.values(path).map(({ operationId }) => operationId),
    );
    expect(ids.sort()).toEqual(Object.keys(routes).sort());
    expect(paths['/api/cameras/{camera}/files/{handle}']?.delete).toMatchObject({
      requestBody: {
        content: { 'application/json': { schema: { required: ['confirm'] } } },
      },
    });
  });
});
