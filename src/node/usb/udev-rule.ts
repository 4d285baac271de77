/** The rule that lets users at cameras on Linux. */
import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { fileError } from '../file-error.ts';

/**
 * Behind 50-udev-default.rules, which reads the interfaces, and before 73-seat-late.rules, which
 * gives what is tagged to whoever sits at the computer.
 */
export const RULE_FILE = '/etc/udev/rules.d/70-hotshoe.rules';

const FOLDERS = [
  '/etc/udev/rules.d',
  '/run/udev/rules.d',
  '/usr/lib/udev/rules.d',
  '/lib/udev/rules.d',
];

/** Class 6/1/1 is still image: every PTP camera. The group is for users who are not at the screen. */
export function ruleText(group?: string | undefined): string {
  const forGroup = group ? `, MODE="0660", GROUP="${group}"` : '';
  return `# Cameras that speak PTP, for whoever sits at this computer; written by hotshoe doctor
ACTION!="remove", SUBSYSTEM=="usb", ENV{DEVTYPE}=="usb_device", ENV{ID_USB_INTERFACES}=="*:060101:*"${forGroup}, TAG+="uaccess"
`;
}

/** The file of a rule for PTP cameras, ours or another program's (libgphoto2 brings one). */
export async function findRule(folders: readonly string[] = FOLDERS): Promise<string | undefined> {
  for (const folder of folders) {
    const names = await readdir(folder).catch(() => []);
    for (const name of names.filter((each) => each.endsWith('.rules')).sort()) {
      const file = `${folder}/${name}`;
      const text = await readFile(file, 'utf8').catch(() => '');
      if (/^[^#\n]*ID_USB_INTERFACES[^#\n]*:060101:/m.test(text)) return file;
    }
  }
  return undefined;
}

/** The group that may use plugged devices, on systems that have one. */
export async function pluggedGroup(file = '/etc/group'): Promise<string | undefined> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return /^plugdev:/m.test(text) ? 'plugdev' : undefined;
}

/** Writes the rule. Needs root. */
export async function installRule(file = RULE_FILE): Promise<void> {
  try {
    await writeFile(file, ruleText(await pluggedGroup()), { mode: 0o644 });
  } catch (error) {
    throw fileError(error, 'write', file, 'Run it as root: sudo hotshoe doctor --fix');
  }
}

/** Has udev apply its rules to what is plugged in. */
export async function applyRules(): Promise<void> {
  const udevadm = promisify(execFile);
  // Without a running udev the rule is read when it starts.
  await udevadm('udevadm', ['control', '--reload']).catch(() => undefined);
  await udevadm('udevadm', ['trigger', '--subsystem-match=usb', '--action=change']).catch(
    () => undefined,
  );
}
