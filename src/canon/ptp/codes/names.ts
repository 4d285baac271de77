/** The names of Canon's codes, laid over those of the standard. */
import { codeNames, layerNames, type PtpNames, standardNames } from '../../../ptp/codes/names.ts';
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
