/** How people come to the page: links, a QR code for phones, the browser of this computer. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { renderUnicodeCompact } from 'uqr';
import { ignore } from '../base/time.ts';
import { hostAndPort } from '../node/tcp.ts';

export function makeToken(): string {
  return randomBytes(16).toString('base64url');
}

/** Only programs of this computer can reach it. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** One link for each address that the server can be reached at. */
export function linksTo(host: string, port: number, token: string | undefined): string[] {
  const every = host === '0.0.0.0' || host === '::';
  const hosts = every ? ownAddresses(host === '::') : [host];
  const query = token === undefined ? '' : `?token=${token}`;
  return hosts.map((each) => `http://${hostAndPort(each, port)}/${query}`);
}

function ownAddresses(sixToo: boolean): string[] {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const outside = all.filter(({ internal, family, scopeid }) => {
    return !internal && (family === 'IPv4' || (sixToo && !scopeid));
  });
  return [...outside.map(({ address }) => address), '127.0.0.1'];
}

/** For the camera of a phone: lines of text. */
export function qrCode(text: string): string {
  return renderUnicodeCompact(text, { border: 2 });
}

/** Opens the page where somebody sits in front of a screen; failing is no harm. */
export function openBrowser(url: string, env: NodeJS.ProcessEnv): void {
  const command = browserCommand(env);
  if (!command) return;
  const [file, ...args] = command;
  const child = spawn(file, [...args, url], { stdio: 'ignore', detached: true });
  child.on('error', ignore);
  child.unref();
}

function browserCommand(env: NodeJS.ProcessEnv): [string, ...string[]] | undefined {
  if (process.platform === 'darwin') return ['open'];
  if (process.platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler'];
  return env.DISPLAY || env.WAYLAND_DISPLAY ? ['xdg-open'] : undefined;
}
