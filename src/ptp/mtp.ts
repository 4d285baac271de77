/**
 * The object operations of MTP 1.1 and of the Android extension. Many cameras list some of them; what
 * a body makes of them is the driver's affair.
 */
import type { Struct } from '../bytes/index.ts';
import { type Call, long, type Placement, type TransactionOptions, valueSet } from './call.ts';
import { AndroidOperation, MtpOperation } from './codes/operations.ts';
import type { PtpValue } from './data-types.ts';
import { U16Array, U32Array } from './datasets.ts';
import {
  InterdependentPropDesc,
  ObjectPropDesc,
  type ObjectPropElement,
  ObjectPropList,
} from './object-props.ts';
import type { DataSource } from './transport/transport.ts';

/** Which values GetObjectPropList speaks of. */
export interface ObjectPropQuery {
  /** A handle; 0 the root, 0xFFFFFFFF every object. Default every object. */
  handle?: number;
  /** Object format; 0 any. */
  format?: number;
  /** A property; 0xFFFFFFFF all but the slow ones; 0 those of `group`. Default all. */
  property?: number;
  group?: number;
  /** 0 the object itself, 1 its children, 0xFFFFFFFF the whole tree. Default 0. */
  depth?: number;
}

export class MtpOperations {
  #call: Call;

  constructor(call: Call) {
    this.#call = call;
  }

  /** Codes of the properties that objects of this format have. */
  getObjectPropsSupported(format: number, options: TransactionOptions = {}): Promise<number[]> {
    return this.#fetch(U16Array, MtpOperation.GetObjectPropsSupported, [format], options);
  }

  getObjectPropDesc(
    property: number,
    format: number,
    options: TransactionOptions = {},
  ): Promise<ObjectPropDesc> {
    return this.#fetch(ObjectPropDesc, MtpOperation.GetObjectPropDesc, [property, format], options);
  }

  /** `dataType` is the property's, as its description names it. */
  getObjectPropValue(
    handle: number,
    property: number,
    dataType: number,
    options: TransactionOptions = {},
  ): Promise<PtpValue> {
    const params = [handle, property];
    return this.#fetch(valueSet(dataType), MtpOperation.GetObjectPropValue, params, options);
  }

  async setObjectPropValue(
    handle: number,
    property: number,
    dataType: number,
    value: PtpValue,
    options: TransactionOptions = {},
  ): Promise<void> {
    const data = valueSet(dataType).encode(value);
    await this.#call(MtpOperation.SetObjectPropValue, [handle, property], { ...options, data });
  }

  getObjectPropList(
    query: ObjectPropQuery = {},
    options: TransactionOptions = {},
  ): Promise<ObjectPropElement[]> {
    const { handle = 0xffffffff, format = 0, property = 0xffffffff, group = 0, depth = 0 } = query;
    const params = [handle, format, property, group, depth];
    return this.#fetch(ObjectPropList, MtpOperation.GetObjectPropList, params, long(options));
  }

  /** A ResponseError's first parameter is the index of the element that failed. */
  async setObjectPropList(
    elements: ObjectPropElement[],
    options: TransactionOptions = {},
  ): Promise<void> {
    const data = ObjectPropList.encode(elements);
    await this.#call(MtpOperation.SetObjectPropList, [], { ...options, data });
  }

  getInterdependentPropDesc(
    format: number,
    options: TransactionOptions = {},
  ): Promise<ObjectPropDesc[][]> {
    const code = MtpOperation.GetInterdependentPropDesc;
    return this.#fetch(InterdependentPropDesc, code, [format], options);
  }

  /** First half of an upload; SendObject must follow at once. `size` in bytes. */
  async sendObjectPropList(
    place: { storageId: number; parent: number },
    format: number,
    size: number,
    elements: ObjectPropElement[],
    options: TransactionOptions = {},
  ): Promise<Placement> {
    const { storageId, parent } = place;
    const { high, low } = halves(size);
    const { params } = await this.#call(
      MtpOperation.SendObjectPropList,
      [storageId, parent, format, high, low],
      { ...options, data: ObjectPropList.encode(elements) },
    );
    return {
      storageId: params[0] ?? storageId,
      parent: params[1] ?? parent,
      handle: params[2] ?? 0,
    };
  }

  getObjectReferences(handle: number, options: TransactionOptions = {}): Promise<number[]> {
    return this.#fetch(U32Array, MtpOperation.GetObjectReferences, [handle], options);
  }

  async setObjectReferences(
    handle: number,
    references: number[],
    options: TransactionOptions = {},
  ): Promise<void> {
    const data = U32Array.encode(references);
    await this.#call(MtpOperation.SetObjectReferences, [handle], { ...options, data });
  }

  /** Installs firmware that was uploaded as this object. Never send it without being asked to. */
  async updateDeviceFirmware(handle: number, options: TransactionOptions = {}): Promise<void> {
    await this.#call(MtpOperation.UpdateDeviceFirmware, [handle], long(options));
  }

  async resetObjectPropValue(
    handle: number,
    property: number,
    options: TransactionOptions = {},
  ): Promise<void> {
    await this.#call(MtpOperation.ResetObjectPropValue, [handle, property], options);
  }

  /** Playback: forward or, where negative, back by so many objects. */
  async skip(steps: number, options: TransactionOptions = {}): Promise<void> {
    await this.#call(MtpOperation.Skip, [steps >>> 0], options);
  }

  /** Android: at most `size` bytes from an offset that may lie beyond 4 GiB. */
  async getPartialObject64(
    handle: number,
    offset: number,
    size: number,
    options: TransactionOptions = {},
  ): Promise<Uint8Array> {
    const { high, low } = halves(offset);
    const params = [handle, low, high, size];
    return (await this.#call(AndroidOperation.GetPartialObject64, params, options)).data;
  }

  /** Android: overwrites part of an object, between `beginEditObject` and `endEditObject`. */
  async sendPartialObject(
    handle: number,
    offset: number,
    content: Uint8Array | DataSource,
    options: TransactionOptions = {},
  ): Promise<void> {
    const { high, low } = halves(offset);
    const size = content instanceof Uint8Array ? content.length : content.size;
    await this.#call(AndroidOperation.SendPartialObject, [handle, low, high, size], {
      ...options,
      data: content,
    });
  }

  async truncateObject(
    handle: number,
    size: number,
    options: TransactionOptions = {},
  ): Promise<void> {
    const { high, low } = halves(size);
    await this.#call(AndroidOperation.TruncateObject, [handle, low, high], options);
  }

  async beginEditObject(handle: number, options: TransactionOptions = {}): Promise<void> {
    await this.#call(AndroidOperation.BeginEditObject, [handle], options);
  }

  async endEditObject(handle: number, options: TransactionOptions = {}): Promise<void> {
    await this.#call(AndroidOperation.EndEditObject, [handle], options);
  }

  async #fetch<T>(
    set: Struct<T>,
    code: number,
    params: readonly number[],
    options: TransactionOptions,
  ): Promise<T> {
    return set.decode((await this.#call(code, params, options)).data);
  }
}

/** A size or offset of up to 2^53 as two parameters. */
export function halves(value: number): { high: number; low: number } {
  return { high: Math.floor(value / 0x100000000), low: value % 0x100000000 };
}
