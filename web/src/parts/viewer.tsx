/** One picture, as large as the window, with what stands in it. */
import { useEffect, useState } from 'preact/hooks';
import type { Entry } from '../../../src/api/schemas.ts';
import { type ExifRow, exifRows } from '../exif.ts';
import { Icon } from '../icons.tsx';
import { useResource } from '../resource.ts';
import type { Seat, Store } from '../store.ts';
import { bytesText, dateText, kindOf } from '../words.ts';
import { Dialog } from './dialog.tsx';

export function Viewer({ store }: { store: Store }) {
  const panel = store.panel.value;
  if (panel?.kind !== 'viewer') return null;
  const seat = store.seat(panel.camera);
  const entry = seat?.strip.value.find(({ handle }) => handle === panel.handle) ?? panel.entry;
  if (!seat || !entry) return null;
  return <Shown key={entry.handle} store={store} seat={seat} entry={entry} back={panel.back} />;
}

interface ShownProps {
  store: Store;
  seat: Seat;
  entry: Entry;
  /** The folder that it was opened from. */
  back: string | undefined;
}

function Shown({ store, seat, entry, back }: ShownProps) {
  const [asking, setAsking] = useState(false);
  const { can } = seat.state.value;
  const strip = seat.strip.value;
  const at = strip.findIndex(({ handle }) => handle === entry.handle);
  const close = () => {
    store.panel.value =
      back === undefined ? undefined : { kind: 'cards', camera: seat.id, folder: back };
  };
  const show = (other: Entry | undefined) => {
    if (other) store.show({ kind: 'viewer', camera: seat.id, handle: other.handle });
  };
  const before = at > 0 ? strip[at - 1] : undefined;
  const after = at >= 0 ? strip[at + 1] : undefined;
  const remove = async () => {
    if (!(await store.remove(seat, entry))) return;
    if (after ?? before) show(after ?? before);
    else close();
  };
  return (
    <Dialog
      title={entry.name}
      class="viewer"
      onClose={close}
      onKeyDown={(event) => {
        if (asking) return;
        if (event.key === 'ArrowLeft') show(before);
        else if (event.key === 'ArrowRight') show(after);
      }}
    >
      <div class="viewer-main">
        <Large store={store} seat={seat} entry={entry} />
        <div class="viewer-side">
          <Exif store={store} seat={seat} entry={entry} />
          <div class="actions">
            <button
              type="button"
              class="main"
              onClick={() => void store.download(seat, entry)}
              aria-label={`Download ${entry.name}`}
            >
              <Icon name="download" /> Download
            </button>
            {can.remove && (
              <button
                type="button"
                onClick={() => setAsking(true)}
                aria-label={`Delete ${entry.name}`}
              >
                <Icon name="trash" /> Delete
              </button>
            )}
          </div>
          {at >= 0 && (
            <div class="actions">
              <button type="button" disabled={!before} onClick={() => show(before)}>
                <Icon name="left" /> Newer
              </button>
              <button type="button" disabled={!after} onClick={() => show(after)}>
                Older <Icon name="right" />
              </button>
            </div>
          )}
        </div>
      </div>
      {asking && (
        <Confirm
          entry={entry}
          onNo={() => setAsking(false)}
          onYes={() => {
            setAsking(false);
            void remove();
          }}
        />
      )}
    </Dialog>
  );
}

function Large({ store, seat, entry }: Omit<ShownProps, 'back'>) {
  const { client } = store;
  const kind = kindOf(entry);
  const whole = kind === 'picture' || kind === 'movie';
  const url = useResource(
    client,
    whole ? client.content(seat.id, entry.handle) : client.thumbnail(seat.id, entry.handle),
  );
  // The small one is there at once, and makes way for the large one.
  const small = useResource(
    client,
    kind === 'picture' ? client.thumbnail(seat.id, entry.handle) : undefined,
  );
  const [loaded, setLoaded] = useState(false);
  return (
    <div class="large">
      {kind === 'movie' ? (
        // biome-ignore lint/a11y/useMediaCaption: cameras record no captions
        url && <video src={url} controls preload="metadata" />
      ) : (
        <>
          {small && !loaded && <img class="small" src={small} alt="" />}
          {url && (
            <img
              src={url}
              alt={entry.name}
              data-loaded={loaded}
              onLoad={() => setLoaded(true)}
              onError={() => setLoaded(false)}
            />
          )}
        </>
      )}
      {!whole && (
        <p class="large-note">
          {kind === 'raw'
            ? 'RAW: the small picture in it. Download it to develop it.'
            : 'Browsers do not show such files.'}
        </p>
      )}
    </div>
  );
}

function Exif({ store, seat, entry }: Omit<ShownProps, 'back'>) {
  const [rows, setRows] = useState<readonly ExifRow[]>([]);
  const kind = kindOf(entry);
  useEffect(() => {
    if (kind !== 'picture' && kind !== 'raw') return undefined;
    const stop = new AbortController();
    exifRows(store.client, seat.id, entry, stop.signal).then(
      (found) => !stop.signal.aborted && setRows(found),
      () => setRows([]),
    );
    return () => stop.abort();
  }, [store, seat, entry, kind]);
  return (
    <dl class="exif">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
      <div>
        <dt>Size</dt>
        <dd>{bytesText(entry.size)}</dd>
      </div>
      <div>
        <dt>Date</dt>
        <dd>{dateText(entry.date)}</dd>
      </div>
      <div>
        <dt>Path</dt>
        <dd>{entry.path}</dd>
      </div>
    </dl>
  );
}

export function Confirm({ entry, onYes, onNo }: { entry: Entry; onYes(): void; onNo(): void }) {
  return (
    <Dialog title={`Delete ${entry.name}?`} class="confirm" onClose={onNo}>
      <p>It is deleted from the card of the camera, for good.</p>
      <div class="actions">
        {/* biome-ignore lint/a11y/noAutofocus: of two buttons the harmless one */}
        <button type="button" onClick={onNo} autoFocus>
          Keep it
        </button>
        <button type="button" class="danger" onClick={onYes}>
          Delete
        </button>
      </div>
    </Dialog>
  );
}
