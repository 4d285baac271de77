import { useEffect } from 'preact/hooks';
import { onKey } from './keys.ts';
import { Bar } from './parts/bar.tsx';
import { Cards } from './parts/cards.tsx';
import { Connect, Welcome } from './parts/connect.tsx';
import { Controls } from './parts/controls.tsx';
import { Help } from './parts/help.tsx';
import { Messages } from './parts/messages.tsx';
import { Settings } from './parts/settings.tsx';
import { Stage } from './parts/stage.tsx';
import { Strip } from './parts/strip.tsx';
import { Viewer } from './parts/viewer.tsx';
import type { Store } from './store.ts';
import { cameraName } from './words.ts';

export function App({ store }: { store: Store }) {
  useEffect(() => {
    const listener = (event: KeyboardEvent) => onKey(store, event);
    addEventListener('keydown', listener);
    return () => removeEventListener('keydown', listener);
  }, [store]);
  const seats = store.seats.value;
  const seat = store.selected.value;
  const title = seat ? `${cameraName(seat.state.value)} – hotshoe` : 'hotshoe';
  useEffect(() => {
    document.title = title;
  }, [title]);

  return (
    <>
      <Bar store={store} />
      {store.online.value === false && (
        <p class="banner" role="status">
          {store.shutOut.value
            ? 'This page needs the link that `hotshoe serve` has shown: it has the key in it.'
            : 'The server does not answer. Trying again…'}
        </p>
      )}
      {seat ? (
        <main class="desk">
          <section class="stages" data-count={seats.length} aria-label="Live view">
            {seats.map((each) => (
              <Stage key={each.id} store={store} seat={each} chosen={each === seat} />
            ))}
          </section>
          <Controls store={store} seat={seat} />
          <Settings store={store} seat={seat} />
          <Strip store={store} seat={seat} />
        </main>
      ) : (
        <main class="empty">{store.online.value !== undefined && <Welcome store={store} />}</main>
      )}
      <Connect store={store} />
      <Cards store={store} />
      <Viewer store={store} />
      <Help store={store} />
      <Messages store={store} />
    </>
  );
}
