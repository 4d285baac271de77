/** Captures to traffic. */
import type { Time, Traffic } from '../traffic.ts';
import { type Frame, FrameReader } from './frames.ts';
import { addressText, readNetwork } from './network.ts';
import { TcpReader } from './tcp.ts';
import { UsbReader } from './usb.ts';

export interface CaptureStatistics {
  frames: number;
  /** "tcp", "udp", "usb", "arp", "ip2" (a protocol of IP by its number), "llc", "link 127", … */
  readonly framesByProtocol: Map<string, number>;
  /** Of all frames, as they were on the wire. */
  bytes: number;
  /** Of the first frame, and of the latest. */
  start: Time;
  end: Time;
  /** That frames came from. */
  interfaces: number;
  /** Why reading stopped before the end of the file, or that the file stops in a frame. */
  cut: string | undefined;
}

/**
 * Reads a capture, in constant memory. What makes no sense ends the traffic, and the statistics say
 * so; a file that is no capture at all throws a HotshoeError `USAGE`. `name` is for messages.
 */
export function readTraffic(
  source: AsyncIterable<Uint8Array>,
  name = 'the file',
): { traffic: AsyncIterable<Traffic>; statistics: CaptureStatistics } {
  const statistics: CaptureStatistics = {
    ...{ frames: 0, framesByProtocol: new Map(), bytes: 0, start: 0, end: 0 },
    ...{ interfaces: 0, cut: undefined },
  };
  return { traffic: traffic(), statistics };

  async function* traffic(): AsyncGenerator<Traffic, void, undefined> {
    const queue: Traffic[] = [];
    const emit = (item: Traffic) => queue.push(item);
    const tcp = new TcpReader(emit);
    const usb = new UsbReader(emit);
    const frames = new FrameReader(name, (frame) => {
      count(frame, usb.read(frame) ?? readNetwork(frame, listener));
    });
    const listener = networkListener(tcp, emit);
    for await (const chunk of source) {
      frames.push(chunk);
      statistics.interfaces = frames.interfaces.size;
      if (queue.length > 0) yield* queue.splice(0);
      if (frames.fault !== undefined) break;
    }
    frames.end();
    statistics.cut = frames.fault;
    tcp.end();
    yield* queue.splice(0);
  }

  function count({ time, size, linkType }: Frame, protocol = `link ${linkType}`): void {
    if (statistics.frames++ === 0) statistics.start = time;
    statistics.end = Math.max(statistics.end, time);
    statistics.bytes += size;
    const { framesByProtocol } = statistics;
    framesByProtocol.set(protocol, (framesByProtocol.get(protocol) ?? 0) + 1);
  }
}

function networkListener(
  tcp: TcpReader,
  emit: (traffic: Traffic) => void,
): Parameters<typeof readNetwork>[1] {
  return {
    segment: (segment) => tcp.segment(segment),
    datagram: ({ time, source, destination, hops }, sourcePort, destinationPort, bytes) => {
      emit({
        ...{ kind: 'datagram', time, hops, bytes },
        source: { address: addressText(source), port: sourcePort },
        destination: { address: addressText(destination), port: destinationPort },
      });
    },
  };
}
