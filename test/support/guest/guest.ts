/**
 * A computer with a kernel of its own: Debian's, in QEMU, with this machine's files under it. What
 * it writes is gone when it ends. `prepare.sh` makes what is booted here.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { ignore } from '../../../src/base/time.ts';
import { runs } from '../peers.ts';

const FOLDER =
  process.env.HOTSHOE_GUEST ??
  path.join(process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache'), 'hotshoe-guest');

/** In the guest, this machine's 127.0.0.1. */
export const HOST = '10.0.2.2';

/** Its processor is made of software: beside other tests it takes twice as long as alone. */
export const GUEST_MS = 240_000;
/** The last line of a guest that came to the end of its script. */
const ENDED = /^guest ended with (\d+)$/;

/** Why there can be no guest here; `undefined` when there can. */
export function guestProbe(): string | undefined {
  const missing = runs('qemu-system-x86_64', '--version') ?? runs('usbip', 'version');
  if (missing) return missing;
  if (existsSync(path.join(FOLDER, 'done'))) return undefined;
  return `no guest has been made by test/support/guest/prepare.sh ${FOLDER}`;
}

export interface GuestRun {
  /** Exit code of the script; undefined where it did not come to its end. */
  code: number | undefined;
  /** What the script printed, by lines. */
  lines: string[];
}

/** Runs a script of bash as root; `onLine` hears each line that it prints when it comes, and is waited for in the end. */
export async function runInGuest(
  script: string,
  onLine: (line: string) => unknown = ignore,
): Promise<GuestRun> {
  const job = mkdtempSync(path.join(FOLDER, 'job-'));
  try {
    writeFileSync(path.join(job, 'script.sh'), script);
    writeFileSync(path.join(job, 'stage.sh'), stage(job));
    return await boot(job, onLine);
  } finally {
    rmSync(job, { recursive: true, force: true });
  }
}

function stage(job: string): string {
  return `export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export HOME=/tmp/home LC_ALL=C
mkdir -p /tmp/home
mount --bind ${FOLDER}/modules /lib/modules/$(uname -r) 2>/dev/null || {
  mkdir -p /lib/modules/$(uname -r)
  mount --bind ${FOLDER}/modules /lib/modules/$(uname -r)
}
hostname guest
ip link set lo up
modprobe virtio_net
for card in /sys/class/net/e*; do
  ip link set $(basename $card) up
  ip address add 10.0.2.15/24 dev $(basename $card)
done
modprobe vhci-hcd
/lib/systemd/systemd-udevd --daemon
cd /tmp/home
out=/dev/$(basename $(dirname $(grep -lx out /sys/class/virtio-ports/*/name)))
bash ${job}/script.sh </dev/null >$out 2>&1
echo "guest ended with $?" >$out
echo o >/proc/sysrq-trigger
sleep 10
`;
}

function boot(job: string, onLine: (line: string) => unknown): Promise<GuestRun> {
  const machine = [
    ...['-M', 'q35', '-accel', 'tcg,thread=multi,tb-size=512', '-cpu', 'max', '-smp', '2'],
    ...['-m', '2048', '-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot'],
    ...['-kernel', path.join(FOLDER, 'vmlinuz'), '-initrd', path.join(FOLDER, 'first.img')],
    ...['-append', `quiet panic=-1 mitigations=off no_timer_check nowatchdog job=${job}`],
    ...['-device', 'virtio-serial-pci', '-chardev', 'stdio,id=out,signal=off'],
    ...['-device', 'virtserialport,chardev=out,name=out'],
    ...['-fsdev', 'local,id=root,path=/,security_model=none,readonly=on,multidevs=remap'],
    ...['-device', 'virtio-9p-pci,fsdev=root,mount_tag=host'],
    ...['-netdev', 'user,id=net', '-device', 'virtio-net-pci,netdev=net,romfile='],
    ...['-device', 'virtio-rng-pci'],
  ];
  const child = spawn('qemu-system-x86_64', machine, {
    // The port is closed with its input: that stays open, and silent.
    stdio: ['pipe', 'pipe', 'inherit'],
    timeout: GUEST_MS,
    killSignal: 'SIGKILL',
  });
  const run: GuestRun = { code: undefined, lines: [] };
  const heard: unknown[] = [];
  createInterface({ input: child.stdout }).on('line', (raw) => {
    const line = raw.replace(/\r$/, '');
    const ended = ENDED.exec(line);
    if (ended) {
      run.code = Number(ended[1]);
      return;
    }
    run.lines.push(line);
    heard.push(onLine(line));
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => resolve(Promise.all(heard).then(() => run)));
  });
}
