/** Events as server-sent events. */
import type { Channel } from '../base/channel.ts';
import { type Clock, systemClock } from '../base/time.ts';
import type { ApiEvent } from './schemas.ts';

/** Proxies and browsers take a silent connection for a dead one. */
const REMIND_MS = 15_000;

/** `first` is what the client must know; a client that is too slow to keep up has to come again. */
export function eventStream(
  first: ApiEvent,
  events: Channel<ApiEvent>,
  clock: Clock = systemClock,
): Response {
  const text = new TextEncoder();
  const line = ({ type, data }: ApiEvent) =>
    text.encode(`event: ${type}\ndata: ${JSON.stringify(data)}\n\n`);
  let callOff: (() => void) | undefined;
  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        controller.enqueue(text.encode('retry: 1000\n\n'));
        controller.enqueue(line(first));
        const remind = () => {
          if ((controller.desiredSize ?? 0) > -LATE) controller.enqueue(text.encode(':\n\n'));
          callOff = clock.after(REMIND_MS, remind);
        };
        callOff = clock.after(REMIND_MS, remind);
      },
      async pull(controller) {
        const { value, done } = await events.next();
        if (done || events.dropped > 0) {
          callOff?.();
          controller.close();
          await events.return();
        } else controller.enqueue(line(value));
      },
      async cancel() {
        callOff?.();
        await events.return();
      },
    },
    { highWaterMark: 4 },
  );
  return new Response(body, {
    headers: { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' },
  });
}

/** Reminders that nobody takes are not piled up. */
const LATE = 8;
