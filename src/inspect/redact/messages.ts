/** Texts by which cameras and computers find each other, SSDP and HTTP: masked in place. */
import { maskedText } from './mask.ts';

/** The last part of what Canon's devices give as their id is the address of their interface. */
const UUID = /([0-9a-f]{8}-(?:[0-9a-f]{4}-){3})([0-9a-f]{12})/gi;
const ADDRESS = /\b[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}\b/gi;
const ELEMENT = /(<(?:[\w.-]+:)?(?:serialNumber|friendlyName|\w*nickname)\b[^<>]*>)([^<]*)/gi;
/** Of a device that is for anyone. */
const ANYONE = /^f+$/i;

const zeros = (text: string) => text.replace(/[^:-]/g, '0');

/** With the same length. */
function maskMessage(text: string): string {
  return text
    .replace(
      UUID,
      (_, head: string, node: string) => head + (ANYONE.test(node) ? node : zeros(node)),
    )
    .replace(ADDRESS, zeros)
    .replace(ELEMENT, (_, tag: string, value: string) => tag + maskedText(value));
}

/** Eight-bit units, so that every byte has its place in the text. */
export function maskMessageBytes(bytes: Uint8Array): void {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  const masked = maskMessage(text);
  for (let i = 0; i < bytes.length; i++) bytes[i] = masked.charCodeAt(i);
}
