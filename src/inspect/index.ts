/** Traffic made readable: captures and live. */
export type { CaptureStatistics } from './capture/index.ts';
export { readTraffic } from './capture/index.ts';
export type { DecodeStatistics, Unrelated } from './decode/decoder.ts';
export { Decoder, decodeTraffic } from './decode/decoder.ts';
export type {
  DataWatcher,
  DecodeOptions,
  HttpExchange,
  Link,
  MdnsMessage,
  Seen,
  SsdpMessage,
  Transaction,
} from './decode/seen.ts';
export { timeOf } from './decode/seen.ts';
export { objectPiece } from './describe/index.ts';
export { objectFacts } from './extract/object-facts.ts';
export { Recorder } from './record/recorder.ts';
export { StreamTap, tapUsb } from './record/taps.ts';
export { Redactor } from './redact/redactor.ts';
export type { CodeMatch, Wanted } from './tell/filter.ts';
export { isWanted } from './tell/filter.ts';
export { Summary } from './tell/summary.ts';
export type { Told } from './tell/told.ts';
export { tell } from './tell/told.ts';
export { TransactionLog } from './transaction-log.ts';
