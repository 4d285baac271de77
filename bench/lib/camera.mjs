// @ts-check
// The virtual camera as a process of its own, and the command line that talks to it.
import path from 'node:path';
import { start } from './children.mjs';

/**
 * @typedef {object} Camera
 * @property {number} port Of PTP/IP.
 * @property {string} usbip HOST:PORT of USB/IP.
 * @property {() => { ms: number, requests: number, operations: string[] } | undefined} transfer
 *   What the camera saw of a file since the last call: from the first request to the last response.
 * @property {() => Promise<void>} stop
 */

/** "812.402 4.103 GetPartialObject(0x51900011, 0x0, 0x400000): OK": when answered, after how long. */
const LOGGED = /^(\d+\.\d+) (\d+\.\d+) (\w+)\((.*)\): OK$/;
const READS = /^Get(Partial)?Object(Ex|Ex64|64)?$/;

/**
 * @param {string} program
 * @param {string} card
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Camera>}
 */
export async function startCamera(program, card, env) {
  let text = '';
  /** @type {{ answered: number, took: number, operation: string }[]} */
  let reads = [];
  let port = 0;
  let usbip = '';
  /** @type {(value?: undefined) => void} */
  let onListening;
  /** @type {Promise<void>} */
  const listening = new Promise((resolve) => {
    onListening = resolve;
  });
  const { child, ended } = start(
    process.execPath,
    [program, 'virtual', 'eos-r6', '--usbip=0', '--port', '0', '--card', card, '--stamp'],
    {
      env,
      onOutput(more) {
        const lines = (text + more).split('\n');
        text = lines.pop() ?? '';
        for (const line of lines) {
          port ||= Number(/^ptpip:\/\/127\.0\.0\.1:(\d+)$/.exec(line)?.[1] ?? 0);
          usbip ||= /^usbip:\/\/([\d.:]+)\//.exec(line)?.[1] ?? '';
          if (port && usbip) onListening();
          const [, answered, took, operation = ''] = LOGGED.exec(line) ?? [];
          if (!READS.test(operation)) continue;
          reads.push({ answered: Number(answered), took: Number(took), operation });
        }
      },
    },
  );
  const died = ended.then((code) => {
    throw new Error(`the virtual camera ended with ${code}: ${text}`);
  });
  await Promise.race([listening, died]);
  died.catch(() => {
    // Its clients tell.
  });
  return {
    port,
    usbip,
    transfer() {
      const [first] = reads;
      const last = reads.at(-1);
      if (!first || !last) return undefined;
      const seen = {
        ms: last.answered - (first.answered - first.took),
        requests: reads.length,
        operations: [...new Set(reads.map(({ operation }) => operation))],
      };
      reads = [];
      return seen;
    },
    async stop() {
      child.kill('SIGTERM');
      await ended.catch(() => {
        // It is gone, which is what was wanted.
      });
    },
  };
}

/**
 * An environment in which no program finds settings of the user.
 * @param {string} home
 */
export function cleanEnv(home) {
  return {
    PATH: process.env.PATH,
    HOME: home,
    XDG_CONFIG_HOME: home,
    XDG_STATE_HOME: path.join(home, 'state'),
    LC_ALL: 'C',
  };
}

/** @param {number} port */
export const hotshoePort = (port) => ['--camera', `ptpip://127.0.0.1:${port}`, '--quiet'];

/** @param {number} port */
export const gphoto2Port = (port) => ['--port', `ptpip:127.0.0.1:${port}:${port}`];
