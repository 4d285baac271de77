/** The properties that a body describes by GetDevicePropDesc: kept values, and views of its state. */
import { decodeText, EosProperty, encodeText } from '../../canon/ptp/index.ts';
import { type DevicePropDesc, Event, type PtpValue } from '../../ptp/index.ts';
import type { DeviceProperty } from '../models/model.ts';
import type { DeviceProperties } from '../responder/property-operations.ts';
import type { EosBody } from './body.ts';

export class BodyDeviceProperties implements DeviceProperties {
  #body: EosBody;
  #properties: ReadonlyMap<number, DeviceProperty>;
  #values = new Map<number, PtpValue>();
  #battery = 100;

  constructor(body: EosBody) {
    this.#body = body;
    const { deviceProperties } = body.parts.model;
    this.#properties = new Map(deviceProperties.map((property) => [property.code, property]));
    const emulation = deviceProperties.find(({ source }) => source === 'eventMode');
    if (emulation) body.eventMode = Number(emulation.value);
  }

  /** Charge in per cent. */
  set battery(percent: number) {
    this.#battery = percent;
    this.#body.setNumber(EosProperty.BatteryPower, batteryPower(percent));
    for (const { code, source } of this.#properties.values()) {
      if (source === 'batteryPercent' || source === 'batteryLevel') {
        this.#body.notify(Event.DevicePropChanged, [code]);
      }
    }
  }

  describe(code: number): DevicePropDesc | undefined {
    const property = this.#properties.get(code);
    if (!property) return undefined;
    const { dataType, writable = false, value } = property;
    const current = this.#current(property);
    return {
      propertyCode: code,
      dataType,
      writable,
      // What cannot be set has no other default: so a 60D describes its battery.
      factoryDefault: writable ? value : current,
      current,
      form: property.form ?? { kind: 'none' },
    };
  }

  set(code: number, value: PtpValue): void {
    switch (this.#properties.get(code)?.source) {
      case 'clock':
        this.#body.parts.wall.set(Number(value));
        break;
      case 'eventMode':
        this.#body.eventMode = Number(value);
        break;
      case 'owner':
        this.#body.setNumber(EosProperty.Owner, encodeText(decodeText(bytesOf(value))));
        break;
      default:
        this.#values.set(code, value);
    }
  }

  /** Undefined for a property that is not there; false for one that cannot be set. */
  reset(code: number): boolean | undefined {
    const property = this.#properties.get(code);
    if (!property?.writable) return property && false;
    this.set(code, property.value);
    return true;
  }

  /** Everything that can be set but the clock. */
  resetAll(): void {
    for (const { code, source } of this.#properties.values()) {
      if (source !== 'clock') this.reset(code);
    }
  }

  #current({ code, source, value }: DeviceProperty): PtpValue {
    switch (source) {
      case 'batteryPercent':
        return this.#battery;
      case 'batteryLevel':
        return Math.min(3, Math.ceil((3 * this.#battery) / 100));
      case 'clock':
        return this.#body.parts.wall.seconds();
      case 'eventMode':
        return this.#body.eventMode;
      case 'owner':
        return [...encodeText(decodeText(this.#body.properties.bytes(EosProperty.Owner)))];
      default:
        return this.#values.get(code) ?? value;
    }
  }
}

/** BatteryPower (D111): 0 low, 5 a quarter, 1 half, 4 three quarters, 2 full. */
function batteryPower(percent: number): number {
  if (percent > 87) return 2;
  if (percent > 62) return 4;
  if (percent > 37) return 1;
  return percent > 10 ? 5 : 0;
}

function bytesOf(value: PtpValue): Uint8Array {
  return Uint8Array.from(Array.isArray(value) ? value.map(Number) : []);
}
