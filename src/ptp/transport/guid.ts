/** GUIDs of PTP/IP: 16 raw bytes on the wire, Microsoft's order in text. */

/** Byte order of the text form: groups 1 to 3 reversed, groups 4 and 5 as they stand. */
const ORDER = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15] as const;

/** "01234567-FEED-DEAD-BEEF-001122334455" from wire bytes `67 45 23 01 ed fe …`. */
export function formatGuid(wire: Uint8Array): string {
  const hex = ORDER.map((at) => (wire[at] ?? 0).toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)]
    .join('-')
    .toUpperCase();
}

/** Wire bytes from text with or without `uuid:` and dashes; undefined for anything else. */
export function parseGuid(text: string): Uint8Array | undefined {
  const hex = text.replace(/^uuid:/i, '').replaceAll('-', '');
  if (!/^[0-9a-fA-F]{32}$/.test(hex)) return undefined;
  const wire = new Uint8Array(16);
  ORDER.forEach((at, i) => {
    wire[at] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  });
  return wire;
}

/**
 * A GUID for this computer, in the form `00000000-0000-0000-0001-<MAC>` that the EOS 6D is reported
 * to insist on and no body refuses. `random` gives six bytes; they become a locally administered
 * unicast MAC. A GUID is a bearer token: keep it, and keep it private.
 */
export function makeGuid(random: Uint8Array): Uint8Array {
  const wire = new Uint8Array(16);
  wire[9] = 1;
  wire.set(random.subarray(0, 6), 10);
  wire[10] = ((wire[10] ?? 0) | 0x02) & ~0x01;
  return wire;
}
