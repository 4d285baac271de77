/** What Canon's devices call themselves in SSDP. */
export const ServiceType = {
  RootDevice: 'upnp:rootdevice',
  All: 'ssdp:all',
  Basic: 'urn:schemas-upnp-org:device:Basic:1',
  /** "Remote control (EOS Utility)", also of wired bodies and transmitters. */
  EosUtility: 'urn:schemas-canon-com:service:ICPO-WFTEOSSystemService:1',
  /** "Connect to smartphone" of bodies that speak PTP/IP there at once. */
  Smartphone: 'urn:schemas-canon-com:service:ICPO-SmartPhoneEOSSystemService:1',
  /** The HTTP interface of newer bodies. */
  CameraControlApi: 'urn:schemas-canon-com:service:ICPO-CameraControlAPIService:1',
  /** "Connect to smartphone" of PowerShots that want the phone program's own exchange first. */
  MobileConnectedCamera: 'urn:schemas-canon-com:service:MobileConnectedCameraService:1',
} as const;

/** What a computer that looks for cameras asks for, one datagram each. */
export const searchedTypes: readonly string[] = [
  ServiceType.EosUtility,
  ServiceType.Smartphone,
  ServiceType.CameraControlApi,
  ServiceType.MobileConnectedCamera,
];
