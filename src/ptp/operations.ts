/**
 * The operations of ISO 15740 as methods. Each sends one transaction (SendObject two, that nothing
 * comes between) and throws a ResponseError for any answer but OK. Errors that an operation can be
 * answered with are those of the standard.
 */
import type { Struct } from '../bytes/index.ts';
import {
  type Call,
  long,
  type Placement,
  type TransactionOptions,
  type TransactionResult,
  valueSet,
} from './call.ts';
import { Operation } from './codes/operations.ts';
import type { PtpValue } from './data-types.ts';
import { DeviceInfo, ObjectInfo, StorageInfo, U32Array } from './datasets.ts';
import { DevicePropDesc } from './device-prop-desc.ts';
import { MtpOperations } from './mtp.ts';
import { FilesystemManifest, StreamInfo, VendorExtensionMaps } from './ptp11-datasets.ts';
import type { DataSource } from './transport/transport.ts';

/** Every storage, every object, or the root level: what it means depends on the parameter. */
export const ALL = 0xffffffff;

/** Which objects an operation speaks of. */
export interface ObjectFilter {
  /** Default all storages. */
  storageId?: number;
  /** Object format code; 0 any. */
  format?: number;
  /** 0 everything, 0xFFFFFFFF the root level, else the handle of a folder. */
  parent?: number;
}

/** What an initiator has to say about an object that it sends; the rest is 0 or empty. */
export type NewObject = Pick<ObjectInfo, 'filename' | 'objectFormat'> & Partial<ObjectInfo>;

const EMPTY_OBJECT: ObjectInfo = {
  storageId: 0,
  objectFormat: 0,
  protectionStatus: 0,
  objectCompressedSize: 0,
  thumbFormat: 0,
  thumbCompressedSize: 0,
  thumbPixWidth: 0,
  thumbPixHeight: 0,
  imagePixWidth: 0,
  imagePixHeight: 0,
  imageBitDepth: 0,
  parentObject: 0,
  associationType: 0,
  associationDesc: 0,
  sequenceNumber: 0,
  filename: '',
  captureDate: '',
  modificationDate: '',
  keywords: '',
};

export abstract class PtpOperations {
  /** The object operations of MTP. */
  readonly mtp = new MtpOperations((code, params, options) => this.call(code, params, options));

  abstract call(
    code: number,
    params?: readonly number[],
    options?: TransactionOptions,
  ): Promise<TransactionResult>;

  /** Runs several transactions that nothing may come between. */
  abstract sequence<T>(
    work: (call: Call) => Promise<T>,
    options?: Pick<TransactionOptions, 'priority' | 'signal'>,
  ): Promise<T>;

  getStorageIds(options: TransactionOptions = {}): Promise<number[]> {
    return this.fetch(U32Array, Operation.GetStorageIDs, [], options);
  }

  getStorageInfo(storageId: number, options: TransactionOptions = {}): Promise<StorageInfo> {
    return this.fetch(StorageInfo, Operation.GetStorageInfo, [storageId], options);
  }

  async getNumObjects(
    filter: ObjectFilter = {},
    options: TransactionOptions = {},
  ): Promise<number> {
    const { params } = await this.call(Operation.GetNumObjects, filterParams(filter), options);
    return params[0] ?? 0;
  }

  getObjectHandles(filter: ObjectFilter = {}, options: TransactionOptions = {}): Promise<number[]> {
    return this.fetch(U32Array, Operation.GetObjectHandles, filterParams(filter), options);
  }

  getObjectInfo(handle: number, options: TransactionOptions = {}): Promise<ObjectInfo> {
    return this.fetch(ObjectInfo, Operation.GetObjectInfo, [handle], options);
  }

  /** The bytes of an object; large ones want `options.sink`. */
  async getObject(handle: number, options: TransactionOptions = {}): Promise<Uint8Array> {
    return (await this.call(Operation.GetObject, [handle], options)).data;
  }

  /** At most `size` bytes from `offset`, which must lie below 4 GiB. */
  async getPartialObject(
    handle: number,
    offset: number,
    size: number,
    options: TransactionOptions = {},
  ): Promise<Uint8Array> {
    return (await this.call(Operation.GetPartialObject, [handle, offset, size], options)).data;
  }

