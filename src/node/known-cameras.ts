/** Cameras that were paired with this computer, and the names that people gave to addresses. */
import { readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { HotshoeError } from '../base/errors.ts';
import { codeOfFileError, fileError } from './file-error.ts';
import { readIfThere, replaceFile } from './private-file.ts';
import { stateFolder } from './state.ts';

/** How a camera is reached: by its announcement, or because it looks for this computer itself. */
export type WifiFlow = 'announced' | 'computer';

export interface KnownCamera {
  /** MAC address, twelve digits in lower case: the end of the GUID it connects with. */
  id: string;
  /** What it is called in addresses: `wifi:EOSR6`. */
  name: string;
  model: string;
  flow: WifiFlow;
  /** Where it was last. */
  host: string;
  port: number;
  /** Where it was paired by another program: that one's GUID, which it waits for. */
  guid?: string | undefined;
}

const folderOf = (env: NodeJS.ProcessEnv) => join(stateFolder(env), 'cameras');
const aliasFile = (env: NodeJS.ProcessEnv) => join(stateFolder(env), 'aliases.json');

/** In the order of their names. */
export async function knownCameras(env: NodeJS.ProcessEnv = process.env): Promise<KnownCamera[]> {
  const folder = folderOf(env);
  try {
    const names = await readdir(folder).catch((error: unknown) => {
      if (codeOfFileError(error) === 'ENOENT') return [];
      throw error;
    });
    const files = names.filter((name) => /^[0-9a-f]{12}\.json$/.test(name));
    const cameras = await Promise.all(files.map((name) => readCamera(join(folder, name))));
    return cameras
      .filter((camera) => camera !== undefined)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    throw fileError(error, 'read', folder);
  }
}

/** By its name or its id, whatever the case of the letters. */
export async function knownCamera(
  name: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<KnownCamera | undefined> {
  const wanted = name.toLowerCase();
  const cameras = await knownCameras(env);
  return cameras.find((camera) => camera.name.toLowerCase() === wanted || camera.id === wanted);
}

export async function rememberCamera(
  camera: KnownCamera,
  env: NodeJS.ProcessEnv = process.env,
): Promise<void> {
  const file = join(folderOf(env), `${camera.id}.json`);
  try {
    await replaceFile(file, `${JSON.stringify(camera, null, 2)}\n`);
  } catch (error) {
    throw fileError(error, 'write', file, 'XDG_STATE_HOME names another folder to keep it in.');
  }
}

/** A name for a camera that no other one has: "EOSR6", "EOSR6-2". */
export async function freeName(
  wanted: string,
  id: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  const base = wanted.replace(/[^\p{L}\p{N}._-]+/gu, '-').replace(/^-+|-+$/g, '') || 'camera';
  const taken = new Set(
    (await knownCameras(env))
      .filter((camera) => camera.id !== id)
      .map(({ name }) => name.toLowerCase()),
  );
  let name = base;
  for (let i = 2; taken.has(name.toLowerCase()); i++) name = `${base}-${i}`;
  return name;
}

async function readCamera(file: string): Promise<KnownCamera | undefined> {
  const value = parsed(await readIfThere(file));
  if (!isKnownCamera(value)) return undefined;
  return value;
}

function isKnownCamera(value: unknown): value is KnownCamera {
  if (typeof value !== 'object' || value === null) return false;
  const camera = value as Record<keyof KnownCamera, unknown>;
  const texts = [camera.id, camera.name, camera.model, camera.host];
  return (
    texts.every((text) => typeof text === 'string') &&
    (camera.flow === 'announced' || camera.flow === 'computer') &&
    Number.isInteger(camera.port) &&
    (camera.guid === undefined || typeof camera.guid === 'string')
  );
}

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? 'null');
  } catch {
    // Not by us: as if it were not there, and replaced by the next pairing.
    return undefined;
  }
}

export type Aliases = Readonly<Record<string, string>>;

export async function aliases(env: NodeJS.ProcessEnv = process.env): Promise<Aliases> {
  const file = aliasFile(env);
  try {
    const value = parsed(await readIfThere(file)) ?? {};
    if (typeof value === 'object') {
      return Object.fromEntries(
        Object.entries(value).filter(([, address]) => typeof address === 'string'),
      ) as Aliases;
    }
  } catch (error) {
    throw fileError(error, 'read', file);
  }
  throw new HotshoeError('FILE', `cannot use ${file}: it holds no aliases`, {
    hint: 'Mend or delete it.',
  });
}

/** Without an address the name is forgotten; false where there was none. */
export async function setAlias(
  name: string,
  address: string | undefined,
  env: NodeJS.ProcessEnv = process.env,
): Promise<boolean> {
  const before = await aliases(env);
  const { [name]: old, ...others } = before;
  const now = address === undefined ? others : { ...others, [name]: address };
  const file = aliasFile(env);
  try {
    await replaceFile(file, `${JSON.stringify(now, null, 2)}\n`);
  } catch (error) {
    throw fileError(error, 'write', file);
  }
  return old !== undefined;
}

/** False where there was none. */
export async function forgetCamera(
  camera: KnownCamera,
  env: NodeJS.ProcessEnv = process.env,
): Promise<void> {
  const file = join(folderOf(env), `${camera.id}.json`);
  try {
    await unlink(file);
  } catch (error) {
    if (codeOfFileError(error) !== 'ENOENT') throw fileError(error, 'delete', file);
  }
}

/** Its address; undefined where none was paired. Throws a USAGE error that lists several. */
export async function onlyKnownCamera(
  env: NodeJS.ProcessEnv = process.env,
): Promise<string | undefined> {
  const cameras = await knownCameras(env);
  if (cameras.length > 1) {
    throw new HotshoeError('USAGE', `no camera is on USB, and ${cameras.length} were paired`, {
      hint: `Choose one by --camera: ${cameras.map(({ name, model }) => `${name} (${model})`).join('; ')}.`,
    });
  }
  return cameras[0] && `wifi:${cameras[0].name}`;
}

/** What is written without a scheme is an alias, or the name of a camera that was paired. */
export async function resolveAlias(
  text: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  if (text.includes(':')) return text;
  const known = await aliases(env);
  const alias = Object.keys(known).find((name) => name.toLowerCase() === text.toLowerCase());
  if (alias !== undefined) return known[alias] ?? text;
  const camera = await knownCamera(text, env);
  return camera ? `wifi:${camera.name}` : text;
}
