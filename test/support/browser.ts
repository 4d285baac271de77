/** Debian's Chromium, for tests of pages. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import axe from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';
import { build, type Rolldown } from 'vite';
import { peer } from './peers.ts';

const CHROMIUM = '/usr/bin/chromium';

export const browsing = peer('chromium', () =>
  existsSync(CHROMIUM) ? undefined : 'chromium is not installed',
);

export const launch = (): Promise<Browser> =>
  chromium.launch({
    executablePath: CHROMIUM,
    chromiumSandbox: false,
    args: ['--disable-background-networking', '--disable-component-update', '--no-first-run'],
  });

/** What axe finds that keeps people out. */
export async function seriousFindings(page: Page): Promise<string[]> {
  // Evaluated, not added as an element: the page's policy lets no foreign script in.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<{
    violations: { id: string; impact: string; nodes: { html: string }[] }[];
  }>('axe.run()');
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}

/** A script for a page, in one piece, of one of the fixtures. */
export async function fixtureScript(name: string): Promise<{ content: string }> {
  const root = path.resolve(import.meta.dirname, '../..');
  const result = await build({
    root,
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      minify: false,
      target: 'es2023',
      lib: {
        entry: path.join(root, `test/support/fixtures/${name}.ts`),
        formats: ['iife'],
        name: 'fixture',
      },
    },
  });
  const [{ output }] = result as [Rolldown.RolldownOutput];
  return { content: output.map((file) => (file.type === 'chunk' ? file.code : '')).join('\n') };
}
