/** What keys do wherever the focus is, unless something there takes them. */
import type { Store } from './store.ts';

export const KEYS: readonly (readonly [keys: string, what: string])[] = [
  ['Space', 'Take a picture'],
  ['F', 'Focus'],
  ['N', 'Focus nearer; with Shift in large steps'],
  ['M', 'Focus farther; with Shift in large steps'],
  ['R', 'Begin or end a movie'],
  ['L', 'Live view on or off'],
  ['1 – 9', 'Choose a camera'],
  ['C', 'Cards'],
  ['?', 'These keys'],
  ['Arrows, Enter', 'In live view: place the focus, and focus there'],
];

const TAKES_KEYS = 'input, select, textarea, button, a, summary, dialog, [role="application"]';

export function onKey(store: Store, event: KeyboardEvent): void {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
  if (document.querySelector('dialog[open]')) return;
  const target = event.target instanceof Element ? event.target : undefined;
  const typing = Boolean(target?.closest('input, select, textarea'));
  // A button that has the focus takes the space bar for itself.
  const taken = event.key === ' ' ? target?.closest(TAKES_KEYS) : undefined;
  if (typing || taken) return;
  const act = actionOf(store, event);
  if (!act) return;
  event.preventDefault();
  act();
}

function actionOf(store: Store, event: KeyboardEvent): (() => void) | undefined {
  if (event.key === '?') return () => store.show({ kind: 'help' });
  const seat = store.selected.value;
  if (!seat) return undefined;
  const { can } = seat.state.value;
  const size = event.shiftKey ? 3 : 1;
  if (/^[1-9]$/.test(event.key)) {
    const other = store.seats.value[Number(event.key) - 1];
    return other && (() => store.select(other.id));
  }
  switch (event.key.toLowerCase()) {
    case ' ':
      return can.shoot ? () => void store.shoot(seat) : undefined;
    case 'f':
      return can.autofocus ? () => void store.focus(seat, { action: 'auto' }) : undefined;
    case 'n':
      return can.focusSteps ? () => void store.focus(seat, { action: 'near', size }) : undefined;
    case 'm':
      return can.focusSteps ? () => void store.focus(seat, { action: 'far', size }) : undefined;
    case 'r':
      return can.record ? () => void store.record(seat) : undefined;
    case 'l':
      return can.liveView ? () => store.toggleLiveView(seat) : undefined;
    case 'c':
      return can.files ? () => store.show({ kind: 'cards', camera: seat.id }) : undefined;
    default:
      return undefined;
  }
}
