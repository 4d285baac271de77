/** BatteryPower in per cent; bodies round to quarters. */
const PERCENT: Readonly<Record<number, number>> = { 0: 0, 5: 25, 1: 50, 4: 75, 2: 100 };

export function batteryPercent(value: number | undefined): number | undefined {
  return value === undefined ? undefined : PERCENT[value];
}
