/** Which programs have a USB device open. Linux tells, of one's own processes at least. */
import { readdir, readFile, readlink } from 'node:fs/promises';

export interface Holder {
  pid: number;
  /** "gvfsd-gphoto2"; "hotshoe" for one of ours. */
  name: string;
}

export interface UsbPlace {
  bus: number;
  device: number;
}

/** "/dev/bus/usb/001/004". */
export function deviceNode({ bus, device }: UsbPlace): string {
  const three = (value: number) => String(value).padStart(3, '0');
  return `/dev/bus/usb/${three(bus)}/${three(device)}`;
}

/** Empty where nobody has it open, and where the system does not say. `proc` for tests. */
export async function findHolders(place: UsbPlace, proc = '/proc'): Promise<Holder[]> {
  const node = deviceNode(place);
  const holders: Holder[] = [];
  for (const entry of await list(proc)) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    const folder = `${proc}/${entry}`;
    for (const fd of await list(`${folder}/fd`)) {
      // A file may be closed, a process may end while we look.
      if ((await readlink(`${folder}/fd/${fd}`).catch(() => '')) !== node) continue;
      holders.push({ pid, name: await nameOf(folder) });
      break;
    }
  }
  return holders;
}

/** "gvfsd-gphoto2 (process 4711)"; undefined for none. */
export function describeHolders(holders: readonly Holder[]): string | undefined {
  if (holders.length === 0) return undefined;
  return holders.map(({ pid, name }) => `${name} (process ${pid})`).join(', ');
}

async function nameOf(folder: string): Promise<string> {
  const words = (await readText(`${folder}/cmdline`)).split('\0').filter((word) => word !== '');
  // Scripts are named by what they run, not by the interpreter.
  if (words.slice(0, 3).some((word) => /hotshoe/.test(word))) return 'hotshoe';
  return (await readText(`${folder}/comm`)).trim() || words[0] || 'a program';
}

/** Other users' processes cannot be looked into. */
async function list(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

async function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
