/** Canon's protocol from before PTP ("normal mode"): packets, commands, events, the session. */
export {
  Attribute,
  CameraOutput,
  CaptureState,
  Control,
  ImageKind,
  ReplyKind,
  Status,
  statusText,
  TransferMode,
  WakeStatus,
} from './codes.ts';
export type {
  CommandName,
  Generation,
  NormalCommand,
  RemoteCommand,
  RemoteName,
  RemoteReply,
  RemoteRequest,
} from './commands.ts';
export {
  AFTER_RELEASE,
  Commands,
  EOS_LOCK,
  findCommand,
  findRemote,
  LOCK_KEYS_ECHO,
  Remote,
} from './commands.ts';
export type { DirectoryEntry, ListedFile, Listing } from './directory.ts';
export {
  decodeListing,
  encodeListing,
  isShortName,
  joinPath,
  LONGEST_LISTING,
  readListing,
  SEPARATOR,
  splitPath,
} from './directory.ts';
export { NormalStatusError } from './errors.ts';
export type { NormalEvent } from './events.ts';
export { decodeEvent, encodeEvent, eventText, NormalEventJoiner } from './events.ts';
export { EVERYTHING, NormalFiles, newFiles } from './files.ts';
export type { FormatTriple } from './labels.ts';
export { formatLabel, formatNumber, formatsOf, shootingModes } from './labels.ts';
export type { ModelClass } from './models.ts';
export { generationOf, isEosBody, modelClass, tellsNoEnd } from './models.ts';
export type { CommandPacket, ReplyPacket, UploadAnswer, UploadBlock } from './packets.ts';
export {
  decodeCommand,
  decodeDataHead,
  decodeReply,
  decodeUploadAnnouncement,
  decodeUploadAnswer,
  decodeUploadBlock,
  encodeCommand,
  encodeDataHead,
  encodeReply,
  encodeUploadAnnouncement,
  encodeUploadAnswer,
  encodeUploadBlock,
  encodeUploadReady,
  isUploadReady,
  markOf,
  PACKET_HEAD,
  PREFIX,
  replySize,
  UPLOAD_BLOCK,
} from './packets.ts';
export {
  compensationCode,
  compensationEighths,
  EXTENDED_PARAMETERS_SIZE,
  ExtendedParameters,
  ListItem,
  RELEASE_PARAMETERS_SIZE,
  ReleaseParameters,
} from './parameters.ts';
export type { WaitingImage } from './remote.ts';
export { NormalRemote } from './remote.ts';
export type { CallOptions, NormalSessionOptions } from './session.ts';
export { NormalSession } from './session.ts';
export type { PictureAbility } from './structures.ts';
export {
  Abilities,
  CameraTime,
  chunkLimit,
  DiskInfo,
  diskBytes,
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
  PowerStatus,
  ValueList,
  WOKEN_KIND,
  Woken,
  Zoom,
} from './structures.ts';
export type { NormalCommandSeen, NormalTap, NormalTransferSeen } from './tap.ts';
export { decodeText, encodeText } from './text.ts';
