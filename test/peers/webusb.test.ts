/** The example page in Chromium, with a virtual camera in place of `navigator.usb`. */
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, expect } from 'vitest';
import { browsing, fixtureScript, launch } from '../support/browser.ts';

const root = path.resolve(import.meta.dirname, '../..');

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
};

browsing.describe('examples/webusb in Chromium', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'hotshoe-webusb-'));
  let server: Server;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    await build({
      configFile: path.join(root, 'examples/webusb/vite.config.ts'),
      logLevel: 'error',
      build: { outDir: path.join(folder, 'page') },
    });
    server = createServer((request, response) => {
      const name = request.url === '/' ? '/index.html' : (request.url ?? '');
      const file = path.join(folder, 'page', path.normalize(name));
      response.setHeader('content-type', TYPES[path.extname(file)] ?? 'text/plain');
      response.end(existsSync(file) ? readFileSync(file) : '');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    browser = await launch();
    page = await browser.newPage();
    await page.addInitScript(await fixtureScript('virtual-usb-page'));
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true, force: true });
  });

  async function downloaded(name: string): Promise<Buffer> {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: `Download ${name}` }).click(),
    ]);
    expect(download.suggestedFilename()).toBe(name);
    return readFileSync(await download.path());
  }

  browsing.it(
    'connects, lists, and downloads byte for byte',
    async () => {
      await page.getByRole('button', { name: 'Connect a camera' }).click();
      await page.getByText('Canon EOS R6').waitFor();
      const bytes = await downloaded('2U4A0001.MP4');
      const expected = Buffer.from(Uint8Array.from({ length: 5_000_123 }, (_, i) => i % 65_521));
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(
        createHash('sha256').update(expected).digest('hex'),
      );
    },
    60_000,
  );

  browsing.it(
    'takes a picture and downloads it',
    async () => {
      await page.getByRole('button', { name: 'Take a picture' }).click();
      const button = page.getByRole('button', { name: /Download .*0002\.JPG/ });
      await button.waitFor({ timeout: 60_000 });
      const name = (await button.getAttribute('aria-label'))?.replace('Download ', '') ?? '';
      const bytes = await downloaded(name);
      expect(bytes.subarray(0, 3).toString('hex')).toBe('ffd8ff');
      expect(bytes.subarray(-2).toString('hex')).toBe('ffd9');
    },
    90_000,
  );

  browsing.it(
    'says that the camera was unplugged, and finds it when it comes back',
    async () => {
      await page.evaluate('virtualCamera.unplug()');
      await page.getByRole('alert').getByText('was unplugged').waitFor();
      expect(await page.getByRole('button', { name: 'Take a picture' }).isDisabled()).toBe(true);
      await page.evaluate('virtualCamera.plug()');
      await page.getByRole('button', { name: 'Download 2U4A0001.MP4' }).waitFor();
    },
    60_000,
  );
});
