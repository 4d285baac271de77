/** The page of `hotshoe serve` in Chromium, against virtual cameras. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { createVirtualCamera, type Picture, type VirtualCamera } from '../../src/virtual/index.ts';
import { browsing, fixtureScript, launch, seriousFindings } from '../support/browser.ts';
import { inNetwork, type NetworkCamera } from '../support/network-camera.ts';
import { type Served, served } from '../support/served.ts';

const root = path.resolve(import.meta.dirname, '../..');
/** Where pictures of each state go; none are made without it. */
const { HOTSHOE_SCREENSHOTS } = process.env;
const LONG = 120_000;

/** A real photograph of a virtual camera: making one for each test takes longer than the test. */
const jpeg = new Uint8Array(readFileSync(path.join(root, 'docs/images/first-picture.jpg')));
const start = jpeg.findIndex((_, i) => i > 2 && jpeg[i] === 0xff && jpeg[i + 1] === 0xd8);
const end = jpeg.findIndex((_, i) => i > start && jpeg[i] === 0xff && jpeg[i + 1] === 0xd9);
const picture: Picture = {
  jpeg,
  thumbnail: jpeg.slice(start, end + 2),
  thumbnailWidth: 160,
  thumbnailHeight: 120,
};

browsing.describe('the page in Chromium', () => {
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let server: Served;
  let complaints: string[];
  const networks: NetworkCamera[] = [];

  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
  });
  beforeEach(async () => {
    server = await served({ page: path.join(root, 'dist/page') });
    context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    complaints = [];
    page = await newPage();
  });
  afterEach(async () => {
    await context.close();
    await server[Symbol.asyncDispose]();
    for (const network of networks.splice(0)) await network.close();
    // No broken rule of its policy, no error that nobody caught, no request to anybody else.
    expect(complaints).toEqual([]);
  });

  async function newPage(): Promise<Page> {
    const made = await context.newPage();
    made.on('pageerror', (error) => complaints.push(error.message));
    made.on('console', (message) => {
      const expected = message.text().startsWith('Failed to load resource');
      if (message.type() === 'error' && !expected) complaints.push(message.text());
    });
    made.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(`${server.url}/`) && !/^(blob|data):/.test(url)) complaints.push(url);
    });
    return made;
  }

  async function camera(model = 'eos-r6', options = {}): Promise<[VirtualCamera, string]> {
    const virtual = createVirtualCamera(model, { takePicture: () => picture, ...options });
    const network = await inNetwork(virtual);
    networks.push(network);
    return [virtual, network.address];
  }

  /** With a camera whose live view has begun. */
  async function openWith(address: string): Promise<void> {
    await server.connect(address);
    await page.goto(server.url);
    await frames(page.locator('canvas').first(), 1);
  }

  const frameOf = async (canvas: Locator) => Number(await canvas.getAttribute('data-frame'));

  async function frames(canvas: Locator, more: number): Promise<void> {
    await canvas.waitFor();
    const from = await frameOf(canvas);
    await expect
      .poll(() => frameOf(canvas), { timeout: 20_000 })
      .toBeGreaterThanOrEqual(from + more);
  }

  async function shot(name: string): Promise<void> {
    if (!HOTSHOE_SCREENSHOTS) return;
    mkdirSync(HOTSHOE_SCREENSHOTS, { recursive: true });
    await page.screenshot({ path: path.join(HOTSHOE_SCREENSHOTS, `${name}.png`) });
  }

  const thumbs = () => page.locator('.thumb');
  const iso = (on: Page) => on.getByRole('combobox', { name: 'ISO', exact: true });
  const shutter = () => page.getByRole('button', { name: 'Take a picture' });

  browsing.it(
    'offers virtual cameras at first, connects one, and takes a picture',
    async () => {
      await page.goto(server.url);
      await page.getByRole('heading', { name: 'No camera is connected' }).waitFor();
      await page.getByRole('button', { name: 'Connect Canon EOS R6' }).waitFor();
      expect(await seriousFindings(page)).toEqual([]);
      await shot('page-welcome');
      await page.getByRole('button', { name: 'Connect Canon EOS R6' }).click();
      const canvas = page.locator('canvas');
      await frames(canvas, 3);
      await expect.poll(() => thumbs().count()).toBe(3);
      await shutter().click();
      await expect.poll(() => thumbs().count(), { timeout: 30_000 }).toBe(4);
      await page.getByText(/2U4A0004\.JPG taken in/).waitFor();
      await expect
        .poll(() => page.evaluate("document.querySelector('.thumb img')?.naturalWidth ?? 0"))
        .toBeGreaterThan(0);
      await frames(canvas, 3);
      expect(await seriousFindings(page)).toEqual([]);
      await shot('page-desk');
    },
    LONG,
  );

  browsing.it(
    'sets the ISO, and the picture changes; nothing moves meanwhile',
    async () => {
      const [, address] = await camera();
      await openWith(address);
      await page.evaluate(`
        globalThis.shifts = 0;
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) globalThis.shifts += entry.value;
        }).observe({ type: 'layout-shift' });
      `);
      const brightness = () =>
        page.evaluate<number>(`(() => {
          const canvas = document.querySelector('canvas');
          const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, 400);
          let sum = 0;
          for (let i = 0; i < data.length; i += 4) sum += data[i + 1];
          return sum / (data.length / 4);
        })()`);
      const before = await brightness();
      await iso(page).selectOption({ label: '3200' });
      await expect.poll(brightness, { timeout: 20_000 }).toBeGreaterThan(before * 1.1);
      await frames(page.locator('canvas'), 5);
      expect(await page.evaluate('globalThis.shifts')).toBe(0);
    },
    LONG,
  );

  browsing.it(
    'shows a picture with its EXIF, downloads it whole, deletes it when that is confirmed',
    async () => {
      const [, address] = await camera();
      await openWith(address);
      await thumbs().first().click();
      const viewer = page.getByRole('dialog', { name: '2U4A0003.JPG' });
      await viewer.getByText('RF24-105mm F4 L IS USM').waitFor();
      await viewer.locator('img[data-loaded="true"]').waitFor();
      expect(await seriousFindings(page)).toEqual([]);
      await shot('page-viewer');
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        viewer.getByRole('button', { name: 'Download 2U4A0003.JPG' }).click(),
      ]);
      const bytes = readFileSync(await download.path());
      const { entries } = await server.json<{ entries: { handle: number }[] }>(
        'GET',
        `/api/cameras/${server.cameras.list()[0]?.id}/files?newest=1`,
      );
      const direct = await server.request(
        'GET',
        `/api/cameras/${server.cameras.list()[0]?.id}/files/${entries[0]?.handle}/content`,
      );
      const hash = (data: Uint8Array) => createHash('sha256').update(data).digest('hex');
      expect(download.suggestedFilename()).toBe('2U4A0003.JPG');
      expect(hash(bytes)).toBe(hash(new Uint8Array(await direct.arrayBuffer())));

      await viewer.getByRole('button', { name: 'Delete 2U4A0003.JPG' }).click();
      const question = page.getByRole('dialog', { name: 'Delete 2U4A0003.JPG?' });
      await question.waitFor();
      // What is harmless has the focus.
      expect(await page.evaluate('document.activeElement?.textContent')).toBe('Keep it');
      await shot('page-delete');
      await question.getByRole('button', { name: 'Keep it' }).click();
      expect(await thumbs().count()).toBe(3);
      await viewer.getByRole('button', { name: 'Delete 2U4A0003.JPG' }).click();
      await question.getByRole('button', { name: 'Delete', exact: true }).click();
      await expect.poll(() => thumbs().count()).toBe(2);
      await page.getByRole('dialog', { name: '2U4A0002.JPG' }).waitFor();
    },
    LONG,
  );

  browsing.it(
    'shows what is on the card, folder by folder',
    async () => {
      const [, address] = await camera();
      await openWith(address);
      await page.getByRole('button', { name: 'Cards' }).click();
      const cards = page.getByRole('dialog', { name: 'Cards' });
      await cards.getByRole('button', { name: 'DCIM', exact: true }).click();
      await cards.getByRole('button', { name: '100CANON', exact: true }).click();
      await cards.getByRole('button', { name: 'Download 2U4A0001.JPG' }).waitFor();
      expect(await seriousFindings(page)).toEqual([]);
      await shot('page-cards');
      await cards.getByRole('button', { name: /^2U4A0001.JPG/ }).click();
      await page.getByRole('dialog', { name: '2U4A0001.JPG' }).waitFor();
      await page.keyboard.press('Escape');
      // Back where it was opened.
      await cards.getByRole('button', { name: 'Download 2U4A0001.JPG' }).waitFor();
    },
    LONG,
  );

  browsing.it(
    'waits for OK on the camera, says that it is lost, and goes on when it is back',
    async () => {
      const [virtual, address] = await camera('eos-r6', { accept: 'ask' });
      server.cameras.connect(address);
      await page.goto(server.url);
      await page.getByRole('heading', { name: 'Press OK on the camera' }).waitFor();
      expect(await seriousFindings(page)).toEqual([]);
      await shot('page-waiting');
      virtual.accept();
      await frames(page.locator('canvas'), 2);
      await virtual.unplug();
      await page.getByRole('heading', { name: 'The camera is gone' }).waitFor();
      expect(await seriousFindings(page)).toEqual([]);
      await shot('page-lost');
      virtual.plug();
      await expect.poll(() => virtual.state.asking, { timeout: 20_000 }).toBe(true);
      virtual.accept();
      await frames(page.locator('canvas'), 2);
    },
    LONG,
  );

  browsing.it(
    'says that the battery is low, the card is full, and a camera is not there',
    async () => {
      const [virtual, address] = await camera();
      await openWith(address);
      virtual.battery(5);
      await page.getByText('Battery low').waitFor();
      virtual.fault('card-full');
      await page.getByText('Card full').waitFor();
      await shutter().click();
      await page.getByRole('alert').waitFor();
      expect(await seriousFindings(page)).toEqual([]);
      await shot('page-card-full');
      await page.getByRole('button', { name: 'Camera', exact: false }).first().click();
      await page.getByLabel('In the network').fill('ptpip://127.0.0.1:1');
      await page.getByRole('button', { name: 'Connect', exact: true }).click();
      await page.getByRole('heading', { name: 'could not be connected' }).waitFor();
      await shot('page-failed');
    },
    LONG,
  );

  browsing.it(
    'serves two tabs from one camera',
    async () => {
      const [virtual, address] = await camera();
      await openWith(address);
      const other = await newPage();
      await other.goto(server.url);
      await frames(other.locator('canvas'), 3);
      await frames(page.locator('canvas'), 3);
      await iso(other).selectOption({ label: '1600' });
      await expect.poll(() => iso(page).inputValue()).toBe('ISO 1600');
      await other.getByRole('button', { name: 'Take a picture' }).click();
      await expect.poll(() => thumbs().count(), { timeout: 30_000 }).toBe(4);
      await virtual.press();
      await expect.poll(() => other.locator('.thumb').count(), { timeout: 30_000 }).toBe(5);
    },
    LONG,
  );

  browsing.it(
    'shows two cameras side by side',
    async () => {
      const [, first] = await camera();
      const [, second] = await camera('eos-1300d');
      await server.connect(first);
      await server.connect(second);
      await page.goto(server.url);
      const canvases = page.locator('canvas');
      await frames(canvases.nth(0), 2);
      await frames(canvases.nth(1), 2);
      expect(await seriousFindings(page)).toEqual([]);
      await shot('page-two-cameras');
      await page.getByRole('radio', { name: 'Canon EOS 1300D' }).check();
      await expect.poll(() => page.title()).toContain('1300D');
      await page.getByRole('button', { name: 'All cameras' }).click();
      await expect.poll(() => page.getByText(/taken/).count(), { timeout: 40_000 }).toBe(2);
    },
    LONG,
  );

  browsing.it(
    'can be used by the keyboard alone',
    async () => {
      const [, address] = await camera();
      await openWith(address);
      await page.keyboard.press(' ');
      await expect.poll(() => thumbs().count(), { timeout: 30_000 }).toBe(4);
      // To the live view, where arrows and Enter place the focus.
      for (let i = 0; i < 12; i++) {
        await page.keyboard.press('Tab');
        if (await page.locator('.view:focus').count()) break;
      }
      await page.keyboard.press('ArrowLeft');
      await page.keyboard.press('Enter');
      await page.getByText('In focus').waitFor();
      await page.locator('.focus-frame.focused').waitFor({ state: 'attached' });
      expect(await page.locator('.histogram path').count()).toBeGreaterThan(0);
      // On to the shutter button.
      for (let i = 0; i < 12; i++) {
        await page.keyboard.press('Tab');
        if (await page.locator('.shutter:focus').count()) break;
      }
      await page.keyboard.press('Enter');
      await expect.poll(() => thumbs().count(), { timeout: 30_000 }).toBe(5);
      await page.keyboard.press('c');
      await page.getByRole('dialog', { name: 'Cards' }).waitFor();
      await page.keyboard.press('Escape');
      await page.keyboard.press('?');
      await page.getByRole('dialog', { name: 'Keys' }).waitFor();
      expect(await seriousFindings(page)).toEqual([]);
      await shot('page-keys');
      await page.keyboard.press('Escape');
      await page.keyboard.press('l');
      await page.getByText('Live view is off.').waitFor();
    },
    LONG,
  );

  browsing.it(
    'fits a phone, and stands still where motion is not wanted',
    async () => {
      await page.setViewportSize({ width: 390, height: 844 });
      await page.emulateMedia({ reducedMotion: 'reduce' });
      const [, address] = await camera('eos-r6', { accept: 'ask' });
      const seat = server.cameras.connect(address);
      await page.goto(server.url);
      await page.getByRole('heading', { name: 'Press OK on the camera' }).waitFor();
      expect(await page.evaluate('document.getAnimations().length')).toBe(0);
      await shot('page-phone-waiting');
      await server.cameras.disconnect(seat.id);
      const [, open] = await camera();
      await openWith(open);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
      expect(await shutter().isVisible()).toBe(true);
      const box = await shutter().boundingBox();
      expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThanOrEqual(844);
      expect(await seriousFindings(page)).toEqual([]);
      await shot('page-phone');
      await thumbs().first().click();
      await page.locator('img[data-loaded="true"]').waitFor();
      await shot('page-phone-viewer');
    },
    LONG,
  );

  browsing.it(
    'records a movie',
    async () => {
      const [, address] = await camera();
      await openWith(address);
      await page.getByRole('button', { name: 'Movie' }).click();
      await page.getByText('REC', { exact: true }).waitFor({ timeout: 20_000 });
      await shot('page-movie');
      await page.getByRole('button', { name: 'Stop' }).click();
      await page.getByText('Movie saved on the card').waitFor({ timeout: 30_000 });
    },
    LONG,
  );

  browsing.it(
    'does the same over WebUSB, with no server behind it',
    async () => {
      await page.addInitScript(await fixtureScript('virtual-usb-page'));
      await page.route('**/api/**', (route) => {
        complaints.push(`the server was asked: ${route.request().url()}`);
        return route.abort();
      });
      await page.goto(`${server.url}/?transport=webusb`);
      await page.getByRole('button', { name: 'Choose a camera on USB' }).click();
      await frames(page.locator('canvas'), 2);
      await thumbs().first().click();
      const viewer = page.getByRole('dialog', { name: '2U4A0001.MP4' });
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        viewer.getByRole('button', { name: /Download/ }).click(),
      ]);
      const bytes = readFileSync(await download.path());
      const expected = Buffer.from(Uint8Array.from({ length: 5_000_123 }, (_, i) => i % 65_521));
      expect(bytes.equals(expected)).toBe(true);
      await page.keyboard.press('Escape');
      await shutter().click();
      await expect.poll(() => thumbs().count(), { timeout: 40_000 }).toBe(2);
      await shot('page-webusb');
      await page.evaluate('virtualCamera.unplug()');
      await page.getByRole('heading', { name: 'The camera is gone' }).waitFor();
      await page.evaluate('virtualCamera.plug()');
      await frames(page.locator('canvas'), 1);
    },
    LONG,
  );

  browsing.it(
    'makes a virtual camera over WebUSB too, and is under 150 kB in all',
    async () => {
      const sizes: Promise<string | null>[] = [];
      page.on('response', (response) => sizes.push(response.headerValue('content-length')));
      await page.route('**/api/**', (route) => route.abort());
      await page.goto(`${server.url}/?transport=webusb`);
      const choice = page.getByRole('button', { name: /Canon EOS R6/ });
      await choice.waitFor();
      const fetched = (await Promise.all(sizes)).reduce((sum, size) => sum + Number(size), 0);
      expect(fetched).toBeGreaterThan(50_000);
      expect(fetched).toBeLessThan(150_000);
      await choice.click();
      await frames(page.locator('canvas'), 1);
    },
    LONG,
  );
});
