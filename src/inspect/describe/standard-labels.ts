/** Values of the standard's device properties in photographers' words (ISO 15740, clause 13). */
import { MtpDeviceProperty, DeviceProperty as Property } from '../../ptp/index.ts';

type Labels = Readonly<Record<number, string>>;

const TABLES: Readonly<Record<number, Labels>> = {
  [Property.FunctionalMode]: { 0: 'standard', 1: 'sleep' },
  [Property.WhiteBalance]: {
    1: 'manual',
    2: 'auto',
    3: 'one-push auto',
    4: 'daylight',
    5: 'fluorescent',
    6: 'tungsten',
    7: 'flash',
  },
  [Property.FocusMode]: { 1: 'manual', 2: 'auto', 3: 'auto, macro' },
  [Property.ExposureMeteringMode]: {
    1: 'average',
    2: 'center-weighted average',
    3: 'multi-spot',
    4: 'spot',
  },
  [Property.FlashMode]: {
    1: 'auto',
    2: 'off',
    3: 'fill',
    4: 'red-eye reduction, auto',
    5: 'red-eye reduction, fill',
    6: 'external',
  },
  [Property.ExposureProgramMode]: {
    1: 'M',
    2: 'P',
    3: 'Av',
    4: 'Tv',
    5: 'creative',
    6: 'action',
    7: 'portrait',
  },
  [Property.StillCaptureMode]: { 1: 'single', 2: 'burst', 3: 'time-lapse' },
  [Property.EffectMode]: { 1: 'color', 2: 'black and white', 3: 'sepia' },
  [Property.FocusMeteringMode]: { 1: 'center', 2: 'multi-spot' },
  [MtpDeviceProperty.PerceivedDeviceType]: {
    0: 'generic',
    1: 'still camera',
    2: 'media player',
    3: 'mobile phone',
    4: 'video camera',
    5: 'organizer',
    6: 'audio recorder',
  },
};

/** Ten-thousandths of a second. */
function exposureTime(value: number): string {
  if (value === 0) return 'auto';
  const seconds = value / 10_000;
  return seconds >= 0.3 ? `${Number(seconds.toFixed(1))}"` : `1/${Math.round(1 / seconds)}`;
}

/** Thousandths of a stop. */
function bias(value: number): string {
  const stops = Number((value / 1000).toFixed(2));
  return stops > 0 ? `+${stops}` : `${stops}`;
}

const LABELS: Readonly<Record<number, (value: number) => string>> = {
  [Property.BatteryLevel]: (value) => `${value} %`,
  [Property.FNumber]: (value) => `f/${value / 100}`,
  [Property.FocalLength]: (value) => `${value / 100} mm`,
  [Property.FocusDistance]: (value) => (value === 0xffff ? 'infinite' : `${value / 1000} m`),
  [Property.ExposureTime]: exposureTime,
  [Property.ExposureIndex]: (value) => (value === 0xffff ? 'auto' : `ISO ${value}`),
  [Property.ExposureBiasCompensation]: bias,
  [Property.CaptureDelay]: (value) => `${value / 1000} s`,
  [Property.DigitalZoom]: (value) => `x${value / 10}`,
};

/** Undefined where no table knows the value. */
export function standardLabel(property: number, value: number): string | undefined {
  return LABELS[property]?.(value) ?? TABLES[property]?.[value];
}
