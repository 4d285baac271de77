/** What the records of GetViewFinderData say of one frame. */
import { decodeLiveView, decodeLiveViewPart, FrameStatus } from '../../canon/ptp/index.ts';
import type { LiveViewFocusFrame, LiveViewFrame } from '../camera.ts';
import { isJpeg, noFacts } from './plain-frame.ts';

const STATES: Readonly<Record<number, LiveViewFocusFrame['state']>> = {
  [FrameStatus.FaceTracking]: 'face',
  [FrameStatus.Tracking]: 'tracking',
  [FrameStatus.InFocus]: 'focused',
  [FrameStatus.Failed]: 'failed',
};

/** Undefined where there is no JPEG in it: bodies that are just starting send the rest alone. */
export function liveViewFrame(data: Uint8Array, arrivedAt: number): LiveViewFrame | undefined {
  let jpeg: Uint8Array | undefined;
  const facts = noFacts();
  for (const part of decodeLiveView(data)) {
    const info = decodeLiveViewPart(part);
    switch (info.kind) {
      case 'picture':
        if (isJpeg(info.picture)) jpeg ??= info.picture;
        break;
      case 'histogram': {
        const { luma, red, green, blue } = info;
        facts.histogram = { luma, red, green, blue };
        break;
      }
      case 'zoomFactor':
        facts.zoomFactor = info.factor;
        break;
      case 'frame': {
        const { x, y, width, height, status } = info;
        facts.focusFrames.push({ x, y, width, height, status, state: STATES[status] });
        break;
      }
      case 'time':
        facts.date = isoDate(1000 * info.seconds + info.milliseconds);
        break;
      case 'rectangle': {
        const { x, y, width, height } = info;
        facts.zoomRectangle = { x, y, width, height };
        break;
      }
      case 'size':
        facts.coordinates = { width: info.width, height: info.height };
    }
  }
  return jpeg && { jpeg, arrivedAt, ...facts };
}

/** The clock of the camera knows no zone, so neither does this. */
function isoDate(ms: number): string {
  return new Date(ms).toISOString().slice(0, -1);
}
