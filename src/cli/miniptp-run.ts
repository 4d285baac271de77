/** What `hotshoe miniptp` asks a camera, step by step; each answer is printed as it comes. */
import { basename } from 'node:path';
import { entryOf } from '../camera/drivers/storage-methods.ts';
import {
  CanonObjectFormat,
  decodeCell,
  decodeText,
  EosOperation,
  EosProperty,
  PowerShotOperation,
  readEvents,
} from '../canon/ptp/index.ts';
import {
  ALL,
  type Camera,
  DataType,
  DevicePropDesc,
  HotshoeError,
  hex32,
  MtpDeviceProperty,
  Operation,
  ProtocolError,
  type PtpSession,
  Reader,
  Response,
  ResponseError,
  type StorageInfo,
  toHex,
  UnsupportedError,
} from '../index.ts';
import { downloadFile } from '../node/download.ts';
import type { FileSource } from '../node/upload.ts';
import {
  errorLine,
  type ListedObject,
  type ListedProperty,
  listedObject,
  listedProperty,
  macLine,
  type NamedCode,
  objectLine,
  oneLine,
  propertyLine,
  pythonBytes,
  responseLine,
  storageLine,
} from './miniptp-output.ts';
import { errorOf, type Output, type ToldError } from './output.ts';
import { downloadProgress } from './progress.ts';

/** The system that the original names itself as. */
const INITIATOR = 'Windows/10.0.19045 MTPClassDriver/10.0.19041.0';
const EVENTS_ON = 1;
const FOLDER = 1;
/** In ObjectInfo: 4 GiB or more. */
const SIZE_ELSEWHERE = 0xffffffff;
/** Longest file name that a PTP string holds. */
const LONGEST_NAME = 254;

export interface MiniPtpUpload {
  /** 0 lets the camera choose. */
  storageId: number;
  file: string;
}

interface ListedStorage {
  id: number;
  /** Objects in the root; null where the camera refuses to count. */
  objects: number | null;
  info: Record<string, number | string> | null;
  files: ListedObject[];
}

/** The document of `--json`; what was not asked for is absent, what the camera leaves out null. */
export interface MiniPtpFacts {
  operations?: NamedCode[];
  properties?: NamedCode[];
  model?: string;
  deviceVersion?: string;
  modelId?: number | null;
  lensName?: string | null;
  hostName?: string | null;
  upload?: { name: string; storageId: number; handle: number } | { error: ToldError };
  macAddress?: string | null;
  propertyDescriptions?: (ListedProperty | { code: number; error: ToldError })[];
  storages?: ListedStorage[];
  download?: { name: string; file: string; bytes: number; skipped: boolean } | { error: ToldError };
}

export class MiniPtpRun {
  /** Of the upload or the download, after which the run goes on. */
  failure: unknown;
  #session: PtpSession;
  #output: Output;
  #signal: AbortSignal;
  #facts: MiniPtpFacts;

  constructor(camera: Camera, output: Output, signal: AbortSignal, facts: MiniPtpFacts) {
    if (!camera.ptp) throw new UnsupportedError(`${camera.identity.model} does not speak PTP`);
    this.#session = camera.ptp;
    this.#output = output;
    this.#signal = signal;
    this.#facts = facts;
  }

