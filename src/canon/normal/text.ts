/** Texts as the cameras have them: one byte a character, ended by a zero byte. */
import type { Codec, Reader } from '../../bytes/index.ts';

export function encodeText(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (code === 0 || code > 0xff) throw new RangeError(`"${character}" is no character for it`);
    return code;
  });
}

/** Up to the first zero byte, or whole where there is none. */
export function decodeText(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  let text = '';
  for (const byte of end < 0 ? bytes : bytes.subarray(0, end)) text += String.fromCharCode(byte);
  return text;
}

/** Takes the zero byte as well, where there is one. */
function readText(reader: Reader): string {
  const rest = reader.bytes.subarray(reader.offset);
  const end = rest.indexOf(0);
  return decodeText(reader.take(end < 0 ? rest.length : end + 1));
}

/** Of any length, with its zero byte. */
export const text: Codec<string> = {
  read: readText,
  write: (writer, value) => void writer.put(encodeText(value)).u8(0),
};

/** In a field of `size` bytes, padded with zeros; a full field has no zero byte. */
/* @__NO_SIDE_EFFECTS__ */
export function textField(size: number): Codec<string> {
  return {
    read: (reader) => decodeText(reader.take(size)),
    write(writer, value) {
      const bytes = encodeText(value);
      if (bytes.length > size) throw new RangeError(`"${value}" is longer than ${size} bytes`);
      writer.put(bytes).zeros(size - bytes.length);
    },
  };
}
