/** What bodies were seen not to survive. */
import type { Camera } from './camera.ts';

/** Users of CHDK found: one body under two names. */
const CRASH_OVER_WIFI = /\b(ELPH 130|IXUS 140)\b/i;

/** Why a person should be asked before this camera is released; undefined for nearly all. */
export function shootingRisk({
  identity: { model },
  address,
}: Pick<Camera, 'identity' | 'address'>): string | undefined {
  if (!/^(wifi|ptpip):/i.test(address) || !CRASH_OVER_WIFI.test(model)) return undefined;
  return `a ${model} was seen to crash when it was released over Wi-Fi`;
}
