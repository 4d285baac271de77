/**
 * Virtual cameras on the USB of a real kernel, which takes them over USB/IP: what its drivers, udev,
 * libusb and gphoto2 make of them.
 */
import { createHash } from 'node:crypto';
import path from 'node:path';
import { afterEach, expect } from 'vitest';
import { listenUsbip, type UsbipListener } from '../../src/node/usbip.ts';
import {
  createVirtualCamera,
  MemoryCard,
  patternContent,
  type VirtualCamera,
} from '../../src/virtual/index.ts';
import { GUEST_MS, guestProbe, HOST, runInGuest } from '../support/guest/guest.ts';
import { peer } from '../support/peers.ts';

const kernel = peer('a guest with a kernel of its own', guestProbe);

const PROGRAM = path.resolve(import.meta.dirname, '../../dist/cli/main.js');
const TIME = GUEST_MS + 10_000;
const CALLED = '2U4A0001.MP4';

let camera: VirtualCamera;
let server: UsbipListener;
afterEach(async () => {
  await server.close();
  await camera.close();
});

async function exported(model: string, size = 0): Promise<MemoryCard> {
  const card = new MemoryCard({ capacity: 8e9 });
  if (size > 0) card.addFile(`DCIM/100CANON/${CALLED}`, patternContent(size), 1_780_000_000);
  camera = createVirtualCamera(model, { card });
  server = await listenUsbip([camera], { port: 0 });
  return card;
}

async function hashOnCard(card: MemoryCard, file: string, size: number): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of card.read(file, 0, size)) hash.update(chunk);
  return hash.digest('hex');
}

/** What every script here begins with. */
function tools(): string {
  return `
    hotshoe='node ${PROGRAM}'
    plug() {
      usbip --tcp-port ${server.port} attach -r ${HOST} -b 1-1 >/dev/null 2>&1 || return
      await 'grep -qs 04a9 /sys/bus/usb/devices/1-1/idVendor' && udevadm settle
    }
    unplug() { usbip detach -p 0 2>/dev/null; }
    sha() { sha256sum "$1" | cut -d' ' -f1; }
    # For what takes its time: at most a minute and a half.
    await() { for i in $(seq 900); do eval "$1" && return; sleep 0.1; done; echo "in vain: $1"; }
  `;
}

/** "NAME: rest" as `{ NAME: rest }`. */
function told(lines: readonly string[]): Record<string, string> {
  const pairs = lines.map((line) => /^([a-z0-9-]+): (.*)$/.exec(line)?.slice(1));
  return Object.fromEntries(pairs.filter((pair) => pair !== undefined));
}

kernel.it(
  'is listed, read and released by gphoto2 and by our own commands alike',
  async () => {
    const size = 3_000_001;
    const card = await exported('eos-r6', size);
    const { code, lines } = await runInGuest(`${tools()}
      plug
      echo "kernel: $(cat /sys/bus/usb/devices/*/product | grep Canon)"
      echo "detected: $(gphoto2 --auto-detect | grep Canon)"
      echo "listed: $($hotshoe list)"
      gphoto2 --get-file /store_00010001/DCIM/100CANON/${CALLED} --filename theirs.mp4 >/dev/null
      echo "theirs: $(sha theirs.mp4)"
      $hotshoe get ${CALLED} --name ours.mp4 >/dev/null
      echo "ours: $(sha ours.mp4)"
      gphoto2 --capture-image-and-download --filename theirs.jpg >/dev/null
      echo "shot-theirs: $(head -c 2 theirs.jpg | od -An -tx1)"
      echo "shot-ours: $($hotshoe shoot --download)"
      echo "picture: $(sha 2U4A0003.JPG)"
      dmesg | grep -i 'usb 1-1:.*error' && echo "errors: yes"
      unplug
    `);
    const heard = told(lines);
    const hash = await hashOnCard(card, `DCIM/100CANON/${CALLED}`, size);
    expect({ code, ...heard }).toMatchObject({
      code: 0,
      kernel: 'Canon Digital Camera',
      detected: expect.stringMatching(/^Canon EOS R6 +usb:001,\d+/),
      listed: expect.stringMatching(/^usb:001,\d+ +Canon EOS R6$/),
      theirs: hash,
      ours: hash,
      'shot-theirs': ' ff d8',
      'shot-ours': expect.stringMatching(/^2U4A\d{4}\.JPG$/),
    });
    expect(heard.errors).toBeUndefined();
  },
  TIME,
);

