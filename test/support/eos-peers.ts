/** The three virtual EOS bodies, each where gphoto2 reaches it: over TCP, or on USB. */
import type { VirtualCamera } from '../../src/virtual/index.ts';
import { Gphoto2 } from './gphoto2.ts';
import { UsbHost } from './usb/usb-host.ts';

export interface Program {
  readonly home: string;
  run(...args: string[]): Promise<string>;
  read(name: string): Buffer;
  close(): Promise<void>;
}

export async function overTcp(camera: VirtualCamera): Promise<Program> {
  const program = await Gphoto2.on(camera);
  return {
    home: program.home,
    // Some commands look for a camera first where they are not told which.
    run: async (...args) => (await program.run('--camera=PTP/IP Camera', ...args)).output,
    read: (name) => program.read(name),
    close: () => program.close(),
  };
}

export async function onUsb(camera: VirtualCamera): Promise<Program> {
  const host = await UsbHost.with(camera);
  return {
    home: host.home,
    run: async (...args) => (await host.run('gphoto2', ...args)).output,
    read: (name) => host.read(name),
    close: () => host.close(),
  };
}
