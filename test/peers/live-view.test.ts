/** Live view before programs nobody here wrote: exiftool, gphoto2, and a browser. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { afterAll, expect } from 'vitest';
import { createVirtualCamera } from '../../src/virtual/index.ts';
import { commandLine } from '../support/command-line.ts';
import { Gphoto2 } from '../support/gphoto2.ts';
import { peer, runs } from '../support/peers.ts';

const CHROMIUM = '/usr/bin/chromium';
const hasExiftool = () => runs('exiftool', '-ver');
const exiftool = peer('exiftool', hasExiftool);
const gphoto2 = peer('gphoto2', () => runs('gphoto2', '--version') ?? hasExiftool());
const browsing = peer('chromium', () =>
  existsSync(CHROMIUM) ? undefined : 'chromium is not installed',
);

const folder = mkdtempSync(path.join(tmpdir(), 'hotshoe-live-view-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What exiftool says of a picture: "OK 960x640 Baseline DCT, Huffman coding". */
function judged(jpeg: Uint8Array): string {
  const file = path.join(folder, 'frame.jpg');
  writeFileSync(file, jpeg);
  const tags = ['-validate', '-ImageSize', '-EncodingProcess'];
  return execFileSync('exiftool', [...tags, '-s3', file], { encoding: 'utf8' })
    .trim()
    .replaceAll('\n', ' ');
}

const SOUND = 'OK 960x640 Baseline DCT, Huffman coding';

exiftool.describe('exiftool reads live view', () => {
  exiftool.it('from --stdout, one picture after the other', async () => {
    const { bytes } = await commandLine('-c virtual:eos-r6 live --stdout --count 3'.split(' '));
    const starts = [...bytes.toString('latin1').matchAll(/\xff\xd8\xff/g)].map(
      ({ index }) => index,
    );
    expect(starts).toHaveLength(3);
    for (const [i, start] of starts.entries()) {
      expect(judged(bytes.subarray(start, starts[i + 1]))).toBe(SOUND);
    }
  });
});

gphoto2.describe('gphoto2 shows live view of virtual cameras', () => {
  gphoto2.it(
    'of an EOS R6, which exiftool reads',
    async () => {
      const program = await Gphoto2.on(createVirtualCamera('eos-r6'));
      try {
        await program.run('--capture-preview');
        expect(judged(program.read('capture_preview.jpg'))).toBe(SOUND);
      } finally {
        await program.close();
      }
    },
    60_000,
  );

  gphoto2.it(
    'and ends that of a 1300D, by a value that the body does not list',
    async () => {
      const camera = createVirtualCamera('eos-1300d');
      const program = await Gphoto2.on(camera);
      try {
        const { code, output } = await program.run(
          ...['--set-config', 'viewfinder=1', '--set-config', 'viewfinder=0'],
        );
        expect([code, output]).toEqual([0, expect.not.stringContaining('rror')]);
        expect(camera.requests(0x9110)).toBeGreaterThan(1);
        expect(camera.state.liveView).toBe(false);
      } finally {
        await program.close();
      }
    },
    60_000,
  );
});

browsing.describe('chromium shows live view', () => {
  browsing.it(
    'that moves',
    async () => {
      const stop = new AbortController();
      let running: Promise<unknown> | undefined;
      const url = await new Promise<string>((resolve) => {
        running = commandLine('-c virtual:eos-r6 live --http 0'.split(' '), {
          signal: stop.signal,
          onOutput: (text) => resolve(text.trim()),
        });
      });
      const browser = await chromium.launch({ executablePath: CHROMIUM, chromiumSandbox: false });
      try {
        const page = await browser.newPage();
        // The stream never ends, and with it the loading of the page.
        await page.goto(url, { waitUntil: 'commit' });
        await expect.poll(() => width(page), { timeout: 15_000 }).toBe(960);
        const first = await page.screenshot();
        await expect
          .poll(async () => (await page.screenshot()).equals(first), { timeout: 10_000 })
          .toBe(false);
      } finally {
        await browser.close();
        stop.abort();
        await running;
      }
    },
    60_000,
  );
});

function width(page: Page): Promise<number> {
  return page.evaluate<number>('document.images[0]?.naturalWidth ?? 0');
}