  /** The thumbnail, a JPEG on every camera of this century. */
  async getThumb(handle: number, options: TransactionOptions = {}): Promise<Uint8Array> {
    return (await this.call(Operation.GetThumb, [handle], options)).data;
  }

  /** PTP 1.1: an image scaled by the camera, with the size that it really has. */
  async getResizedImageObject(
    handle: number,
    width: number,
    height: number,
    options: TransactionOptions = {},
  ): Promise<{ data: Uint8Array; width: number; height: number }> {
    const { data, params } = await this.call(
      Operation.GetResizedImageObject,
      [handle, width, height],
      options,
    );
    return { data, width: params[1] ?? width, height: params[2] ?? height };
  }

  /** Deletes an object; a folder with all that is in it. */
  async deleteObject(handle: number, options: TransactionOptions = {}): Promise<void> {
    await this.call(Operation.DeleteObject, [handle, 0], long(options));
  }

  /**
   * Sends an object: SendObjectInfo, then SendObject unless it is a folder. The camera decides where
   * `storageId` or `parent` are 0; 0xFFFFFFFF as parent is the root.
   */
  async sendObject(
    info: NewObject,
    content: Uint8Array | DataSource | undefined,
    place: { storageId?: number; parent?: number } = {},
    options: TransactionOptions = {},
  ): Promise<Placement> {
    const { storageId = 0, parent = 0 } = place;
    const size =
      content === undefined ? 0 : content instanceof Uint8Array ? content.length : content.size;
    const data = ObjectInfo.encode({
      ...EMPTY_OBJECT,
      objectCompressedSize: Math.min(size, 0xffffffff),
      ...info,
    });
    // Any other operation in between makes the camera forget the ObjectInfo.
    return this.sequence(async (call) => {
      const { params } = await call(Operation.SendObjectInfo, [storageId, parent], {
        ...long(options),
        data,
      });
      if (content !== undefined) {
        await call(Operation.SendObject, [], { ...long(options), data: content });
      }
      return {
        storageId: params[0] ?? storageId,
        parent: params[1] ?? parent,
        handle: params[2] ?? 0,
      };
    }, options);
  }

  /** Standard capture; the objects come as ObjectAdded events. 0 lets the camera decide. */
  async initiateCapture(
    storageId = 0,
    format = 0,
    options: TransactionOptions = {},
  ): Promise<void> {
    await this.call(Operation.InitiateCapture, [storageId, format], long(options));
  }

  /** Open-ended capture, ended by `terminateOpenCapture` with its transaction id. */
  async initiateOpenCapture(
    storageId = 0,
    format = 0,
    options: TransactionOptions = {},
  ): Promise<void> {
    await this.call(Operation.InitiateOpenCapture, [storageId, format], long(options));
  }

  async terminateOpenCapture(
    transactionId: number,
    options: TransactionOptions = {},
  ): Promise<void> {
    await this.call(Operation.TerminateOpenCapture, [transactionId], options);
  }

  /** Erases a card. Handles are void afterwards. */
  async formatStore(
    storageId: number,
    filesystemType = 0,
    options: TransactionOptions = {},
  ): Promise<void> {
    await this.call(Operation.FormatStore, [storageId, filesystemType], long(options));
  }

  async resetDevice(options: TransactionOptions = {}): Promise<void> {
    await this.call(Operation.ResetDevice, [], long(options));
  }

  /** Type 0 is the camera's own choice of test. */
  async selfTest(type = 0, options: TransactionOptions = {}): Promise<void> {
    await this.call(Operation.SelfTest, [type], long(options));
  }

  async setObjectProtection(
    handle: number,
    protectionStatus: number,
    options: TransactionOptions = {},
  ): Promise<void> {
    await this.call(Operation.SetObjectProtection, [handle, protectionStatus], options);
  }

  async powerDown(options: TransactionOptions = {}): Promise<void> {
    await this.call(Operation.PowerDown, [], options);
  }

