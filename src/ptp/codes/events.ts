/** Event codes of ISO 15740. */
export const Event = {
  Undefined: 0x4000,
  CancelTransaction: 0x4001,
  ObjectAdded: 0x4002,
  ObjectRemoved: 0x4003,
  StoreAdded: 0x4004,
  StoreRemoved: 0x4005,
  DevicePropChanged: 0x4006,
  ObjectInfoChanged: 0x4007,
  DeviceInfoChanged: 0x4008,
  RequestObjectTransfer: 0x4009,
  StoreFull: 0x400a,
  DeviceReset: 0x400b,
  StorageInfoChanged: 0x400c,
  CaptureComplete: 0x400d,
  UnreportedStatus: 0x400e,
} as const;

/** Event codes of MTP 1.1. */
export const MtpEvent = {
  ObjectPropChanged: 0xc801,
  ObjectPropDescChanged: 0xc802,
  ObjectReferencesChanged: 0xc803,
} as const;
