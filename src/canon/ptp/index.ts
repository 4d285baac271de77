/** Canon's PTP extensions: codes, event records and structures, each declared for both directions. */
export { CheckedEvent } from './check-event.ts';
export { CanonEvent, EosRecord } from './codes/events.ts';
export { CanonObjectFormat } from './codes/formats.ts';
export { canonNames, isCanon, namesFor } from './codes/names.ts';
export { EosOperation, PowerShotOperation } from './codes/operations.ts';
export { EosProperty, PowerShotProperty } from './codes/properties.ts';
export { CanonResponse } from './codes/responses.ts';
export { DeviceInfoEx } from './device-info-ex.ts';
export { DirectoryEntrySize, decodeDirectory, encodeDirectory } from './directory.ts';
export type { EosValue } from './eos-value.ts';
export { decodeEosValue, encodeEosValue, splitChoices } from './eos-value.ts';
export { type EventProcArgument, EventProcCall } from './event-proc.ts';
export { eventProcs, findEventProc, type KnownEventProc } from './event-procs.ts';
export type { EosEvent, EosEventKind, TransferRequest } from './event-records.ts';
export { recordCode } from './event-records.ts';
export type { EventStream, PlacedEvent } from './events.ts';
export {
  CameraStatus,
  decodeEvents,
  encodeEvents,
  ListForm,
  readEvents,
  walkEvents,
} from './events.ts';
export {
  apertureCode,
  apertureLabel,
  apertureOf,
  Bulb,
  compensationCode,
  compensationLabel,
  compensationOf,
  isoCode,
  isoLabel,
  isoOf,
  nominalAperture,
  nominalShutter,
  shutterCode,
  shutterLabel,
  shutterOf,
} from './exposure.ts';
export { FolderEntry } from './folder-entry.ts';
export type { ImageFile, ImageFormat } from './image-format.ts';
export {
  compactImageFormat,
  decodeImageFormat,
  decodeImageFormats,
  encodeImageFormat,
  ImageFileType,
  ImageQuality,
  imageFormatLabel,
} from './image-format.ts';
export type { LiveViewInfo, LiveViewPart, LiveViewStream } from './live-view.ts';
export {
  decodeLiveView,
  decodeLiveViewPart,
  encodeLiveView,
  encodeLiveViewPart,
  FrameStatus,
  LiveViewRecord,
  readLiveView,
} from './live-view.ts';
export type { EosObject } from './object-entry.ts';
export { ObjectFlag } from './object-entry.ts';
export { ObjectInfo64 } from './object-info-64.ts';
export type { OlcFocus, OlcState } from './olc.ts';
export { OlcButton, olcSizes, olcVersionFor, readOlc, readOlcFields, splitOlc } from './olc.ts';
export type { OlcFieldValue } from './olc-fields.ts';
export { decodeOlcField, encodeOlcField, OlcField, OlcStorageState } from './olc-fields.ts';
export {
  decodeCell,
  decodeCells,
  decodePropValue,
  decodeText,
  encodeCell,
  encodeCells,
  encodePropValue,
  encodeText,
} from './prop-value.ts';
export type { NumberType, PropertyType } from './property-types.ts';
export { propertyType } from './property-types.ts';
export type { Sent } from './sent.ts';
export type { CustomFunction, CustomFunctionGroup } from './structures/custom-functions.ts';
export type { FlatFields, FlatName } from './structures/flat.ts';
export type { FocusInfo, FocusPoint } from './structures/focus-info.ts';
export { DirectoryRecord, Tree } from './tree.ts';
export { customFunctionLabels } from './values/custom-function-labels.ts';
export { canonValueLabel, eosValueLabel } from './values/value-label.ts';
