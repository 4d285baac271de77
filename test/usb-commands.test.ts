/** `list`, `doctor` and the choice of a camera, on a bus in memory. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { HotshoeError } from '../src/base/errors.ts';
import { examine, type Finding } from '../src/node/doctor.ts';
import { describeHolders, deviceNode, findHolders } from '../src/node/usb/holders.ts';
import { findRule, installRule, pluggedGroup, ruleText } from '../src/node/usb/udev-rule.ts';
import type { UsbBus } from '../src/usb/port.ts';
import { createUsbBus, type VirtualCamera } from '../src/virtual/index.ts';
import { commandLine } from './support/command-line.ts';
import { smallCamera, smallIxus } from './support/small-pictures.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'hotshoe-usb-'));
const cameras: VirtualCamera[] = [];

afterEach(async () => {
  for (const camera of cameras.splice(0)) await camera.close();
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function busOf(...plugged: VirtualCamera[]) {
  cameras.push(...plugged);
  return createUsbBus(plugged);
}

const nothing = (): UsbBus => ({
  getDevices: async () => [],
  addEventListener: () => {},
  removeEventListener: () => {},
});

describe('list', () => {
  it('tells what is plugged in', async () => {
    const usb = busOf(smallCamera(), smallIxus());
    const { code, stdout } = await commandLine(['list'], { usb });
    expect(code).toBe(0);
    expect(stdout.split('\n').map((line) => line.split(/ {2,}/).slice(0, 2))).toEqual([
      ['usb:001,001', expect.stringContaining('EOS R6')],
      ['usb:001,002', expect.stringContaining('IXUS 180')],
      [''],
    ]);
    const [first] = JSON.parse((await commandLine(['list', '--json'], { usb })).stdout);
    expect(first).toMatchObject({
      address: 'usb:001,001',
      vendorId: 0x04a9,
      protocol: 'ptp',
      holders: [],
    });
  });

  it('is empty where there is no USB, which is no error', async () => {
    const { code, stdout, stderr } = await commandLine(['list'], { usb: nothing() });
    expect([code, stdout]).toEqual([0, '']);
    expect(stderr).toContain('no camera on USB');
    const json = await commandLine(['list', '--json'], { usb: nothing() });
    expect(JSON.parse(json.stdout)).toEqual([]);
  });

  it.each([
    {
      flag: '--jsonl',
      read: (text: string) =>
        text
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line)),
    },
    { flag: '--json', read: (text: string) => JSON.parse(text) },
  ])('--watch $flag tells of coming and going, and ends at Ctrl-C', async ({ flag, read }) => {
    const camera = smallCamera();
    const usb = busOf(camera);
    const abort = new AbortController();
    const running = commandLine(['list', '--watch', flag], { usb, signal: abort.signal });
    await until(async () => (await usb.getDevices()).length === 1);
    await new Promise((resolve) => setImmediate(resolve));
    await camera.unplug();
    camera.plug();
    await new Promise((resolve) => setImmediate(resolve));
    abort.abort();
    const { code, stdout } = await running;
    expect(code).toBe(0);
    expect(
      read(stdout).map(({ event, address }: { event: string; address: string }) => [
        event,
        address,
      ]),
    ).toEqual([
      ['plugged', 'usb:001,001'],
      ['unplugged', 'usb:001,001'],
      ['plugged', 'usb:001,002'],
    ]);
  });

  it('--watch in words', async () => {
    const camera = smallCamera();
    const usb = busOf(camera);
    const abort = new AbortController();
    const running = commandLine(['list', '--watch'], {
      usb,
      signal: abort.signal,
      onOutput: (text) => {
        if (text.includes('- usb')) abort.abort();
        else void camera.unplug();
      },
    });
    const { stdout } = await running;
    expect(stdout).toMatch(/^\+ usb:001,001 .*EOS R6.*\n- usb:001,001 .*EOS R6.*\n$/);
  });
});

describe('a camera that nobody named', () => {
  it('is the only one on USB', async () => {
    const { code, stdout } = await commandLine(['info', '--json'], { usb: busOf(smallCamera()) });
    expect([code, JSON.parse(stdout)]).toMatchObject([0, { address: 'usb:001,001' }]);
  });

  it('is none of several: the error lists them', async () => {
    const { code, stderr } = await commandLine(['info'], {
      usb: busOf(smallCamera(), smallIxus()),
    });
    expect(code).toBe(2);
    expect(stderr).toMatch(/2 cameras were found\n.*usb:001,001 \(.*\); usb:001,002 \(/);
  });

  it('is none at all', async () => {
    const { code, stderr } = await commandLine(['info'], { usb: nothing() });
    expect(code).toBe(3);
    expect(stderr).toContain('no camera was named, and none was found on USB');
  });

  it('and none is looked for where one was named', async () => {
    const usb = { ...nothing(), getDevices: () => Promise.reject(new Error('asked')) };
    const { code } = await commandLine(['-c', 'virtual:nosuch', 'info'], { usb });
    expect(code).toBe(2);
  });
});

describe('doctor', () => {
  async function findings(
    options: Partial<Parameters<typeof examine>[0]> = {},
  ): Promise<Finding[]> {
    const found = [];
    for await (const finding of examine({ usb: async () => nothing(), ...options })) {
      found.push(finding);
    }
    return found;
  }
  const of = (found: Finding[], check: string) => found.find((each) => each.check === check);

  it('finds nothing wrong with this Node and its package', async () => {
    const found = await findings();
    expect(of(found, 'node')?.state).toBe('ok');
    expect(of(found, 'usb package')?.state).toBe('ok');
    expect(of(found, 'cameras')?.message).toBe('no camera on USB');
  });

  it('says what is missing, and what to do', async () => {
    const missing = new HotshoeError('UNSUPPORTED', 'not installed', { hint: 'Install it.' });
    const found = await findings({
      usb: () => Promise.reject(missing),
      nodeVersion: '20.18.0',
      ruleFolders: [path.join(folder, 'none')],
      platform: 'linux',
    });
    expect(of(found, 'node')).toMatchObject({ state: 'problem', hint: expect.any(String) });
    expect(of(found, 'usb package')).toEqual({
      check: 'usb package',
      state: 'problem',
      message: 'not installed',
      hint: 'Install it.',
    });
    expect(of(found, 'udev rule')?.message).toMatch(/no rule/);
  });

  it.each([
    ['darwin', 'macOS', 'ptpcamerad'],
    ['win32', 'Windows', 'WinUSB'],
  ])('on %s says what applies there', async (platform, check, text) => {
    const found = await findings({ platform });
    expect(of(found, check)?.message).toContain(text);
    expect(of(found, 'udev rule')).toBeUndefined();
  });

  it('tries the address of a camera in the network', async () => {
    const camera = 'ptpip://127.0.0.1:1';
    const found = of(await findings({ camera }), `camera ${camera}`);
    expect(found).toMatchObject({ state: 'problem', message: expect.stringContaining('refused') });
  });

  it('installs nothing without a yes', async () => {
    const { code, stderr } = await commandLine(['doctor', '--fix'], { usb: nothing() });
    expect(code).toBe(2);
    expect(stderr).toContain('nothing was installed');
    expect(stderr).toContain('--yes');
  });

  it('the rule is found again where it was written, and is for PTP cameras', async () => {
    const rules = path.join(folder, 'rules.d');
    mkdirSync(rules);
    expect(await findRule([rules])).toBeUndefined();
    const file = path.join(rules, '70-hotshoe.rules');
    await installRule(file);
    expect(await findRule([rules])).toBe(file);
    expect(readFileSync(file, 'utf8')).toBe(ruleText(await pluggedGroup()));
    expect(ruleText('plugdev')).toContain('"*:060101:*", MODE="0660", GROUP="plugdev"');
    expect(ruleText()).toContain('TAG+="uaccess"');
    await expect(installRule(path.join(folder, 'no', 'x.rules'))).rejects.toMatchObject({
      code: 'FILE',
    });
  });

  it('a rule that is only a comment is none', async () => {
    const rules = path.join(folder, 'comment.d');
    mkdirSync(rules);
    writeFileSync(
      path.join(rules, '60-x.rules'),
      '# ENV{ID_USB_INTERFACES}=="*:060101:*", MODE="0660"\n',
    );
    expect(await findRule([rules])).toBeUndefined();
  });
});

describe('who holds a camera', () => {
  const proc = path.join(folder, 'proc');
  const place = { bus: 1, device: 4 };

  function process_(pid: number, comm: string, cmdline: string[], open: string[]) {
    mkdirSync(path.join(proc, String(pid), 'fd'), { recursive: true });
    writeFileSync(path.join(proc, String(pid), 'comm'), `${comm}\n`);
    writeFileSync(path.join(proc, String(pid), 'cmdline'), `${cmdline.join('\0')}\0`);
    open.forEach((target, fd) => {
      symlinkSync(target, path.join(proc, String(pid), 'fd', String(fd)));
    });
  }

  it('is told by what programs have open', async () => {
    process_(10, 'gvfsd-gphoto2', ['/usr/libexec/gvfsd-gphoto2'], ['/dev/null', deviceNode(place)]);
    process_(11, 'node', ['node', '/usr/bin/hotshoe', 'shoot'], [deviceNode(place)]);
    process_(12, 'other', ['other'], ['/dev/bus/usb/001/005']);
    mkdirSync(path.join(proc, 'self'));
    const holders = await findHolders(place, proc);
    expect(holders).toEqual([
      { pid: 10, name: 'gvfsd-gphoto2' },
      { pid: 11, name: 'hotshoe' },
    ]);
    expect(describeHolders(holders)).toBe('gvfsd-gphoto2 (process 10), hotshoe (process 11)');
    expect(await findHolders({ bus: 1, device: 9 }, proc)).toEqual([]);
  });
});

/** Waits, a turn at a time, for what this process itself brings about. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 1000; turn++) {
    if (await holds()) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error('it did not come about');
}
