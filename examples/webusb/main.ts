/** A page that connects a camera on USB, shows what is on its card, shoots and downloads. */
import {
  browserUsb,
  type Camera,
  type CameraObject,
  grantedUsbCameras,
  HotshoeError,
  openUsbCamera,
  requestUsbCamera,
  type UsbCamera,
  type WebUsb,
  watchUsbCameras,
} from 'hotshoe/web';

const connectButton = element('connect', HTMLButtonElement);
const virtualButton = element('virtual', HTMLButtonElement);
const shootButton = element('shoot', HTMLButtonElement);
const disconnectButton = element('disconnect', HTMLButtonElement);
const cameraLine = element('camera', HTMLElement);
const statusLine = element('status', HTMLElement);
const problemLine = element('problem', HTMLElement);
const emptyLine = element('empty', HTMLElement);
const pictureList = element('pictures', HTMLUListElement);

/** Pictures shown at first; a card may hold thousands. */
const SHOWN = 24;

let camera: Camera | undefined;

connectButton.addEventListener('click', () =>
  act('Looking for the camera…', () => choose(browserUsb())),
);
virtualButton.addEventListener('click', () =>
  act('Making a virtual camera…', async () => choose(await virtualUsb())),
);
shootButton.addEventListener('click', () => act('Taking a picture…', shoot));
disconnectButton.addEventListener('click', () => act('Disconnecting…', disconnect));
act('', reconnect);

/** A camera that this page was allowed to use before needs no new question. */
async function reconnect(): Promise<void> {
  if (!('usb' in navigator)) return;
  const known = await grantedUsbCameras();
  if (known.length === 1 && known[0]) await use(known[0]);
  watchUsbCameras(
    { plugged: (found) => act('A camera was plugged in…', () => use(found)) },
    new AbortController().signal,
  );
}

async function choose(usb: WebUsb): Promise<void> {
  const chosen = await requestUsbCamera(usb);
  if (chosen) await use(chosen);
}

/** A virtual EOS R6 in this page, behind the same interface as the browser's USB. */
async function virtualUsb(): Promise<WebUsb> {
  const { createUsbBus, createVirtualCamera } = await import('hotshoe/virtual');
  return createUsbBus([createVirtualCamera('eos-r6')], { transfers: false });
}

async function use(found: UsbCamera): Promise<void> {
  await camera?.close();
  camera = await openUsbCamera(found);
  const opened = camera;
  void opened.ptp?.closed.then((lost) => {
    if (camera !== opened) return;
    camera = undefined;
    showCamera();
    if (lost) tell(lost);
  });
  showCamera();
  await showPictures(opened);
}

async function shoot(): Promise<void> {
  if (!camera?.capture) return;
  const { files } = await camera.capture.shoot({ to: 'card' });
  for (const { handle } of files) {
    const object = await camera.storage?.object(handle);
    if (object) pictureList.prepend(await pictureItem(camera, object));
  }
  emptyLine.hidden = true;
}

async function disconnect(): Promise<void> {
  const closing = camera;
  camera = undefined;
  await closing?.close();
  showCamera();
}

function showCamera(): void {
  cameraLine.textContent = camera ? camera.identity.model : 'none connected';
  shootButton.disabled = !camera?.capture;
  disconnectButton.disabled = !camera;
  if (camera) return;
  pictureList.replaceChildren();
  emptyLine.hidden = false;
}

/** The newest first: cameras number upward. */
async function showPictures(from: Camera): Promise<void> {
  const files: CameraObject[] = [];
  for await (const object of from.storage?.list() ?? []) {
    if (object.kind === 'file') files.push(object);
  }
  pictureList.replaceChildren();
  for (const file of files.reverse().slice(0, SHOWN)) {
    pictureList.append(await pictureItem(from, file));
  }
  emptyLine.hidden = files.length > 0;
}

async function pictureItem(from: Camera, object: CameraObject): Promise<HTMLLIElement> {
  const item = document.createElement('li');
  const image = document.createElement('img');
  image.alt = '';
  const thumbnail = await from.storage?.thumbnail(object).catch(() => undefined);
  if (thumbnail)
    image.src = URL.createObjectURL(new Blob([own(thumbnail)], { type: 'image/jpeg' }));
  image.addEventListener('load', () => URL.revokeObjectURL(image.src), { once: true });
  const name = document.createElement('span');
  name.textContent = object.name;
  const size = document.createElement('span');
  size.className = 'size';
  size.textContent = `${(object.size / 1e6).toFixed(1)} MB`;
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = 'Download';
  button.setAttribute('aria-label', `Download ${object.name}`);
  button.addEventListener('click', () =>
    act(`Downloading ${object.name}…`, () => download(from, object)),
  );
  item.append(image, name, size, button);
  return item;
}

async function download(from: Camera, object: CameraObject): Promise<void> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let got = 0;
  await from.storage?.read(object, {
    write(chunk) {
      parts.push(own(chunk));
      got += chunk.length;
      statusLine.textContent = `Downloading ${object.name}: ${Math.floor((100 * got) / object.size)} %`;
    },
  });
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob(parts));
  link.download = object.name;
  link.click();
  URL.revokeObjectURL(link.href);
}

/** One thing at a time, its progress and its failure told. */
function act(what: string, work: () => Promise<void>): void {
  void doing(what, work);
}

async function doing(what: string, work: () => Promise<void>): Promise<void> {
  statusLine.textContent = what;
  problemLine.textContent = '';
  document.body.setAttribute('aria-busy', 'true');
  try {
    await work();
    statusLine.textContent = what ? 'Done.' : '';
  } catch (error) {
    statusLine.textContent = '';
    tell(error);
  } finally {
    document.body.setAttribute('aria-busy', 'false');
  }
}

function tell(error: unknown): void {
  const hint = error instanceof HotshoeError && error.hint ? `\n${error.hint}` : '';
  problemLine.textContent = `${error instanceof Error ? error.message : String(error)}${hint}`;
}

/** A copy of its own: what a sink gets is valid only while it is being written. */
function own(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}

function element<T extends HTMLElement>(id: string, type: abstract new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`the page has no ${id}`);
  return found;
}