kernel.it(
  'takes an upload, on an IXUS 180, from both',
  async () => {
    const card = await exported('ixus-180');
    const size = 8 * 512 - 12;
    const { code, lines } = await runInGuest(`${tools()}
      plug
      head -c 200001 /dev/urandom >theirs.jpg
      head -c ${size} /dev/urandom >ours.jpg
      gphoto2 --folder /store_00010001 --upload-file theirs.jpg >/dev/null
      $hotshoe put ours.jpg
      echo "theirs: $(sha theirs.jpg)"
      echo "ours: $(sha ours.jpg)"
    `);
    expect({ code, ...told(lines) }).toMatchObject({
      code: 0,
      theirs: await hashOnCard(card, 'theirs.jpg', 200_001),
      ours: await hashOnCard(card, 'ours.jpg', size),
    });
  },
  TIME,
);

kernel.it(
  'is seen to come and go; a download that it interrupts is resumed',
  async () => {
    const size = 40_000_000;
    const card = await exported('eos-r6', size);
    const { code, lines } = await runInGuest(
      `${tools()}
      $hotshoe list --watch >watched 2>&1 &
      watching=$!
      sleep 4
      plug
      await 'grep -q "^+" watched'
      unplug
      await 'grep -q "^-" watched'
      plug
      await '[ $(grep -c "^+" watched) = 2 ]'
      kill -INT $watching
      wait $watching
      echo "watch-code: $?"
      sed 's/^/watched /' watched

      $hotshoe get ${CALLED} >got 2>&1 &
      getting=$!
      await '[ $(stat -c %s ${CALLED}.part 2>/dev/null || echo 0) -gt 4000000 ]'
      echo "pull the cable"
      wait $getting
      echo "cut-code: $?"
      sed 's/^/cut /' got
      echo "left: $(ls | tr '\\n' ' ')"
      part=$(stat -c %s ${CALLED}.part)
      await plug
      $hotshoe get ${CALLED} -v >got 2>&1
      echo "resumed-code: $?"
      echo "bytes: $(grep -o '[0-9]* bytes' got | awk '{ sum += $1 } END { print sum }')"
      echo "part: $part"
      echo "whole: $(sha ${CALLED})"
      `,
      async (line) => {
        if (line !== 'pull the cable') return;
        await camera.unplug();
        camera.plug();
      },
    );
    const heard = told(lines);
    expect({ code, ...heard }).toMatchObject({
      code: 0,
      'watch-code': '0',
      'cut-code': '6',
      left: `${CALLED}.part got watched `,
      'resumed-code': '0',
      whole: await hashOnCard(card, `DCIM/100CANON/${CALLED}`, size),
    });
    const changes = ['+', '-', '+'].map((sign) => `watched ${sign} usb:001,00N Canon EOS R6`);
    const watched = lines.filter((line) => line.startsWith('watched '));
    expect(watched.map((line) => line.replace(/,00\d/, ',00N'))).toEqual(changes);
    // What was there already is compared at its ends, not read again.
    const part = Number(heard.part);
    expect(part).toBeGreaterThan(4_000_000);
    expect(Number(heard.bytes)).toBeGreaterThanOrEqual(size - part);
    expect(Number(heard.bytes)).toBeLessThan(size - part / 2);
  },
  TIME,
);