  /** Model id, lens and network name, which EOS bodies tell as events. */
  async readEvents(): Promise<void> {
    const session = this.#session;
    const facts = this.#facts;
    facts.modelId = null;
    facts.lensName = null;
    facts.hostName = null;
    if (!session.supports(EosOperation.GetEvent)) return;
    const options = { signal: this.#signal };
    await session.transaction(EosOperation.SetEventMode, [EVENTS_ON], options);
    const { code, data } = await session.transaction(EosOperation.GetEvent, [], options);
    if (code !== Response.OK) {
      this.#output.line(responseLine(code, session.names));
      return;
    }
    const values = new Map<number, Uint8Array>();
    for (const event of readEvents(data).events) {
      if (event.kind === 'propValue') values.set(event.property, event.value);
    }
    const text = (property: number) => {
      const value = values.get(property);
      return value ? decodeText(value) : null;
    };
    facts.modelId = decodeCell(values.get(EosProperty.ModelID) ?? new Uint8Array(0)) ?? null;
    facts.lensName = text(EosProperty.LensName);
    facts.hostName = text(EosProperty.CameraNickname);
    const { modelId, lensName, hostName } = facts;
    if (modelId !== null) this.#output.line(`+ Model_id: 0x${modelId.toString(16)}`);
    if (lensName !== null) this.#output.line(`LensName ${pythonBytes(lensName)}`);
    if (hostName !== null) this.#output.line(`hostname ${pythonBytes(hostName)}`);
  }

  /** Tells the camera who we are. Bodies without the property refuse, and nothing depends on it. */
  async introduce(): Promise<void> {
    const property = MtpDeviceProperty.SessionInitiatorVersionInfo;
    await this.#session
      .setDevicePropValue(property, DataType.STR, INITIATOR, { signal: this.#signal })
      .catch(unlessRefused);
  }

  async upload({ storageId, file }: MiniPtpUpload, source: FileSource): Promise<void> {
    const output = this.#output;
    const name = basename(file);
    output.line(`Try to upload ${oneLine(name)}`);
    try {
      if (name.length > LONGEST_NAME) {
        throw new HotshoeError('USAGE', `the name of ${file} is too long for a camera`, {
          hint: `PTP has names of up to ${LONGEST_NAME} characters.`,
        });
      }
      const progress = await downloadProgress(output, name, source.size);
      // Bodies that take uploads want this format, and the parent left to them.
      const placed = await this.#session
        .sendObject(
          { filename: name, objectFormat: CanonObjectFormat.CanonInternal1, storageId },
          source.counted((bytes) => progress.update(bytes)),
          { storageId, parent: 0 },
          { signal: this.#signal },
        )
        .finally(() => progress.done());
      const at = `storage = 0x${placed.storageId.toString(16)}`;
      const handle = `handle = 0x${placed.handle.toString(16)}`;
      output.line(`PTP_SendObjectInfo returned: ${at} and ${handle}`);
      output.line('Done');
      this.#facts.upload = { name, storageId: placed.storageId, handle: placed.handle };
    } catch (error) {
      this.#facts.upload = this.#failed(error);
      if (error instanceof ResponseError && error.response === Response.Parameter_Not_Supported) {
        output.note(
          'Bodies answer so where a file of that name is there already, and those that choose the ' +
            `storage themselves: -u 0,${file}`,
        );
      }
    }
  }

  async readMacAddress(): Promise<void> {
    const session = this.#session;
    this.#facts.macAddress = null;
    if (!session.supports(PowerShotOperation.GetMACAddress)) return;
    const { code, data } = await session.transaction(PowerShotOperation.GetMACAddress, [], {
      signal: this.#signal,
    });
    if (code !== Response.OK) this.#output.line(responseLine(code, session.names));
    else {
      this.#facts.macAddress = toHex(data);
      this.#output.line(macLine(data));
    }
  }

  async describeProperties(): Promise<void> {
    this.#output.line('+ properties supported');
    const codes = this.#session.deviceInfo.devicePropertiesSupported;
    const described: MiniPtpFacts['propertyDescriptions'] = [];
    this.#facts.propertyDescriptions = described;
    for (const code of [...codes].sort((a, b) => a - b)) {
      try {
        const property = await this.#property(code);
        described.push(property);
        this.#output.line(propertyLine(property));
      } catch (error) {
        if (!(error instanceof ResponseError)) throw error;
        described.push({ code, error: errorOf(error) });
        this.#output.line(`property_code: 0x${code.toString(16)}, ${errorLine(error.response)}`);
      }
    }
  }

  async #property(code: number): Promise<ListedProperty> {
    const { properties } = this.#session.names;
    const { data } = await this.#session.call(Operation.GetDevicePropDesc, [code], {
      signal: this.#signal,
    });
    try {
      return listedProperty(DevicePropDesc.decode(data), properties);
    } catch (error) {
      // The head can be read where the value is of a type that nobody knows.
      if (!(error instanceof ProtocolError) || data.length < 4) throw error;
      const head = new Reader(data, 'DevicePropDesc');
      return listedProperty({ propertyCode: head.u16(), dataType: head.u16() }, properties);
    }
  }

  async listFiles(): Promise<void> {
    const session = this.#session;
    const output = this.#output;
    const options = { signal: this.#signal };
    output.line('+ Storage_IDs');
    const storages: ListedStorage[] = [];
    this.#facts.storages = storages;
    for (const id of await session.getStorageIds(options)) {
      const root = { storageId: id, parent: ALL };
      const storage: ListedStorage = { id, objects: null, info: null, files: [] };
      storages.push(storage);
      // A slot without a card may refuse any of these; the next slot is asked all the same.
      storage.objects = await this.#orError(session.getNumObjects(root, options));
      if (storage.objects !== null) output.line(String(storage.objects));
      const info = await this.#orError(session.getStorageInfo(id, options));
      if (info) {
        storage.info = plainInfo(info);
        output.line(storageLine(info));
      }
      const handles = await this.#orError(session.getObjectHandles(root, options));
      await this.#listObjects(storage, handles ?? [], 1, new Set());
    }
  }

  /** `seen`: some bodies answer with more than the folder's own, even with the folder itself. */
  async #listObjects(
    storage: ListedStorage,
    handles: readonly number[],
    level: number,
    seen: Set<number>,
  ): Promise<void> {
    const options = { signal: this.#signal };
    for (const handle of handles) {
      if (seen.has(handle)) continue;
      seen.add(handle);
      const info = await this.#session.getObjectInfo(handle, options);
      const object = listedObject(handle, info, level);
      storage.files.push(object);
      this.#output.line(objectLine(object));
      if (info.associationType !== FOLDER) continue;
      const folder = { storageId: storage.id, parent: handle };
      const children = await this.#session.getObjectHandles(folder, options);
      await this.#listObjects(storage, children, level + 1, seen);
    }
  }

  async getFile(handle: number): Promise<void> {
    try {
      this.#facts.download = await this.#download(handle);
    } catch (error) {
      this.#facts.download = this.#failed(error);
    }
  }

  async #download(handle: number): Promise<NonNullable<MiniPtpFacts['download']>> {
    const session = this.#session;
    const output = this.#output;
    const signal = this.#signal;
    const info = await session.getObjectInfo(handle, { signal }).catch((error: unknown) => {
      throw isAnswered(error, Response.Invalid_ObjectHandle) ? unknownHandle(handle) : error;
    });
    const { kind, name, date } = entryOf(handle, info);
    if (kind === 'folder') {
      throw new HotshoeError('USAGE', `${hex32(handle)} is the folder ${name}, not a file`, {
        hint: '-L lists the files in it; `hotshoe get` downloads whole folders.',
      });
    }
    const size = info.objectCompressedSize;
    const more = size === SIZE_ELSEWHERE ? ' or more' : '';
    output.line(`transfering ${oneLine(name)} (${size} bytes${more})...`);
    const progress = await downloadProgress(output, name, size);
    const saved = await downloadFile({
      folder: '.',
      name,
      // Cameras write 0 where they do not know.
      size: size === 0 || more ? undefined : size,
      date,
      onProgress: (bytes) => progress.update(bytes),
      async read(sink) {
        let bytes = 0;
        const count = (chunk: Uint8Array) => {
          bytes += chunk.length;
          return sink.write(chunk);
        };
        await session.call(Operation.GetObject, [handle], { sink: { write: count }, signal });
        return bytes;
      },
    }).finally(() => progress.done());
    if (saved.skipped) output.note(`${saved.path} is here already`);
    else if (saved.path !== name) output.note(`written to ${saved.path}`);
    output.line('done');
    const { path: file, bytes, skipped } = saved;
    return { name, file, bytes, skipped };
  }

  /** The refusal is printed, and the answer is null. */
  async #orError<T>(answer: Promise<T>): Promise<T | null> {
    try {
      return await answer;
    } catch (error) {
      if (!(error instanceof ResponseError)) throw error;
      this.#output.line(errorLine(error.response));
      return null;
    }
  }

  /** The run goes on after it, and its exit code tells. */
  #failed(error: unknown): { error: ToldError } {
    this.#signal.throwIfAborted();
    this.failure ??= error;
    if (error instanceof ResponseError) this.#output.line(errorLine(error.response));
    if (!this.#output.machine) this.#output.error(error);
    return { error: errorOf(error) };
  }
}

function unlessRefused(error: unknown): void {
  if (!(error instanceof ResponseError)) throw error;
}

function isAnswered(error: unknown, response: number): boolean {
  return error instanceof ResponseError && error.response === response;
}

function unknownHandle(handle: number): HotshoeError {
  return new HotshoeError('NOT_FOUND', `the camera has no object ${hex32(handle)}`, {
    hint: '`hotshoe miniptp -L` lists the handles; they differ from slot to slot.',
  });
}

/** 64-bit numbers as JSON has them; sizes of cards fit. */
function plainInfo(info: StorageInfo): Record<string, number | string> {
  const { maxCapacity, freeSpaceInBytes, ...rest } = info;
  return {
    ...rest,
    maxCapacity: Number(maxCapacity),
    freeSpaceInBytes: Number(freeSpaceInBytes),
  };
}
