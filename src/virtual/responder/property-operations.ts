/** Device properties of ISO 15740: GetDevicePropDesc, GetDevicePropValue, SetDevicePropValue. */
import { Reader, Writer } from '../../bytes/index.ts';
import { DevicePropDesc, type PtpValue, Response, valueCodec } from '../../ptp/index.ts';
import { type Operation, Refusal, receive } from './transaction.ts';

/** Larger than any value of a property. */
const VALUE_LIMIT = 4096;

export interface DeviceProperties {
  /** Undefined for a property that the camera does not have. */
  describe(property: number): DevicePropDesc | undefined;
  /** Called with a value that the description allows. */
  set(property: number, value: PtpValue): void;
  /** To what it is by default. Undefined: there is no such property; false: it cannot be set. */
  reset(property: number): boolean | undefined;
  resetAll(): void;
}

export function getDevicePropDesc(properties: DeviceProperties): Operation {
  return {
    params: 1,
    async run(transaction) {
      const desc = known(properties, transaction.params[0] ?? 0);
      await transaction.send(DevicePropDesc.encode(desc));
      return undefined;
    },
  };
}

export function getDevicePropValue(properties: DeviceProperties): Operation {
  return {
    params: 1,
    async run(transaction) {
      const desc = known(properties, transaction.params[0] ?? 0);
      const writer = new Writer();
      valueCodec(desc.dataType)?.write(writer, desc.current);
      await transaction.send(writer.finish());
      return undefined;
    },
  };
}

export function setDevicePropValue(properties: DeviceProperties): Operation {
  return {
    takesData: true,
    params: 1,
    async run(transaction) {
      const bytes = await receive(transaction, VALUE_LIMIT);
      const desc = known(properties, transaction.params[0] ?? 0);
      if (!desc.writable) throw new Refusal(Response.Access_Denied);
      const value = decode(bytes, desc.dataType);
      if (value === undefined) throw new Refusal(Response.Invalid_DeviceProp_Format);
      if (!allows(desc, value)) throw new Refusal(Response.Invalid_DeviceProp_Value);
      properties.set(desc.propertyCode, value);
      return undefined;
    },
  };
}

const ALL = 0xffffffff;

export function resetDevicePropValue(properties: DeviceProperties): Operation {
  return {
    params: 1,
    async run({ params }) {
      const [property = 0] = params;
      if (property === ALL) {
        properties.resetAll();
        return undefined;
      }
      const done = properties.reset(property);
      if (done === undefined) throw new Refusal(Response.DeviceProp_Not_Supported);
      if (!done) throw new Refusal(Response.Access_Denied);
      return undefined;
    },
  };
}

function known(properties: DeviceProperties, property: number): DevicePropDesc {
  const desc = properties.describe(property);
  if (!desc) throw new Refusal(Response.DeviceProp_Not_Supported);
  return desc;
}

/** Undefined unless the bytes are one value of the type, and nothing else. */
function decode(bytes: Uint8Array, dataType: number): PtpValue | undefined {
  const reader = new Reader(bytes, 'property value');
  try {
    const value = valueCodec(dataType)?.read(reader);
    return reader.remaining === 0 ? value : undefined;
  } catch {
    // Too short: not a value of this type.
    return undefined;
  }
}

function allows({ form }: DevicePropDesc, value: PtpValue): boolean {
  switch (form.kind) {
    case 'none':
      return true;
    case 'enumeration':
      return form.values.includes(value);
    case 'range':
      return value >= form.minimum && value <= form.maximum;
  }
}
