/** The shutter button and what else a hand does to a camera. */
import { useEffect, useState } from 'preact/hooks';
import type { Zoom } from '../../../src/api/schemas.ts';
import { Icon } from '../icons.tsx';
import type { Seat, Store } from '../store.ts';

export function Controls({ store, seat }: { store: Store; seat: Seat }) {
  const { can, busy, recording, phase } = seat.state.value;
  const ready = phase === 'ready';
  const watching = seat.watching.value;
  const several = store.seats.value.filter(({ state }) => state.value.can.shoot).length > 1;
  return (
    <section class="controls" aria-label="Shooting">
      <div class="side">
        {can.autofocus && (
          <button
            type="button"
            class="quiet"
            onClick={() => void store.focus(seat, { action: 'auto' })}
          >
            <Icon name="focus" /> Focus
          </button>
        )}
        {can.focusSteps && (
          <fieldset class="group">
            <legend class="hidden">Focus by steps</legend>
            <button
              type="button"
              class="quiet"
              aria-label="Focus nearer"
              onClick={() => void store.focus(seat, { action: 'near', size: 2 })}
            >
              <Icon name="near" />
            </button>
            <button
              type="button"
              class="quiet"
              aria-label="Focus farther"
              onClick={() => void store.focus(seat, { action: 'far', size: 2 })}
            >
              <Icon name="far" />
            </button>
          </fieldset>
        )}
      </div>
      <button
        type="button"
        class="shutter"
        aria-label="Take a picture"
        aria-disabled={!ready || !can.shoot || busy}
        data-busy={busy}
        onClick={() => {
          if (ready && can.shoot && !busy) void store.shoot(seat);
        }}
      >
        <span />
      </button>
      <div class="side">
        {several && (
          <button type="button" class="quiet" onClick={() => void store.shootAll()}>
            All cameras
          </button>
        )}
        {can.record && (
          <button
            type="button"
            class="quiet"
            aria-pressed={recording}
            onClick={() => void store.record(seat)}
          >
            <Icon name="movie" /> {recording ? 'Stop' : 'Movie'}
          </button>
        )}
        {can.liveView && (
          <button
            type="button"
            class="quiet"
            aria-pressed={watching}
            aria-label="Live view"
            onClick={() => store.toggleLiveView(seat)}
          >
            <Icon name="eye" />
          </button>
        )}
        {can.zoom && watching && <ZoomButtons store={store} seat={seat} />}
      </div>
    </section>
  );
}

function ZoomButtons({ store, seat }: { store: Store; seat: Seat }) {
  const [zoom, setZoom] = useState<Zoom | undefined>(undefined);
  useEffect(() => {
    void store.client.zoom(seat.id).then(setZoom, () => setZoom(undefined));
  }, [store, seat]);
  if (!zoom || zoom.positions.length < 2) return null;
  const set = (position: number) =>
    store.attempt(async () => {
      await store.client.setZoom(seat.id, position);
      setZoom({ ...zoom, position });
    });
  const unit = zoom.kind === 'live-view' ? '×' : '';
  return (
    <label class="zoom">
      <span class="hidden">{zoom.kind === 'lens' ? 'Zoom' : 'Enlarge'}</span>
      <select
        value={String(zoom.position ?? '')}
        onChange={(event) => void set(Number(event.currentTarget.value))}
      >
        {zoom.positions.map((position) => (
          <option key={position} value={String(position)}>
            {position}
            {unit}
          </option>
        ))}
      </select>
    </label>
  );
}
