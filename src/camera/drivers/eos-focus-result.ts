/** How focusing came out, as an EOS body tells it. */
import { EosProperty, olcVersionFor, readOlc } from '../../canon/ptp/index.ts';
import type { FocusResult } from '../camera.ts';
import type { EosState, EventFeed } from './eos-events.ts';

/** Takes what the feed holds; undefined while focusing goes on, or where the body tells nothing. */
export function focusResult(state: EosState, feed: EventFeed): FocusResult | undefined {
  const version = state.number(EosProperty.OLCInfoVersion);
  for (const event of feed.take()) {
    if (event.kind !== 'olc') continue;
    const { focus } = readOlc(event, version ?? olcVersionFor(event));
    if (focus === 'focused' || focus === 'failed') return focus;
  }
  return undefined;
}
