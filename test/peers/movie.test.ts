/** ffmpeg decodes the movies of virtual cameras, from the card of the camera that recorded them. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect } from 'vitest';
import { open } from '../../src/node/index.ts';
import { createVirtualCamera } from '../../src/virtual/index.ts';
import { inNetwork } from '../support/network-camera.ts';
import { peer, runs } from '../support/peers.ts';
import { smallCard } from '../support/small-pictures.ts';

const ffmpeg = peer('ffmpeg', () => runs('ffprobe', '-version'));

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'hotshoe-movie-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

ffmpeg.describe('a movie', () => {
  const decodes = (model: string, extension: string) => async () => {
    const virtual = createVirtualCamera(model, { card: smallCard() });
    virtual.dial('Movie');
    const network = await inNetwork(virtual);
    const file = path.join(folder, `movie.${extension}`);
    try {
      await using camera = await open(network.address);
      await camera.movie?.start();
      await new Promise((resolve) => setTimeout(resolve, 1300));
      const movie = await camera.movie?.stop();
      const parts: Uint8Array[] = [];
      await movie?.read({ write: (chunk) => void parts.push(chunk.slice()) });
      writeFileSync(file, Buffer.concat(parts));
    } finally {
      await network.close();
    }
    const entries = 'stream=codec_name,width,height,r_frame_rate,nb_frames,nb_read_frames';
    const probe = execFileSync(
      'ffprobe',
      ['-v', 'error', '-count_frames', '-show_entries', entries, '-of', 'json', file],
      { encoding: 'utf8' },
    );
    const [stream] = JSON.parse(probe).streams;
    expect(stream).toMatchObject({
      ...{ codec_name: 'mjpeg', width: 1920, height: 1080, r_frame_rate: '25/1' },
    });
    expect(stream.nb_read_frames).toBe(stream.nb_frames);
    expect(Number(stream.nb_frames)).toBeGreaterThanOrEqual(32);
    // What it complains of goes to stderr, and with -xerror ends it.
    execFileSync('ffmpeg', ['-v', 'error', '-xerror', '-i', file, '-f', 'null', '-']);
  };
  ffmpeg.it('of an EOS R6 decodes, every frame of it', decodes('eos-r6', 'MP4'), 60_000);
  ffmpeg.it('of an EOS 1300D decodes, every frame of it', decodes('eos-1300d', 'MOV'), 60_000);
});
