/**
 * Sizes of the fields of OLCInfoChanged records by OLCInfoVersion (D199), in the order of the mask's
 * bits 0x0001 to 0x1000. Sums checked against whole records of R6, R, 90D, SX70 HS, R10, M50 II and
 * 5Ds; versions in between take the next lower row (libgphoto2's guess).
 */
export const olcFieldSizes: readonly (readonly [version: number, sizes: readonly number[]])[] = [
  // 100D, 5D III, 650D, 6D
  [0x07, [2, 6, 5, 4, 4, 6, 7, 4, 6, 5, 5, 8, 1]],
  // 70D, M10, SX720 HS
  [0x08, [2, 6, 5, 4, 4, 6, 7, 4, 6, 7, 7, 8, 1]],
  // 750D, 5Ds
  [0x0b, [2, 6, 5, 4, 4, 6, 8, 4, 6, 5, 5, 9, 1]],
  // 200D
  [0x0f, [2, 7, 6, 4, 4, 6, 8, 4, 6, 5, 5, 9, 1]],
  // R
  [0x11, [2, 7, 6, 6, 4, 6, 8, 4, 6, 5, 5, 9, 8]],
  // M6 II, 90D, SX70 HS
  [0x12, [2, 7, 9, 6, 4, 6, 8, 5, 7, 5, 5, 9, 8]],
  // R5, R6, R5 C, M50 II
  [0x13, [2, 7, 9, 7, 4, 6, 8, 5, 7, 5, 5, 9, 8]],
  // R8, R10, R5 II
  [0x14, [2, 9, 9, 7, 4, 6, 8, 5, 7, 5, 5, 9, 8]],
];
