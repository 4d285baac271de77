/**
 * Cameras in the network: how they announce themselves (SSDP, mDNS), what their descriptions say,
 * and the part that a computer plays for PowerShots, which look for computers instead.
 * Messages and decisions only; `src/node` has the sockets.
 */
export type { ComputerDescription } from './computer-description.ts';
export { answerForComputer, shownName } from './computer-description.ts';
export type { ComputerResponderOptions } from './computer-responder.ts';
export { ComputerResponder } from './computer-responder.ts';
export type { DeviceDescription } from './description.ts';
export { parseDescription } from './description.ts';
export type { FinderEvent, FinderOptions, FoundCamera, WifiMode } from './finder.ts';
export { CameraFinder } from './finder.ts';
export { checkLocation } from './location.ts';
export type { DnsMessage, DnsRecord } from './mdns.ts';
export { mdnsQuestions, readMdnsCamera } from './mdns.ts';
export type { NetworkInterface } from './network.ts';
export { interfaceOf } from './network.ts';
export type { Endpoint, HttpAnswer, HttpGet, HttpRequest } from './ports.ts';
export { ServiceType, searchedTypes } from './service-types.ts';
export type { SsdpMessage } from './ssdp.ts';
export {
  formatSsdp,
  parseSsdp,
  SSDP_GROUP,
  SSDP_PORT,
  searchMessage,
} from './ssdp.ts';
