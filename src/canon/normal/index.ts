/** Canon's protocol from before PTP ("normal mode"): packets, commands, events, the session. */
export {
  Attribute,
  CaptureState,
  Control,
  ImageKind,
  ReplyKind,
  Status,
  statusText,
  TransferMode,
  WakeStatus,
} from './codes.ts';
export type { NormalCommand, RemoteCommand, RemoteReply, RemoteRequest } from './commands.ts';
export { Commands, findCommand, findRemote, LOCK_KEYS_ECHO, Remote } from './commands.ts';
export type { DirectoryEntry, ListedFile, Listing } from './directory.ts';
export { decodeListing, encodeListing, isShortName, joinPath, SEPARATOR } from './directory.ts';
export { NormalStatusError } from './errors.ts';
export type { NormalEvent } from './events.ts';
export { decodeEvent, encodeEvent, eventText, NormalEventJoiner } from './events.ts';
export { EVERYTHING, NormalFiles, newFiles } from './files.ts';
export type { FormatTriple } from './labels.ts';
export { formatLabel, formatNumber, formatsOf, shootingModes } from './labels.ts';
export type { ModelClass } from './models.ts';
export { generationOf } from './models.ts';
export type { CommandPacket } from './packets.ts';
export {
  decodeCommand,
  decodeReply,
  decodeUploadAnnouncement,
  decodeUploadBlock,
  encodeDataHead,
  encodeReply,
  encodeUploadAnswer,
  encodeUploadReady,
  PACKET_HEAD,
  PREFIX,
  replySize,
} from './packets.ts';
export {
  compensationEighths,
  EXTENDED_PARAMETERS_SIZE,
  ExtendedParameters,
  ListItem,
  ReleaseParameters,
} from './parameters.ts';
export type { WaitingImage } from './remote.ts';
export { NormalRemote } from './remote.ts';
export type { NormalSessionOptions } from './session.ts';
export { NormalSession } from './session.ts';
export type { PictureAbility } from './structures.ts';
export {
  firmwareBytes,
  firmwareVersion,
  HELLO_SIZE,
  Hello,
  Identity,
  LIMITS_SIZE,
  Limits,
  onMains,
  PowerLevel,
  PowerSource,
  ValueList,
  WOKEN_KIND,
  Woken,
} from './structures.ts';
export type { NormalCommandSeen, NormalTap, NormalTransferSeen } from './tap.ts';
export { decodeText, encodeText } from './text.ts';
