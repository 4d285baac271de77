/** What a body from before PTP tells, in the words that all cameras share. */

import { Broadcast } from '../../base/channel.ts';
import { CaptureState, type NormalEvent, type NormalSession } from '../../canon/normal/index.ts';
import { ObjectFormat } from '../../ptp/index.ts';
import type { CameraEvent } from '../camera.ts';

export class NormalEvents implements AsyncIterable<CameraEvent> {
  #events = new Broadcast<CameraEvent>();

  constructor(session: NormalSession) {
    session.listen((event) => {
      const told = cameraEvent(event);
      if (told) this.#events.push(told);
    });
    void session.closed.then((error) => this.#events.close(error));
  }

  [Symbol.asyncIterator](): AsyncIterator<CameraEvent> {
    return this.#events.subscribe();
  }
}

function cameraEvent(event: NormalEvent): CameraEvent | undefined {
  switch (event.kind) {
    case 'capture':
      return { type: 'status', busy: event.state === CaptureState.Exposed };
    case 'image': {
      const { key: handle, what: name, size } = event;
      return { type: 'transferrequest', handle, name, size, format: ObjectFormat.EXIF_JPEG };
    }
    case 'stored':
      return { type: 'storage', storageId: 1 };
    case 'unknown':
      return { type: 'unknown', code: event.code, payload: event.payload };
    default:
      return undefined;
  }
}
