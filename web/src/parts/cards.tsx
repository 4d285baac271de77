/** What is on the cards, folder by folder. */
import { useEffect, useState } from 'preact/hooks';
import type { Entry } from '../../../src/api/schemas.ts';
import { problemOf } from '../client.ts';
import { Icon } from '../icons.tsx';
import type { Seat, Store } from '../store.ts';
import { bytesText, dateText } from '../words.ts';
import { Dialog } from './dialog.tsx';
import { Picture } from './strip.tsx';
import { Confirm } from './viewer.tsx';

export function Cards({ store }: { store: Store }) {
  const panel = store.panel.value;
  if (panel?.kind !== 'cards') return null;
  const seat = store.seat(panel.camera);
  return seat ? <Browser store={store} seat={seat} start={panel.folder} /> : null;
}

/** Rows that are drawn at once; a folder may hold ten thousand. */
const ROWS = 200;

function Browser({ store, seat, start }: { store: Store; seat: Seat; start: string | undefined }) {
  const units = seat.state.value.storages.filter(({ present }) => present);
  const [folder, setFolder] = useState(start ?? (units[0] ? `/${units[0].label}` : ''));
  const [entries, setEntries] = useState<readonly Entry[] | undefined>(undefined);
  const [trouble, setTrouble] = useState<string | undefined>(undefined);
  const [shown, setShown] = useState(ROWS);
  const [asking, setAsking] = useState<Entry | undefined>(undefined);
  const close = () => store.show(undefined);
  // A picture that was just taken belongs to the list.
  const newest = seat.strip.value[0]?.handle;
  useEffect(() => {
    let left = false;
    if (folder === '') return undefined;
    store.client.folder(seat.id, folder).then(
      ({ entries: found }) => {
        if (left) return;
        setEntries(sorted(found));
        setTrouble(undefined);
      },
      (error: unknown) => !left && setTrouble(problemOf(error).message),
    );
    return () => {
      left = true;
    };
  }, [store, seat, folder, newest]);
  const go = (path: string) => {
    setEntries(undefined);
    setShown(ROWS);
    setFolder(path);
  };
  const parts = folder.split('/').filter(Boolean);
  return (
    <Dialog title="Cards" class="cards" onClose={close}>
      <nav class="crumbs" aria-label="Folder">
        {units.map(({ label, free, capacity }) => (
          <button
            key={label}
            type="button"
            class="quiet"
            aria-current={parts[0] === label && parts.length === 1 ? 'page' : undefined}
            onClick={() => go(`/${label}`)}
          >
            <Icon name="card" /> {label}
            {free !== null && capacity !== null && (
              <small>
                {bytesText(free)} of {bytesText(capacity)} free
              </small>
            )}
          </button>
        ))}
        {parts.slice(1).map((part, i) => {
          const path = `/${parts.slice(0, i + 2).join('/')}`;
          return (
            <button
              key={path}
              type="button"
              class="quiet"
              aria-current={path === folder ? 'page' : undefined}
              onClick={() => go(path)}
            >
              / {part}
            </button>
          );
        })}
      </nav>
      <div class="rows" aria-busy={entries === undefined && !trouble}>
        {trouble && <p class="problem">{trouble}</p>}
        {units.length === 0 && <p>There is no card in the camera.</p>}
        {entries?.length === 0 && <p>This folder is empty.</p>}
        <ul>
          {entries?.slice(0, shown).map((entry) => (
            <Row
              key={entry.handle}
              store={store}
              seat={seat}
              entry={entry}
              onOpen={() => {
                if (entry.kind === 'folder') return go(entry.path);
                store.show({
                  kind: 'viewer',
                  camera: seat.id,
                  handle: entry.handle,
                  entry,
                  back: folder,
                });
              }}
              onDelete={() => setAsking(entry)}
            />
          ))}
        </ul>
        {entries && entries.length > shown && (
          <button type="button" onClick={() => setShown(shown + ROWS)}>
            Show more ({entries.length - shown})
          </button>
        )}
      </div>
      {asking && (
        <Confirm
          entry={asking}
          onNo={() => setAsking(undefined)}
          onYes={() => {
            setAsking(undefined);
            void store.remove(seat, asking).then((done) => {
              if (done) setEntries(entries?.filter(({ handle }) => handle !== asking.handle));
            });
          }}
        />
      )}
    </Dialog>
  );
}

interface RowProps {
  store: Store;
  seat: Seat;
  entry: Entry;
  onOpen(): void;
  onDelete(): void;
}

function Row({ store, seat, entry, onOpen, onDelete }: RowProps) {
  const { can } = seat.state.value;
  const file = entry.kind === 'file';
  return (
    <li class="row">
      <button type="button" class="row-open" onClick={onOpen}>
        {file ? (
          <Picture store={store} camera={seat.id} entry={entry} />
        ) : (
          <span class="picture">
            <Icon name="folder" />
          </span>
        )}
        <span class="row-name">{entry.name}</span>
        {file && (
          <span class="row-facts">
            {bytesText(entry.size)}
            <span>{dateText(entry.date)}</span>
            {entry.protected && <span>protected</span>}
          </span>
        )}
      </button>
      {file && (
        <button
          type="button"
          class="quiet"
          aria-label={`Download ${entry.name}`}
          onClick={() => void store.download(seat, entry)}
        >
          <Icon name="download" />
        </button>
      )}
      {file && can.remove && (
        <button type="button" class="quiet" aria-label={`Delete ${entry.name}`} onClick={onDelete}>
          <Icon name="trash" />
        </button>
      )}
    </li>
  );
}

/** Folders first; the newest files before older ones. */
function sorted(entries: readonly Entry[]): Entry[] {
  return [...entries].sort((a, b) => {
    if (a.kind !== b.kind) return a.kind === 'folder' ? -1 : 1;
    return a.name < b.name ? 1 : -1;
  });
}
