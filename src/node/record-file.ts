/** Recordings in files. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { unlink } from 'node:fs/promises';
import { ignore } from '../base/time.ts';
import type { TrafficTap } from '../camera/address.ts';
import { Recorder, Redactor, StreamTap, tapUsb } from '../inspect/index.ts';
import type { Traffic } from '../inspect/traffic.ts';
import { nameFile } from './download.ts';
import { fileError } from './file-error.ts';

export interface Recording {
  /** For `open`: notes down what passes between this program and the camera. */
  readonly tap: TrafficTap;
  /** Ends the recording and gives the file its name, or one like it where that is taken. */
  finish(): Promise<string>;
}

export interface RecordOptions {
  /** What the file says that made it. */
  application?: string | undefined;
  /** Mask what names a person or a body: serial numbers, owner, places, network addresses. */
  redact?: boolean | undefined;
}

/**
 * Begins to record to a pcapng file, which grows beside its name until it is finished. Throws a
 * HotshoeError `FILE` where it cannot be written.
 */
export function recordTo(file: string, options: RecordOptions = {}): Recording {
  const { application = 'hotshoe', redact = false } = options;
  const part = `${file}.${process.pid}.part`;
  let fd: number;
  try {
    // It may hold what is private: for its owner only.
    fd = openSync(part, 'w', 0o600);
  } catch (error) {
    throw fileError(error, 'write', file, 'Choose another file with --record.');
  }
  let fault: unknown;
  const recorder = new Recorder(application, (bytes) => {
    if (fault !== undefined) return;
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
    } catch (error) {
      // The camera is not to suffer from it; told when the recording is finished.
      fault = error;
    }
  });
  const redactor = redact ? new Redactor((traffic) => recorder.push(traffic)) : undefined;
  const note = (traffic: Traffic) => (redactor ?? recorder).push(traffic);
  const streams = new StreamTap(note);
  return {
    tap: {
      stream: (stream) => streams.tap(stream),
      usb: (device) => tapUsb(device, note),
    },
    async finish() {
      redactor?.end();
      closeSync(fd);
      if (fault === undefined) return nameFile(part, file);
      await unlink(part).catch(ignore);
      throw fileError(fault, 'write', file, 'Choose another file with --record.');
    },
  };
}
