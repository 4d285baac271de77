/** Canon's object formats. */
export const CanonObjectFormat = {
  CRW: 0xb101,
  CR2: 0xb103,
  MOV: 0xb104,
  MP4: 0xb105,
  CR3: 0xb108,
  CHDK_RAW: 0xb1ff,
  CanonInternal1: 0xbf01,
  CanonInternal2: 0xbf02,
} as const;
