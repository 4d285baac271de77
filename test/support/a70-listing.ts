/** The properties of a real PowerShot A70 under release control, as libgphoto2 lists them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const FILE = join(import.meta.dirname, '../fixtures/canon/powershot-a70-capture-properties.tsv');

export interface ListedProperty {
  code: number;
  name: string;
  type: number;
  writable: boolean;
  current: string;
  form: string;
}

export function realProperties(): ListedProperty[] {
  const rows = readFileSync(FILE, 'utf8')
    .split('\n')
    .filter((line) => /^[0-9a-f]{4}\t/.test(line));
  return rows.map((line) => {
    const [code = '', name = '', access, type = '', form = '', current = ''] = line.split('\t');
    return {
      code: Number.parseInt(code, 16),
      name,
      type: Number(type),
      writable: access === 'readwrite',
      current: current.replaceAll("'", '').replace(/^a\[\d+\] /, ''),
      form: form.replaceAll(/a\[\d+\] /g, ''),
    };
  });
}

/** The beginning of each line that gphoto2 prints of one, without what it is set to. */
export function realListing(): string[] {
  return realProperties()
    .filter(({ type }) => (type & 0x4000) === 0 || type === 0xffff)
    .map(({ name, code, writable, type, form }) => {
      const access = writable ? 'readwrite' : 'read only';
      const head = `${name}(0x${code.toString(16)}):(${access}) (type=0x${type.toString(16)})`;
      return `${head} ${form}`;
    });
}
