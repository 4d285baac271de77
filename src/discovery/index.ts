/**
 * Cameras in the network: how they announce themselves (SSDP, mDNS), what their descriptions say,
 * and the part that a computer plays for PowerShots, which look for computers instead.
 * Messages and decisions only; `src/node` has the sockets.
 */
export { answerForComputer, shownName } from './computer-description.ts';
export { ComputerResponder } from './computer-responder.ts';
export { parseDescription } from './description.ts';
export type { FinderEvent, FoundCamera, WifiMode } from './finder.ts';
export { CameraFinder } from './finder.ts';
export type { DnsMessage } from './mdns.ts';
export { mdnsQuestions } from './mdns.ts';
export type { NetworkInterface } from './network.ts';
export type { Endpoint, HttpAnswer, HttpGet, HttpRequest } from './ports.ts';
export { ServiceType, searchedTypes } from './service-types.ts';
export {
  formatSsdp,
  parseSsdp,
  SSDP_GROUP,
  SSDP_PORT,
  searchMessage,
} from './ssdp.ts';
