import { render } from 'preact';
import { App } from './app.tsx';
import { Client, type Transport } from './client.ts';
import { Store } from './store.ts';
import './style/base.css';
import './style/desk.css';
import './style/covers.css';
import './style/phone.css';

const server: Transport = { local: false, fetch: (path, init) => fetch(path, init) };

async function transport(): Promise<Transport> {
  if (new URLSearchParams(location.search).get('transport') !== 'webusb') return server;
  const { localTransport } = await import('./local.ts');
  return localTransport();
}

const root = document.getElementById('app');
if (!root) throw new Error('the page has no place for the app');
const store = new Store(new Client(await transport()));
render(<App store={store} />, root);
await store.listen();
