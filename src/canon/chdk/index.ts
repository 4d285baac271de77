/** CHDK, a firmware add-on of PowerShots: its PTP operation's commands and their data. */
export { CHDK_OPERATION, ChdkCommand, ChdkMessage, ChdkValue } from './codes.ts';
export { ChdkCall, ChdkUpload, decodeChdkDisplay } from './datasets.ts';
