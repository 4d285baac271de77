/** gphoto2 and our own command line with a virtual IXUS 180: uploads, deletions, long listings. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect } from 'vitest';
import { createVirtualCamera, MemoryCard, patternContent } from '../../src/virtual/index.ts';
import { Gphoto2, hash } from '../support/gphoto2.ts';
import { Shell } from '../support/hotshoe.ts';
import { peer } from '../support/peers.ts';
import { TINY_JPEG } from '../support/small-pictures.ts';

const gphoto2 = peer('gphoto2');
const TIME = 60_000;
const FOLDER = 'DCIM/104___07';
const ROOT = '/store_00010001';

/** More than one packet, and no two parts alike. */
const content = Uint8Array.from({ length: 1_300_003 }, (_, i) => (i * 7 + (i >> 9)) & 0xff);

let shell: Shell;
let program: Gphoto2;
let card: MemoryCard;

beforeEach(() => {
  shell = new Shell();
  card = new MemoryCard();
  for (const i of [1, 2, 3]) {
    card.addFile(`${FOLDER}/IMG_000${i}.JPG`, TINY_JPEG, Date.UTC(2026, 6, 14) / 1000);
  }
});
afterEach(async () => {
  await shell.close();
  await program.close();
});

const hotshoe = (...args: string[]) => shell.run(['--camera', program.address, ...args]);
const bytesOnCard = async (path: string) => {
  const parts: Uint8Array[] = [];
  for await (const part of card.read(path, 0, 1e9)) parts.push(part);
  return Buffer.concat(parts);
};
function fileFor(name: string): string {
  const path = join(shell.folder, name);
  writeFileSync(path, content);
  return path;
}

