import type { Param } from '../describe/index.ts';

/** "handle=0x91900012, offset=0". */
export function paramsText(params: readonly Param[]): string {
  return params.map(({ name, text }) => (name ? `${name}=${text}` : text)).join(', ');
}
