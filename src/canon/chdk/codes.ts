/**
 * CHDK's one operation and its numbers (CHDK, core/ptp.h, protocol 2.9). The operation's first
 * parameter is a command, the others are its arguments.
 */
export const CHDK_OPERATION = 0x9999;

export const ChdkCommand = {
  Version: 0,
  GetMemory: 1,
  SetMemory: 2,
  CallFunction: 3,
  TempData: 4,
  UploadFile: 5,
  DownloadFile: 6,
  ExecuteScript: 7,
  ScriptStatus: 8,
  ScriptSupport: 9,
  ReadScriptMsg: 10,
  WriteScriptMsg: 11,
  GetDisplayData: 12,
  RemoteCaptureIsReady: 13,
  RemoteCaptureGetData: 14,
} as const;

/** First response parameter of ReadScriptMsg. */
export const ChdkMessage = { None: 0, Error: 1, Return: 2, User: 3 } as const;

/** Second response parameter of ReadScriptMsg, for returned values and messages of the user. */
export const ChdkValue = {
  Unsupported: 0,
  Nil: 1,
  Boolean: 2,
  Integer: 3,
  String: 4,
  Table: 5,
} as const;
