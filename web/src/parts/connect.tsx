/** The way to a camera: one on USB, one in the network, or one that needs no hardware. */
import { useEffect, useState } from 'preact/hooks';
import type { Available } from '../../../src/api/schemas.ts';
import type { Store } from '../store.ts';
import { Dialog } from './dialog.tsx';

export function Connect({ store }: { store: Store }) {
  if (store.panel.value?.kind !== 'connect') return null;
  const close = () => store.show(undefined);
  return (
    <Dialog title="Cameras" class="connect" onClose={close}>
      <Connected store={store} />
      <Choices store={store} />
    </Dialog>
  );
}

/** What there is to see without any camera. */
export function Welcome({ store }: { store: Store }) {
  return (
    <div class="welcome">
      <h2>No camera is connected</h2>
      <p>Plug one in and switch it on; it appears by itself. Or begin with a virtual one.</p>
      <Choices store={store} />
    </div>
  );
}

function Connected({ store }: { store: Store }) {
  return (
    <ul class="choices">
      {store.seats.value.map((seat) => (
        <li key={seat.id}>
          <span>
            {seat.state.value.model ?? seat.state.value.address}
            <small>{seat.state.value.address}</small>
          </span>
          <button type="button" onClick={() => void store.disconnect(seat)}>
            Let go
          </button>
        </li>
      ))}
    </ul>
  );
}

const LOOK_MS = 3000;

function Choices({ store }: { store: Store }) {
  const { client } = store;
  const { chooseUsb, local } = client.transport;
  const [available, setAvailable] = useState<readonly Available[]>([]);
  const [address, setAddress] = useState('');
  useEffect(() => {
    const look = () => client.available().then(setAvailable, () => setAvailable([]));
    void look();
    const timer = setInterval(() => void look(), LOOK_MS);
    return () => clearInterval(timer);
  }, [client]);
  const taken = new Set(store.seats.value.map(({ state }) => state.value.address));
  const free = available.filter((each) => !taken.has(each.address));
  const real = free.filter(({ virtual }) => !virtual);
  const virtual = free.filter((each) => each.virtual);
  return (
    <>
      {chooseUsb && (
        <button
          type="button"
          class="main"
          onClick={() => void store.attempt(() => chooseUsb.call(client.transport))}
        >
          Choose a camera on USB
        </button>
      )}
      <List store={store} title="On USB" choices={real} />
      {!local && (
        <form
          class="network"
          onSubmit={(event) => {
            event.preventDefault();
            const host = address.trim();
            if (host) void store.connect(/^[a-z]+:/i.test(host) ? host : `ptpip://${host}`);
          }}
        >
          <label>
            In the network
            <input
              name="address"
              value={address}
              placeholder="192.168.1.20"
              autocomplete="off"
              spellcheck={false}
              onInput={(event) => setAddress(event.currentTarget.value)}
            />
          </label>
          <button type="submit">Connect</button>
        </form>
      )}
      <List store={store} title="Virtual: no hardware needed" choices={virtual} />
    </>
  );
}

interface ListProps {
  store: Store;
  title: string;
  choices: readonly Available[];
}

function List({ store, title, choices }: ListProps) {
  if (choices.length === 0) return null;
  return (
    <>
      <h3>{title}</h3>
      <ul class="choices">
        {choices.map(({ address, model, note }) => (
          <li key={address}>
            <span>
              {model}
              {note && <small>{note}</small>}
            </span>
            <button
              type="button"
              onClick={() => void store.connect(address)}
              aria-label={`Connect ${model}`}
            >
              Connect
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}
