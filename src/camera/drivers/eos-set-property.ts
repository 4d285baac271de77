/** Setting a property of an EOS body. */
import { EosOperation, encodeCell, encodePropValue } from '../../canon/ptp/index.ts';
import type { PtpSession } from '../../ptp/index.ts';
import { untilNotBusy } from './eos-busy.ts';
import type { EosState } from './eos-events.ts';

/** Resolves when the body has taken the value; that it is set, it tells in an event. */
export async function setEosProperty(
  session: PtpSession,
  state: EosState,
  property: number,
  value: number | Uint8Array,
  { signal, busyMs }: { signal: AbortSignal | undefined; busyMs?: number },
): Promise<void> {
  const bytes = typeof value === 'number' ? encodeCell(value) : value;
  const data = encodePropValue(property, bytes);
  await untilNotBusy(
    state,
    signal,
    () => session.call(EosOperation.SetDevicePropValueEx, [], { data, signal }),
    busyMs,
  );
}
