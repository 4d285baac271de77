/**
 * Cameras in a network: how they announce themselves or look for computers, whom they let in, and
 * when they leave. Messages and decisions; the sockets are those of whoever calls.
 */
export type { OutgoingDns, WifiMenu, WifiPorts } from './ports.ts';
export { WifiFront } from './wifi-front.ts';
