/** Values of Canon's properties in photographers' words. */
import { EosProperty as Eos, PowerShotProperty as Shot } from '../codes/properties.ts';
import type { EosValue } from '../eos-value.ts';
import { apertureLabel, compensationLabel, isoLabel, shutterLabel } from '../exposure.ts';
import { imageFormatLabel } from '../image-format.ts';
import { eosLabels } from './eos-labels.ts';
import { powerShotLabels } from './powershot-labels.ts';

type Label = (value: number) => string | undefined;

/** Exposure codes fill a byte; what lies beyond is a mark that no table explains. */
/* @__NO_SIDE_EFFECTS__ */
function exposure(label: (code: number) => string): Label {
  return (code) => (code <= 0xff ? label(code) : undefined);
}

const kelvin: Label = (value) => `${value} K`;
const seconds: Label = (value) => (value === 0 ? 'off' : `${value} s`);
const shift: Label = (value) => (value > 0 ? `+${value}` : `${value}`);
const id: Label = (value) => `0x${value.toString(16).padStart(8, '0')}`;
const count: Label = (value) => `${value}`;
const bracket: Label = (value) => {
  const label = compensationLabel(value);
  return label === '0' ? 'off' : label.replace('+', '±');
};
/** 0x18 is zero, and the code falls as the exposure rises. */
const inverted: Label = (value) => compensationLabel(0x18 - value);
const bytesOfVersion: Label = (value) =>
  [24, 16, 8, 0].map((bits) => (value >>> bits) & 0xff).join('.');
const version: Label = (value) => `${value >> 8}.${value & 0xff}`;

/** The camera's own clock, without a zone. */
const time: Label = (value) => new Date(value * 1000).toISOString().slice(0, 19);

const LABELS: Readonly<Record<number, Label>> = {
  [Eos.Aperture]: apertureLabel,
  [Eos.ShutterSpeed]: exposure(shutterLabel),
  [Eos.ISOSpeed]: exposure(isoLabel),
  [Eos.ExpCompensation]: compensationLabel,
  [Eos.CADarkBright]: compensationLabel,
  [Eos.AEB]: bracket,
  [Eos.ColorTemperature]: kelvin,
  [Eos.EVFColorTemp]: kelvin,
  [Eos.WhiteBalanceAdjustA]: shift,
  [Eos.WhiteBalanceAdjustB]: shift,
  [Eos.AutoPowerOff]: seconds,
  [Eos.CameraTime]: time,
  [Eos.UTCTime]: (value) => `${time(value)}Z`,
  [Eos.ModelID]: id,
  [Eos.CurrentStorage]: id,
  [Eos.CurrentFolder]: id,
  [Eos.AvailableShots]: count,
  [Eos.ShutterCounter]: count,
  [Shot.SelfTime]: (value) => seconds(value / 10),
  [Shot.ISOSpeed]: exposure(isoLabel),
  [Shot.Aperture]: apertureLabel,
  [Shot.AvOpen]: apertureLabel,
  [Shot.AvMax]: apertureLabel,
  [Shot.ShutterSpeed]: exposure(shutterLabel),
  [Shot.ExpCompensation]: inverted,
  [Shot.FlashCompensation]: inverted,
  [Shot.AEBExposureCompensation]: inverted,
  [Shot.Zoom]: count,
  [Shot.RemoteAPIVersion]: version,
  [Shot.DPOFVersion]: version,
  [Shot.FirmwareVersion]: bytesOfVersion,
  [Shot.UnixTime]: time,
  [Shot.ModelID]: id,
};

/**
 * "ISO 800", "1/250", "daylight": what a value of a Canon property means. Undefined where no table
 * knows it: show it as hexadecimal then.
 */
export function canonValueLabel(property: number, value: number): string | undefined {
  return LABELS[property]?.(value) ?? (eosLabels[property] ?? powerShotLabels[property])?.[value];
}

/** The same of a decoded value: also texts and image formats. */
export function eosValueLabel(property: number, value: EosValue): string | undefined {
  switch (value.kind) {
    case 'number':
      return canonValueLabel(property, value.value);
    case 'text':
      return value.text;
    case 'imageFormat':
      return imageFormatLabel(value.files);
    default:
      return undefined;
  }
}
