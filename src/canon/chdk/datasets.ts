/** Data of CHDK's commands, each declared once for both directions (CHDK, core/ptp.c, live_view.h). */
import { type Codec, dataset, type Infer, i32, Reader, struct, u32 } from '../../bytes/index.ts';

/** Paths are 8-bit text without a terminator. */
const path: Codec<string> = {
  read(reader) {
    const size = reader.u32();
    let text = '';
    for (const byte of reader.take(size)) text += String.fromCharCode(byte);
    return text;
  },
  write(writer, text) {
    writer.u32(text.length);
    for (let i = 0; i < text.length; i++) writer.u8(text.charCodeAt(i));
  },
};

const rest: Codec<Uint8Array> = {
  read: (reader) => reader.rest(),
  write: (writer, value) => void writer.put(value),
};

/** Data of UploadFile. */
export const ChdkUpload = struct('CHDK upload', {
  /** "A/CHDK/SCRIPTS/X.LUA". */
  path,
  content: rest,
});

export interface ChdkCall {
  /** Address in the camera's memory. */
  address: number;
  args: number[];
}

/** Data of CallFunction: as many arguments as there are words. */
export const ChdkCall = dataset<ChdkCall>('CHDK call', {
  read(reader) {
    const address = reader.u32();
    const args: number[] = [];
    while (reader.remaining > 0) args.push(reader.u32());
    return { address, args };
  },
  write(writer, { address, args }) {
    writer.u32(address);
    for (const arg of args) writer.u32(arg);
  },
});

/** A bitmap of GetDisplayData and where it stands on the screen. */
const framebuffer = struct('CHDK framebuffer', {
  /** 0 YUV8, 1 PAL8, 2 YUV8B, 3 YUV8C, 4 OPACITY8. */
  type: i32,
  /** Of the pixels from the block's start; 0: not sent. */
  dataStart: i32,
  bufferWidth: i32,
  visibleWidth: i32,
  visibleHeight: i32,
  marginLeft: i32,
  marginTop: i32,
  marginRight: i32,
  marginBottom: i32,
});
type Framebuffer = Infer<typeof framebuffer>;

export interface ChdkDisplay {
  major: number;
  minor: number;
  /** Of the screen: 0 4:3, 1 16:9, 2 3:2. */
  aspect: number;
  paletteType: number;
  paletteStart: number;
  viewport: Framebuffer | undefined;
  bitmap: Framebuffer | undefined;
  /** From version 2.2 on, of cameras that have such a plane. */
  opacity: Framebuffer | undefined;
}

const header = struct('CHDK display header', {
  major: u32,
  minor: u32,
  aspect: i32,
  paletteType: i32,
  paletteStart: i32,
  viewportStart: u32,
  bitmapStart: u32,
});

/** What the block of GetDisplayData holds; its pixels stay where they are. */
export function decodeChdkDisplay(bytes: Uint8Array): ChdkDisplay {
  const reader = new Reader(bytes, 'CHDK display');
  const { viewportStart, bitmapStart, ...head } = header.read(reader);
  const hasOpacity = head.major > 2 || head.minor >= 2;
  const opacityStart = hasOpacity ? reader.u32() : 0;
  const at = (start: number): Framebuffer | undefined => {
    if (start === 0) return undefined;
    reader.seek(start);
    return framebuffer.read(reader);
  };
  return {
    ...head,
    viewport: at(viewportStart),
    bitmap: at(bitmapStart),
    opacity: at(opacityStart),
  };
}
