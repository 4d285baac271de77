/** One camera's picture, and what stands in its way. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Frame } from '../../../src/api/schemas.ts';
import { Icon } from '../icons.tsx';
import { watch } from '../live.ts';
import type { Seat, Store } from '../store.ts';
import { cameraName } from '../words.ts';
import { Histogram } from './histogram.tsx';
import { Overlay } from './overlay.tsx';

export function Stage({ store, seat, chosen }: { store: Store; seat: Seat; chosen: boolean }) {
  const camera = seat.state.value;
  const several = store.seats.value.length > 1;
  const choose = () => store.select(seat.id);
  return (
    <article
      class="stage"
      data-chosen={several && chosen}
      data-phase={camera.phase}
      aria-label={cameraName(camera)}
      onPointerDown={choose}
      onFocusIn={choose}
    >
      {camera.phase === 'ready' ? (
        <LiveView store={store} seat={seat} />
      ) : (
        <NotReady store={store} seat={seat} />
      )}
      {several && <p class="stage-name">{cameraName(camera)}</p>}
    </article>
  );
}

function LiveView({ store, seat }: { store: Store; seat: Seat }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [frame, setFrame] = useState<Frame | undefined>(undefined);
  const [trouble, setTrouble] = useState<string | undefined>(undefined);
  const [mark, setMark] = useState({ x: 0.5, y: 0.5, shown: false });
  const { can, busy, recording } = seat.state.value;
  const watching = seat.watching.value && can.liveView;

  useEffect(() => {
    const target = canvas.current;
    if (!watching || !target) return undefined;
    const stop = new AbortController();
    void watch(store.client, seat.id, target, stop.signal, {
      onFrame(facts) {
        setFrame(facts);
        setTrouble(undefined);
      },
      onTrouble: setTrouble,
    });
    return () => {
      stop.abort();
      setFrame(undefined);
    };
  }, [store, seat, watching]);

  const focusAt = (x: number, y: number) => {
    setMark({ x, y, shown: true });
    void store.focus(seat, { action: 'at', x, y });
  };
  const onClick = (event: MouseEvent) => {
    const place = placeIn(canvas.current, event);
    if (place && can.autofocus && frame) focusAt(place.x, place.y);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (!can.autofocus || !frame) return;
    const step = event.shiftKey ? 0.1 : 0.02;
    const move = MOVES[event.key];
    if (move) {
      event.preventDefault();
      const [dx, dy] = move;
      const inside = (value: number) => Math.min(1, Math.max(0, value));
      setMark({ x: inside(mark.x + dx * step), y: inside(mark.y + dy * step), shown: true });
    } else if (event.key === 'Enter') {
      event.preventDefault();
      focusAt(mark.x, mark.y);
    }
  };

  return (
    <>
      <div
        class="view"
        role="application"
        aria-roledescription="live view"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: by keys as by mouse, a place to focus at
        tabIndex={0}
        aria-label={
          can.autofocus
            ? 'What the camera sees. Arrow keys place the focus, Enter focuses there.'
            : 'What the camera sees'
        }
        onClick={onClick}
        onKeyDown={onKeyDown}
      >
        <canvas
          ref={canvas}
          width={960}
          height={640}
          data-frame={frame?.number ?? 0}
          data-shown={frame !== undefined}
        />
        {frame && <Overlay frame={frame} mark={mark.shown ? mark : undefined} />}
        {!frame && (
          <p class="view-note">
            {!can.liveView
              ? 'This camera has no live view for computers.'
              : !watching
                ? 'Live view is off.'
                : (trouble ?? 'Live view is coming…')}
          </p>
        )}
      </div>
      <p class="lamps" aria-live="polite">
        {recording && <span class="lamp rec">REC</span>}
        {busy && !recording && <span class="lamp">Busy</span>}
      </p>
      {watching && <Histogram client={store.client} camera={seat.id} live={frame !== undefined} />}
    </>
  );
}

const MOVES: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** Where in the picture, from 0 to 1; it is fitted into the canvas. */
function placeIn(canvas: HTMLCanvasElement | null, event: MouseEvent) {
  if (!canvas) return undefined;
  const box = canvas.getBoundingClientRect();
  const scale = Math.min(box.width / canvas.width, box.height / canvas.height);
  const [width, height] = [canvas.width * scale, canvas.height * scale];
  const x = (event.clientX - box.left - (box.width - width) / 2) / width;
  const y = (event.clientY - box.top - (box.height - height) / 2) / height;
  return x >= 0 && x <= 1 && y >= 0 && y <= 1 ? { x, y } : undefined;
}

function NotReady({ store, seat }: { store: Store; seat: Seat }) {
  const { phase, error, address } = seat.state.value;
  const again = () => void store.connect(address);
  const away = () => void store.disconnect(seat);
  return (
    <div class="not-ready" role="status">
      {(phase === 'connecting' || phase === 'lost') && <span class="spinner" aria-hidden="true" />}
      {phase === 'failed' && <Icon name="warning" />}
      <h2>{TITLES[phase]}</h2>
      <p>{phase === 'waiting' ? WAITING : (error?.message ?? address)}</p>
      {error?.hint && phase !== 'waiting' && <p class="hint">{error.hint}</p>}
      <div class="actions">
        {phase === 'failed' && (
          <button type="button" class="main" onClick={again}>
            Try again
          </button>
        )}
        <button type="button" onClick={away}>
          {phase === 'failed' ? 'Remove' : 'Give up'}
        </button>
      </div>
    </div>
  );
}

const WAITING = 'Its screen asks about this computer. Press OK there; hotshoe waits.';
const TITLES: Readonly<Record<string, string>> = {
  connecting: 'Connecting…',
  waiting: 'Press OK on the camera',
  lost: 'The camera is gone. Looking for it…',
  failed: 'This camera could not be connected',
};
