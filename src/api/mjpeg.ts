/** The moving picture as multipart/x-mixed-replace, at the pace of whoever reads. */

const BOUNDARY = 'hotshoe-frame';
export const MJPEG_TYPE = `multipart/x-mixed-replace; boundary=${BOUNDARY}`;

/** Pulls a frame only when the last one is out; frames in between are missed, none is kept. */
export function mjpeg(
  next: (signal: AbortSignal) => Promise<Uint8Array | undefined>,
): ReadableStream<Uint8Array> {
  const text = new TextEncoder();
  const gone = new AbortController();
  return new ReadableStream<Uint8Array>(
    {
      // Each picture is followed by the boundary at once: browsers show it when they see that.
      start: (controller) => controller.enqueue(text.encode(`--${BOUNDARY}\r\n`)),
      async pull(controller) {
        const jpeg = await next(gone.signal);
        if (!jpeg) return controller.close();
        const head = `Content-Type: image/jpeg\r\nContent-Length: ${jpeg.length}\r\n\r\n`;
        const tail = text.encode(`\r\n--${BOUNDARY}\r\n`);
        const part = new Uint8Array(head.length + jpeg.length + tail.length);
        part.set(text.encode(head));
        part.set(jpeg, head.length);
        part.set(tail, head.length + jpeg.length);
        controller.enqueue(part);
      },
      cancel: () => gone.abort(),
    },
    { highWaterMark: 0 },
  );
}