  getDevicePropDesc(property: number, options: TransactionOptions = {}): Promise<DevicePropDesc> {
    return this.fetch(DevicePropDesc, Operation.GetDevicePropDesc, [property], options);
  }

  /** `dataType` is the property's, as its description names it. */
  async getDevicePropValue(
    property: number,
    dataType: number,
    options: TransactionOptions = {},
  ): Promise<PtpValue> {
    return this.fetch(valueSet(dataType), Operation.GetDevicePropValue, [property], options);
  }

  /** Cameras clamp in silence: read the value again where it matters. */
  async setDevicePropValue(
    property: number,
    dataType: number,
    value: PtpValue,
    options: TransactionOptions = {},
  ): Promise<void> {
    const data = valueSet(dataType).encode(value);
    await this.call(Operation.SetDevicePropValue, [property], { ...options, data });
  }

  /** 0xFFFFFFFF resets every settable property but the clock. */
  async resetDevicePropValue(property: number, options: TransactionOptions = {}): Promise<void> {
    await this.call(Operation.ResetDevicePropValue, [property], options);
  }

  async moveObject(
    handle: number,
    storageId: number,
    parent = 0,
    options: TransactionOptions = {},
  ): Promise<void> {
    await this.call(Operation.MoveObject, [handle, storageId, parent], long(options));
  }

  /** Resolves with the handle of the copy. */
  async copyObject(
    handle: number,
    storageId: number,
    parent = 0,
    options: TransactionOptions = {},
  ): Promise<number> {
    const { params } = await this.call(
      Operation.CopyObject,
      [handle, storageId, parent],
      long(options),
    );
    return params[0] ?? 0;
  }

  /** PTP 1.1: begins an enumeration in portions; resolves with its id. */
  async startEnumHandles(
    filter: ObjectFilter = {},
    options: TransactionOptions = {},
  ): Promise<number> {
    const { params } = await this.call(Operation.StartEnumHandles, filterParams(filter), options);
    return params[0] ?? 0;
  }

  enumHandles(
    enumId: number,
    maxHandles: number,
    options: TransactionOptions = {},
  ): Promise<number[]> {
    return this.fetch(U32Array, Operation.EnumHandles, [enumId, maxHandles], options);
  }

  async stopEnumHandles(enumId: number, options: TransactionOptions = {}): Promise<void> {
    await this.call(Operation.StopEnumHandles, [enumId], options);
  }

  /** PTP 1.1. */
  getVendorExtensionMaps(options: TransactionOptions = {}) {
    return this.fetch(VendorExtensionMaps, Operation.GetVendorExtensionMaps, [], options);
  }

  /** PTP 1.1: the DeviceInfo as one vendor extension sees it. */
  getVendorDeviceInfo(
    vendorExtensionId: number,
    options: TransactionOptions = {},
  ): Promise<DeviceInfo> {
    return this.fetch(DeviceInfo, Operation.GetVendorDeviceInfo, [vendorExtensionId], options);
  }

  /** PTP 1.1: what GetObjectInfo tells of many objects, in one transaction. */
  getFilesystemManifest(filter: ObjectFilter = {}, options: TransactionOptions = {}) {
    const params = filterParams(filter);
    return this.fetch(FilesystemManifest, Operation.GetFilesystemManifest, params, options);
  }

  /** PTP 1.1. */
  getStreamInfo(stream: number, options: TransactionOptions = {}): Promise<StreamInfo> {
    return this.fetch(StreamInfo, Operation.GetStreamInfo, [stream], options);
  }

  /** PTP 1.1: frames, into `options.sink`, until the signal aborts. */
  async getStream(options: TransactionOptions = {}): Promise<void> {
    await this.call(Operation.GetStream, [], options);
  }

  protected async fetch<T>(
    set: Struct<T>,
    code: number,
    params: readonly number[],
    options: TransactionOptions,
  ): Promise<T> {
    return set.decode((await this.call(code, params, options)).data);
  }
}

function filterParams({ storageId = ALL, format = 0, parent = 0 }: ObjectFilter): number[] {
  return [storageId, format, parent];
}
