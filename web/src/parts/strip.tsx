/** The pictures of a card as they come, the newest first. */
import type { Entry } from '../../../src/api/schemas.ts';
import { Icon } from '../icons.tsx';
import { useResource } from '../resource.ts';
import type { Seat, Store } from '../store.ts';
import { kindOf } from '../words.ts';

export function Strip({ store, seat }: { store: Store; seat: Seat }) {
  const entries = seat.strip.value;
  return (
    <section class="strip" aria-label="Pictures">
      {entries.length > 0 ? (
        <ul>
          {entries.map((entry) => (
            <li key={entry.handle}>
              <Thumb store={store} seat={seat} entry={entry} />
            </li>
          ))}
        </ul>
      ) : (
        <p class="strip-note">{seat.read.value ? 'There is no picture on the card yet.' : ''}</p>
      )}
    </section>
  );
}

function Thumb({ store, seat, entry }: { store: Store; seat: Seat; entry: Entry }) {
  return (
    <button
      type="button"
      class="thumb"
      title={entry.name}
      onClick={() => store.show({ kind: 'viewer', camera: seat.id, handle: entry.handle })}
    >
      <Picture store={store} camera={seat.id} entry={entry} />
      <span class="thumb-name">{entry.name}</span>
    </button>
  );
}

/** The small picture of a file; nothing where the camera has none. */
export function Picture({ store, camera, entry }: { store: Store; camera: string; entry: Entry }) {
  const { client } = store;
  const pictures = kindOf(entry) !== 'other';
  const url = useResource(client, pictures ? client.thumbnail(camera, entry.handle) : undefined);
  return (
    <span class="picture">
      {url && (
        <img
          src={url}
          alt=""
          loading="lazy"
          decoding="async"
          onError={(event) => event.currentTarget.remove()}
        />
      )}
      {kindOf(entry) === 'movie' && <Icon name="movie" />}
    </span>
  );
}
