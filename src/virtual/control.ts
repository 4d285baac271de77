/** Control lines of virtual cameras, as they come from a terminal or a socket. */
import { HotshoeError } from '../base/errors.ts';

/** What a person can do with a camera in hand. */
export interface Controls {
  press(): Promise<void>;
  half(): void;
  release(): void;
  dial(label: string): void;
  zoom(millimetres: number): void;
  accept(): void;
  refuse(): void;
  plug(): void;
  unplug(): Promise<void>;
  sleep(): Promise<void>;
  cardOut(): Promise<void>;
  cardIn(): Promise<void>;
  battery(percent: number): void;
  /** Where the camera has a socket for the mains. */
  power?(source: string): void;
  fault(name: string): void;
  close(): Promise<void>;
}

interface Control {
  /** "dial M": for messages. */
  form: string;
  run(camera: Controls, word: string): unknown;
}

const controls: Readonly<Record<string, Control>> = {
  press: { form: 'press', run: (camera) => camera.press() },
  half: { form: 'half', run: (camera) => camera.half() },
  release: { form: 'release', run: (camera) => camera.release() },
  dial: { form: 'dial M', run: (camera, label) => camera.dial(label) },
  zoom: { form: 'zoom 85', run: (camera, mm) => camera.zoom(number(mm)) },
  accept: { form: 'accept', run: (camera) => camera.accept() },
  refuse: { form: 'refuse', run: (camera) => camera.refuse() },
  plug: { form: 'plug', run: (camera) => camera.plug() },
  unplug: { form: 'unplug', run: (camera) => camera.unplug() },
  sleep: { form: 'sleep', run: (camera) => camera.sleep() },
  card: { form: 'card out|in', run: (camera, where) => card(camera, where) },
  battery: { form: 'battery 5', run: (camera, percent) => camera.battery(number(percent)) },
  power: { form: 'power mains|battery', run: (camera, source) => power(camera, source) },
  fault: { form: 'fault NAME', run: (camera, name) => camera.fault(name) },
  quit: { form: 'quit', run: (camera) => camera.close() },
};

/** Carries out one line; an empty one does nothing. Rejects with a USAGE error it cannot read. */
export async function runControl(camera: Controls, line: string): Promise<string> {
  const [name = '', word = '', ...rest] = line.trim().split(/\s+/);
  if (name === '') return '';
  const control = Object.hasOwn(controls, name) ? controls[name] : undefined;
  if (!control) {
    throw new HotshoeError('USAGE', `a virtual camera does not know "${name}"`, {
      hint: `Controls: ${Object.values(controls)
        .map(({ form }) => form)
        .join(', ')}.`,
    });
  }
  const takesWord = control.form.includes(' ');
  if (rest.length > 0 || takesWord !== (word !== '')) {
    throw new HotshoeError('USAGE', `"${line.trim()}" should be "${control.form}"`);
  }
  await control.run(camera, word);
  return '';
}

function card(camera: Controls, where: string): Promise<void> {
  if (where === 'out') return camera.cardOut();
  if (where === 'in') return camera.cardIn();
  throw new HotshoeError('USAGE', `a card goes "out" or "in", not "${where}"`);
}

function power(camera: Controls, source: string): void {
  if (camera.power) camera.power(source);
  else throw new HotshoeError('USAGE', 'this camera is always on its battery');
}

function number(text: string): number {
  return /^\d+%?$/.test(text) ? Number.parseInt(text, 10) : Number.NaN;
}
