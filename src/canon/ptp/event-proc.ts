/**
 * Data of ExecuteEventProc (0x9052): a named function of the firmware and its arguments, as libpict
 * and chdkptp send them. Name with its terminator, u32 number of arguments, 20 bytes for each, u32
 * number of blocks, and each block behind its u32 index.
 */
import { dataset, type Reader } from '../../bytes/index.ts';
import { decodeText, encodeText } from './prop-value.ts';

export type EventProcArgument =
  | { kind: 'integer'; value: number }
  /** A text holds its terminator. */
  | { kind: 'block'; bytes: Uint8Array };

export interface EventProcCall {
  name: string;
  args: EventProcArgument[];
}

const ArgumentType = { Integer: 2, Block: 4 } as const;
const ARGUMENT = 20;

interface ArgumentHead {
  type: number;
  value: number;
  block: number;
  size: number;
}

export const EventProcCall = dataset<EventProcCall>('EventProc call', {
  read(reader) {
    const name = readName(reader);
    const count = reader.u32();
    reader.expect(count, ARGUMENT, 'arguments');
    const heads = Array.from({ length: count }, () => readHead(reader));
    const blocks = readBlocks(reader, heads);
    const args = heads.map(({ type, value, block }): EventProcArgument => {
      if (type === ArgumentType.Integer) return { kind: 'integer', value };
      const bytes = blocks.get(block);
      if (!bytes) throw reader.invalid(`argument of type ${type} without its block ${block}`);
      return { kind: 'block', bytes };
    });
    return { name, args };
  },
  write(writer, { name, args }) {
    writer.put(encodeText(name)).u32(args.length);
    const blocks: Uint8Array[] = [];
    for (const arg of args) {
      if (arg.kind === 'integer') writer.u32(ArgumentType.Integer).u32(arg.value).zeros(12);
      else {
        writer.u32(ArgumentType.Block).zeros(8).u32(blocks.length).u32(arg.bytes.length);
        blocks.push(arg.bytes);
      }
    }
    writer.u32(blocks.length);
    for (const [index, block] of blocks.entries()) writer.u32(index).put(block);
  },
});

function readName(reader: Reader): string {
  const left = reader.bytes.subarray(reader.offset);
  const end = left.indexOf(0);
  if (end < 0) throw reader.invalid('a name without its end');
  return decodeText(reader.take(end + 1));
}

function readHead(reader: Reader): ArgumentHead {
  const head = { type: reader.u32(), value: reader.u32() };
  // The upper half of the value, 0.
  reader.u32();
  return { ...head, block: reader.u32(), size: reader.u32() };
}

/** How long a block is stands with its argument. */
function readBlocks(reader: Reader, heads: readonly ArgumentHead[]): Map<number, Uint8Array> {
  const count = reader.u32();
  reader.expect(count, 4, 'blocks');
  const blocks = new Map<number, Uint8Array>();
  for (let i = 0; i < count; i++) {
    const index = reader.u32();
    const head = heads.find(({ type, block }) => type !== ArgumentType.Integer && block === index);
    if (!head) throw reader.invalid(`block ${index} belongs to no argument`);
    blocks.set(index, reader.take(head.size));
  }
  return blocks;
}
