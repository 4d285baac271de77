/**
 * The typical Huffman tables of ITU-T T.81 Annex K.3, which Canon cameras and most encoders use
 * unchanged.
 */
export interface HuffmanTable {
  /** How many codes there are of each length, 1 to 16 bits. */
  readonly counts: readonly number[];
  /** The symbols, in order of their codes. */
  readonly symbols: readonly number[];
}

/** Table K.3: differences of DC coefficients, luminance. */
export const dcLuminance: HuffmanTable = {
  counts: [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0],
  symbols: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
};

/** Table K.4: differences of DC coefficients, chrominance. */
export const dcChrominance: HuffmanTable = {
  counts: [0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0],
  symbols: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
};

/** Table K.5: AC coefficients, luminance. A symbol is run of zeros << 4 | bits of the value. */
export const acLuminance: HuffmanTable = {
  counts: [0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 0x7d],
  symbols: bytes(
    '01020300041105122131410613516107227114328191a1082342b1c11552d1f02433627282090a161718191a' +
      '25262728292a3435363738393a434445464748494a535455565758595a636465666768696a73747576777879' +
      '7a838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9' +
      'cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9fa',
  ),
};

/** Table K.6: AC coefficients, chrominance. */
export const acChrominance: HuffmanTable = {
  counts: [0, 2, 1, 2, 4, 4, 3, 4, 7, 5, 4, 4, 0, 1, 2, 0x77],
  symbols: bytes(
    '000102031104052131061241510761711322328108144291a1b1c109233352f0156272d10a162434e125f117' +
      '18191a262728292a35363738393a434445464748494a535455565758595a636465666768696a737475767778' +
      '797a82838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7' +
      'c8c9cad2d3d4d5d6d7d8d9dae2e3e4e5e6e7e8e9eaf2f3f4f5f6f7f8f9fa',
  ),
};

/** Codes by symbol, each as code << 5 | length, built as T.81 annex C says. */
export function huffmanCodes(table: HuffmanTable): Int32Array {
  const codes = new Int32Array(256);
  let code = 0;
  let next = 0;
  table.counts.forEach((count, index) => {
    for (let i = 0; i < count; i++) codes[table.symbols[next++] ?? 0] = (code++ << 5) | (index + 1);
    code <<= 1;
  });
  return codes;
}

function bytes(hex: string): number[] {
  return (hex.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16));
}
