import { Icon } from '../icons.tsx';
import type { Seat, Store } from '../store.ts';
import { cameraName, cardText, LOW_BATTERY } from '../words.ts';

export function Bar({ store }: { store: Store }) {
  const seats = store.seats.value;
  const seat = store.selected.value;
  return (
    <header class="bar">
      <h1 class="brand">hotshoe</h1>
      {seats.length > 1 ? (
        <div class="cameras" role="radiogroup" aria-label="Camera">
          {seats.map((each) => (
            <label key={each.id} class="camera-choice">
              <input
                type="radio"
                name="camera"
                checked={each === seat}
                onChange={() => store.select(each.id)}
              />
              <span>{cameraName(each.state.value)}</span>
            </label>
          ))}
        </div>
      ) : (
        seat && <p class="camera-name">{cameraName(seat.state.value)}</p>
      )}
      {seat && <Facts seat={seat} />}
      <nav class="tools" aria-label="Tools">
        {seat?.state.value.can.files && (
          <button
            type="button"
            class="quiet"
            onClick={() => store.show({ kind: 'cards', camera: seat.id })}
          >
            <Icon name="card" /> <span class="wide">Cards</span>
            <span class="narrow-only hidden">Cards</span>
          </button>
        )}
        {seat && (
          <button type="button" class="quiet" onClick={() => store.show({ kind: 'connect' })}>
            <Icon name="add" /> <span class="wide">Camera</span>
            <span class="narrow-only hidden">Add a camera</span>
          </button>
        )}
        <button
          type="button"
          class="quiet keyboard-only"
          aria-label="Keys"
          onClick={() => store.show({ kind: 'help' })}
        >
          <Icon name="keyboard" />
        </button>
      </nav>
    </header>
  );
}

function Facts({ seat }: { seat: Seat }) {
  const camera = seat.state.value;
  if (camera.phase !== 'ready') return <p class="facts" />;
  const { batteryPercent, lens } = camera;
  const card = cardText(camera);
  const low = batteryPercent !== null && batteryPercent <= LOW_BATTERY;
  return (
    <p class="facts">
      {lens && <span class="lens">{lens}</span>}
      {card.text && <span class={card.warn ? 'warn' : ''}>{card.text}</span>}
      {batteryPercent !== null && (
        <span class={low ? 'battery warn' : 'battery'}>
          <svg class="battery-icon" viewBox="0 0 26 12" aria-hidden="true">
            <rect x="0.5" y="0.5" width="22" height="11" rx="2.5" />
            <rect x="23.5" y="4" width="2" height="4" rx="1" class="fill" />
            <rect x="2" y="2" width={(19 * batteryPercent) / 100} height="8" rx="1" class="fill" />
          </svg>
          {low ? `Battery low: ${batteryPercent} %` : `${batteryPercent} %`}
        </span>
      )}
    </p>
  );
}
