/** Exchanges as an observer of the wire sees them, by PTP/IP and by USB. */
import { concat } from '../../src/base/byte-stream.ts';
import type { Connection, Traffic } from '../../src/inspect/traffic.ts';
import { encodePacket, PacketType } from '../../src/ptp/index.ts';
import {
  ContainerType,
  encodeBlock,
  encodeDataHead,
} from '../../src/ptp/transport/usb-containers.ts';

export interface Exchange {
  readonly code: number;
  readonly params?: readonly number[];
  readonly direction?: 'in' | 'out';
  readonly data: Uint8Array;
}

export const connection: Connection = {
  id: 1,
  client: { address: '192.168.0.54', port: 50_000 },
  server: { address: '192.168.0.46', port: 15_740 },
  fromStart: true,
};

export function streamBytes(fromClient: boolean, bytes: Uint8Array, at = connection): Traffic {
  return { kind: 'bytes', time: 0, connection: at, fromClient, bytes };
}

const OK = 0x2001;

/** In segments of `size` bytes, behind the packets of `init`. */
export function byIp(
  init: { request: Uint8Array; ack: Uint8Array },
  exchanges: readonly Exchange[],
  size: number,
): Traffic[] {
  const turns: [boolean, Uint8Array][] = [
    [true, init.request],
    [false, init.ack],
  ];
  for (const [transactionId, { code, params = [], direction, data }] of exchanges.entries()) {
    const half = data.length >> 1;
    const phase = [
      encodePacket(PacketType.StartData, { transactionId, total: BigInt(data.length) }),
      encodePacket(PacketType.Data, { transactionId, payload: data.subarray(0, half) }),
      encodePacket(PacketType.EndData, { transactionId, payload: data.subarray(half) }),
    ];
    const request = encodePacket(PacketType.OperationRequest, {
      ...{ dataPhaseInfo: direction === 'out' ? 2 : 1, code, transactionId, params: [...params] },
    });
    const response = encodePacket(PacketType.OperationResponse, {
      ...{ code: OK, transactionId, params: [] },
    });
    turns.push([true, concat(direction === 'out' ? [request, ...phase] : [request])]);
    turns.push([false, concat(direction === 'out' ? [response] : [...phase, response])]);
  }
  return turns.flatMap(([fromClient, bytes]) =>
    pieces(bytes, size).map((piece) => streamBytes(fromClient, piece)),
  );
}

/** In transfers of `size` bytes. */
export function byUsb(exchanges: readonly Exchange[], size: number): Traffic[] {
  const place = { bus: 1, device: 4 };
  return exchanges.flatMap(({ code, params = [], direction = 'in', data }, transactionId) => {
    const phase = pieces(concat([encodeDataHead(code, transactionId, data.length), data]), size);
    return [
      transfer('out', encodeBlock(ContainerType.Command, code, transactionId, [...params])),
      ...phase.map((bytes) => transfer(direction, bytes)),
      transfer('in', encodeBlock(ContainerType.Response, OK, transactionId, [])),
    ];
  });

  function transfer(direction: 'in' | 'out', bytes: Uint8Array): Traffic {
    return {
      ...{ kind: 'usb', time: 0, asked: 0, place, type: 'bulk', direction, status: 0 },
      ...{ endpoint: direction === 'in' ? 1 : 2, setup: undefined, size: bytes.length, bytes },
    };
  }
}

function pieces(bytes: Uint8Array, size: number): Uint8Array[] {
  const count = Math.ceil(bytes.length / size);
  return Array.from({ length: count }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
}
