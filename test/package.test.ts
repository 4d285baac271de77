/** The package as others get it: packed, installed into a project of theirs, run and imported. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '..');
const folder = mkdtempSync(path.join(tmpdir(), 'hotshoe-package-'));

/** Runs to its end; throws with what was printed when it fails. */
function run(command: string, ...args: string[]): string {
  return execFileSync(command, args, {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, XDG_STATE_HOME: path.join(folder, 'state') },
  });
}

beforeAll(() => {
  // What was built is packed as it is: another test may be using it.
  const packed = execFileSync(
    'npm',
    ['pack', '--ignore-scripts', '--json', '--pack-destination', folder],
    { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
  );
  expect(packed).toContain('hotshoe-');
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '';
  writeFileSync(
    path.join(folder, 'package.json'),
    JSON.stringify({ name: 'theirs', private: true, type: 'module' }),
  );
  run('npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', `./${tarball}`);
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the packed package', () => {
  it('answers npx hotshoe --help', () => {
    expect(run('npx', '--no-install', 'hotshoe', '--help')).toMatch(/^Usage: hotshoe /);
  });

  it('names no file that is not in it', () => {
    // Where `using` stands in the same function, the compiler leaves a dynamic import as it is.
    const dist = path.join(folder, 'node_modules/hotshoe/dist');
    const files = readdirSync(dist, { recursive: true, encoding: 'utf8' });
    const scripts = files.filter((name) => name.endsWith('.js'));
    expect(scripts.length).toBeGreaterThan(100);
    const left = scripts.filter((name) => {
      return /import\(["'][^"']+\.ts["']\)/.test(readFileSync(path.join(dist, name), 'utf8'));
    });
    expect(left).toEqual([]);
  });

  it('takes a picture', () => {
    const output = run('npx', '--no-install', 'hotshoe', 'first-picture');
    expect(output).toContain('Canon EOS R6');
    expect(readdirSync(path.join(folder, 'pictures'))).toEqual([
      expect.stringMatching(/^\w{4}0004\.JPG$/),
    ]);
  }, 30_000);

  it('is a library with four entries', () => {
    writeFileSync(
      path.join(folder, 'program.js'),
      `import { PtpSession } from 'hotshoe';
import { downloadFile, open } from 'hotshoe/node';
import 'hotshoe/virtual';
import { requestUsbCamera } from 'hotshoe/web';
const camera = await open('virtual:eos-r6');
const { data } = await camera.ptp.transaction(0x9033);
console.log(camera.identity.model, data.length, typeof PtpSession.open, typeof downloadFile, typeof requestUsbCamera);
await camera.close();
`,
    );
    expect(run(process.execPath, 'program.js')).toBe('Canon EOS R6 6 function function function\n');
  });
});
