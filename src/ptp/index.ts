/** ISO 15740 and MTP: codes, datasets, the session, and the transports that carry it. */

export type { Call, Placement, TransactionOptions, TransactionResult } from './call.ts';
export { LONG_TIMEOUT_MS } from './call.ts';
export { Event, MtpEvent } from './codes/events.ts';
export { MtpObjectFormat, ObjectFormat } from './codes/formats.ts';
export type { NameTable, PtpNames } from './codes/names.ts';
export { codeNames, codeOf, layerNames, nameOf, standardNames } from './codes/names.ts';
export { AndroidOperation, MtpOperation, Operation } from './codes/operations.ts';
export { DeviceProperty, MtpDeviceProperty, ObjectProperty } from './codes/properties.ts';
export { MtpResponse, Response } from './codes/responses.ts';
export type { PtpValue } from './data-types.ts';
export { DataType, dataTypeName, ptpString, valueCodec } from './data-types.ts';
export { DeviceInfo, ObjectInfo, StorageInfo, U16Array, U32Array } from './datasets.ts';
export type { PtpDateTime } from './date-time.ts';
export { formatDateTime, parseDateTime } from './date-time.ts';
export type { PropertyForm } from './device-prop-desc.ts';
export { DevicePropDesc } from './device-prop-desc.ts';
export type { ObjectPropQuery } from './mtp.ts';
export { halves } from './mtp.ts';
export type { ObjectPropElement, ObjectPropForm } from './object-props.ts';
export { ObjectPropDesc, ObjectPropList } from './object-props.ts';
export type { NewObject, ObjectFilter } from './operations.ts';
export { ALL } from './operations.ts';
export type { Priority } from './queue.ts';
export { ResponseError } from './response-error.ts';
export type { SessionOptions } from './session.ts';
export { PtpSession } from './session.ts';
export type { Tap, TransactionSeen } from './tap.ts';
export { formatGuid, makeGuid, parseGuid } from './transport/guid.ts';
export type { IpConnectOptions } from './transport/ip-client.ts';
export { connectIp, PTP_IP_PORT } from './transport/ip-client.ts';
export type { KnownPacketType } from './transport/ip-packets.ts';
export { decodePacket, encodePacket, PacketType } from './transport/ip-packets.ts';
export type {
  DataSink,
  DataSource,
  KeepChunk,
  PtpEvent,
  PtpRequest,
  PtpResponse,
  PtpTransport,
  SessionSharing,
  Tether,
  TransactOptions,
  Turn,
} from './transport/transport.ts';
export { dataSource } from './transport/transport.ts';
export type { UsbConnectOptions } from './transport/usb.ts';
export { connectUsb } from './transport/usb.ts';