gphoto2.describe('gphoto2 on a virtual IXUS 180', () => {
  beforeEach(async () => {
    program = await Gphoto2.on(createVirtualCamera('ixus-180', { card }));
  });

  gphoto2.it(
    '--summary',
    async () => {
      const { output } = await program.run('--summary');
      expect(output).toContain('Manufacturer: Canon Inc.');
      expect(output).toContain('Model: Canon IXUS 180');
      expect(output).toContain('Version: 1-15.0.1.0');
      expect(output).toContain('File Download, File Deletion, File Upload');
      expect(output).toContain('StorageDescription: SD\n');
      // As libgphoto2's listing of a real one has them.
      for (const line of [
        'Event Emulate Mode(0xd045):(readwrite) (type=0x4) Enumeration [1,2,3,4,5,6,7] value: 2',
        'Property 0xd04a:(readwrite) (type=0x2) Enumeration [0,1,2,3] value: 0',
        'Size of Output Data from Camera(0xd02e):(read only) (type=0x6) 524288',
        'DPOF Version(0xd046):(read only) (type=0x4) 257',
        'Remote API Version(0xd030):(read only) (type=0x6) 256',
        'Model ID(0xd049):(read only) (type=0x6) 67305472',
        'Firmware Version(0xd031):(read only) (type=0x6) 16777216',
        "Property 0xd402:(read only) (type=0xffff) 'Canon IXUS 180'",
      ]) {
        expect(output).toContain(line);
      }
      expect(program.camera.requests(0x1014)).toBe(23);
    },
    TIME,
  );

  gphoto2.it(
    'what our put uploads is there for gphoto2, byte by byte, and for our get',
    async () => {
      const put = await hotshoe('put', fileFor('script.bin'));
      expect(put).toMatchObject({ code: 0 });
      expect(hash(await bytesOnCard('script.bin'))).toBe(hash(content));
      expect(program.camera.requests(0x100d)).toBe(1);

      const { output } = await program.run('--folder', ROOT, '--list-files', '--no-recurse');
      expect(output).toMatch(/#1 +script\.bin/);
      await program.run('--folder', ROOT, '--get-file', 'script.bin', '--filename=theirs.bin');
      expect(hash(program.read('theirs.bin'))).toBe(hash(content));

      const got = await hotshoe('get', 'script.bin', '-o', '-');
      expect(got.code).toBe(0);
      expect(hash(got.bytes)).toBe(hash(content));
    },
    TIME,
  );

  gphoto2.it(
    '--upload-file into a folder is refused, and nothing is written',
    async () => {
      const before = card.paths();
      const file = fileFor('new.jpg');
      const { output } = await program.run('--folder', `${ROOT}/${FOLDER}`, '--upload-file', file);
      expect(output).toContain('PTP Parameter Not Supported');
      expect(program.camera.requests(0x100c)).toBe(1);
      expect(program.camera.requests(0x100d)).toBe(0);
      expect(card.paths().filter((path) => path !== 'MISC')).toEqual(before);
    },
    TIME,
  );

  gphoto2.it(
    '--delete-file and --get-file',
    async () => {
      const folder = `${ROOT}/${FOLDER}`;
      await program.run('--folder', folder, '--get-file', 'IMG_0003.JPG');
      expect(program.read('IMG_0003.JPG')).toEqual(Buffer.from(TINY_JPEG));
      await program.run('--folder', folder, '--delete-file', 'IMG_0001.JPG');
      expect(card.paths().filter((path) => path.endsWith('.JPG'))).toEqual([
        `${FOLDER}/IMG_0002.JPG`,
        `${FOLDER}/IMG_0003.JPG`,
      ]);
      const { output } = await program.run('--folder', folder, '--list-files');
      expect(output).toContain(`There are 2 files in folder '${folder}'.`);
    },
    TIME,
  );

  gphoto2.it(
    'our rm, protect and ls, with gphoto2 and the card as witnesses',
    async () => {
      const [first, second] = [`${FOLDER}/IMG_0001.JPG`, `${FOLDER}/IMG_0002.JPG`];
      expect(await hotshoe('protect', first)).toMatchObject({ code: 0 });
      expect(program.camera.requests(0x1012)).toBe(1);
      const kept = await hotshoe('rm', first, second);
      expect(kept.code).not.toBe(0);
      expect(kept.stderr).toContain('Object_WriteProtected');
      expect(card.paths()).toContain(first);
      expect(card.paths()).not.toContain(second);
      // gphoto2's third column: what may be done with a file.
      const { output } = await program.run('--folder', `${ROOT}/${FOLDER}`, '--list-files');
      expect(output).toMatch(/IMG_0001\.JPG +r-/);
      expect(output).toMatch(/IMG_0003\.JPG +rd/);

      expect(await hotshoe('protect', '--off', first)).toMatchObject({ code: 0 });
      expect(await hotshoe('rm', first)).toMatchObject({ code: 0 });
      const listed = await hotshoe('ls', FOLDER, '--json');
      expect(JSON.parse(listed.stdout)).toMatchObject([{ name: 'IMG_0003.JPG' }]);
      expect(card.paths().filter((path) => path.endsWith('.JPG'))).toEqual([
        `${FOLDER}/IMG_0003.JPG`,
      ]);
    },
    TIME,
  );

  gphoto2.it(
    'a full card takes no upload of ours, a folder neither',
    async () => {
      program.camera.fault('card-full');
      const full = await hotshoe('put', fileFor('a.bin'));
      expect(full.code).not.toBe(0);
      expect(full.stderr).toContain('Store_Full');
      program.camera.fault('off');
      const folder = await hotshoe('put', '--to', FOLDER, fileFor('b.bin'));
      expect(folder.code).toBe(5);
      expect(program.camera.requests(0x100d)).toBe(0);
      expect(card.paths().some((path) => path.endsWith('.bin'))).toBe(false);
    },
    TIME,
  );
});

gphoto2.it(
  'gphoto2 lists ten thousand files, and so does our ls',
  async () => {
    const small = patternContent(1000);
    for (const folder of ['105___07', '106___08']) {
      for (let i = 1; i <= 5000; i++) {
        const name = `IMG_${String(i).padStart(4, '0')}.JPG`;
        card.addFile(`DCIM/${folder}/${name}`, small, Date.UTC(2026, 7, 1) / 1000);
      }
    }
    program = await Gphoto2.on(createVirtualCamera('ixus-180', { card }));
    const { output } = await program.run('--list-files');
    const counts = [...output.matchAll(/^There are (\d+) files/gm)].map(([, count]) => count);
    expect(counts).toEqual(['3', '5000', '5000']);
    expect(output.match(/^#\d+ +IMG_\d{4}\.JPG/gm)).toHaveLength(10_003);
    const listed = await hotshoe('ls', '-R', '--json');
    const objects = JSON.parse(listed.stdout) as { kind: string }[];
    expect(objects.filter(({ kind }) => kind === 'file')).toHaveLength(10_003);
    // One transaction a folder: root, DCIM, its three folders, MISC.
    expect(program.camera.requests(0x1008)).toBeLessThan(10);
  },
  TIME,
);

gphoto2.it(
  'gphoto2 uploads into the root; gphoto2 and our get read it back, gphoto2 deletes it',
  async () => {
    program = await Gphoto2.on(createVirtualCamera('ixus-180', { card }));
    for (const name of ['new.jpg', 'new.bin']) {
      await program.run('--folder', ROOT, '--upload-file', fileFor(name));
      expect(hash(await bytesOnCard(name))).toBe(hash(content));
      await program.run('--folder', ROOT, '--get-file', name, `--filename=back-${name}`);
      expect(hash(program.read(`back-${name}`))).toBe(hash(content));
      const got = await hotshoe('get', name, '-o', '-');
      expect(hash(got.bytes)).toBe(hash(content));
      await program.run('--folder', ROOT, '--delete-file', name);
      expect(card.paths()).not.toContain(name);
    }
  },
  TIME,
);
