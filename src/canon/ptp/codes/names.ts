/** The names of Canon's codes, laid over those of the standard. */
import { codeNames, layerNames, type PtpNames, standardNames } from '../../../ptp/codes/names.ts';
import type { DeviceInfo } from '../../../ptp/datasets.ts';
import { CanonEvent, EosRecord } from './events.ts';
import { CanonObjectFormat } from './formats.ts';
import { EosOperation, PowerShotOperation } from './operations.ts';
import { EosProperty, PowerShotProperty } from './properties.ts';
import { CanonResponse } from './responses.ts';

export const canonNames: PtpNames = layerNames(standardNames, {
  operations: { ...codeNames(PowerShotOperation), ...codeNames(EosOperation) },
  responses: codeNames(CanonResponse),
  events: { ...codeNames(CanonEvent), ...codeNames(EosRecord) },
  formats: codeNames(CanonObjectFormat),
  properties: { ...codeNames(PowerShotProperty), ...codeNames(EosProperty) },
});

type Maker = Pick<DeviceInfo, 'vendorExtensionId' | 'manufacturer'>;

/** Vendor extension 0x0B is Canon; the same bodies say 6, Microsoft, and name Canon as maker. */
export function isCanon({ vendorExtensionId, manufacturer }: Maker): boolean {
  return vendorExtensionId === 0x0b || /canon/i.test(manufacturer);
}

/** The names that the maker of a body gives its codes. */
export function namesFor(info: Maker): PtpNames {
  return isCanon(info) ? canonNames : standardNames;
}
