import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { HotshoeError } from '../base/errors.ts';
import { Interrupted } from './exit-codes.ts';
import { formatBytes, Output, type OutputOptions, table } from './output.ts';

class Captured extends Writable {
  text = '';

  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

function outputTo(options: OutputOptions = {}, env: NodeJS.ProcessEnv = {}, isTTY = false) {
  const stdout = new Captured();
  const stderr = Object.assign(new Captured(), { isTTY });
  return { stdout, stderr, output: new Output({ stdout, stderr }, options, env) };
}

describe('output', () => {
  it('keeps results and remarks apart', () => {
    const { output, stdout, stderr } = outputTo();
    output.line('result');
    output.note('remark');
    output.result({ a: 1 });
    output.item({ b: 1 });
    output.flush();
    expect([stdout.text, stderr.text]).toEqual(['result\n', 'remark\n']);
  });

  it('has nothing but one document on stdout with --json', () => {
    const { output, stdout } = outputTo({ json: true });
    output.line('result');
    output.item({ b: 1 });
    output.result([{ a: 1, b: undefined }]);
    output.flush();
    expect(JSON.parse(stdout.text)).toEqual([{ a: 1, b: null }]);
  });

  it('has one document a line with --jsonl', () => {
    const { output, stdout } = outputTo({ jsonl: true });
    output.item({ a: 1 });
    output.result([{ b: 2 }, { c: 'three\nlines' }]);
    output.flush();
    expect(stdout.text).toBe('{"a":1}\n{"b":2}\n{"c":"three\\nlines"}\n');
  });

  it('makes no remarks with --quiet, but tells errors', () => {
    const { output, stderr } = outputTo({ quiet: true });
    output.note('remark');
    output.error(new HotshoeError('FILE', 'no', { hint: 'do' }));
    expect(stderr.text).toBe('hotshoe: no\ndo\n');
  });

  it.each([
    [new HotshoeError('FILE', 'no', { hint: 'do' }), { code: 'FILE', message: 'no', hint: 'do' }],
    [new HotshoeError('FILE', 'no'), { code: 'FILE', message: 'no' }],
    [new Interrupted(), { code: 'INTERRUPTED', message: 'interrupted' }],
    [new Error('oops'), { code: 'INTERNAL', message: 'oops', hint: expect.any(String) }],
  ])('tells programs of %s', (error, told) => {
    const { output, stdout, stderr } = outputTo({ json: true });
    output.error(error);
    output.flush();
    expect(JSON.parse(stdout.text)).toEqual({ error: told });
    expect(stderr.text).toBe('');
  });

  it('shows where an unforeseen error came from with --verbose only', () => {
    const { output, stderr } = outputTo({ verbose: 1 });
    output.error(new Error('oops'));
    expect(stderr.text).toMatch(/output\.test\.ts:\d+/);
    const brief = outputTo();
    brief.output.error(new Error('oops'));
    expect(brief.stderr.text).not.toContain('output.test.ts');
  });

  it('lets no name from a camera give orders to the terminal', () => {
    const { output, stdout, stderr } = outputTo();
    output.line('a\x1b[2Jb\x07c\x9bd\re\u202ef');
    output.note('a\x1b]0;x\x07');
    output.error(new HotshoeError('NOT_FOUND', 'no "\x1b[31m"'));
    output.flush();
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    expect(stdout.text + stderr.text).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
  });

  it.each([
    [{}, false, false],
    [{}, true, true],
    [{ NO_COLOR: '1' }, true, false],
    [{ FORCE_COLOR: '1' }, false, true],
    [{ FORCE_COLOR: '0' }, true, false],
    [{ NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
  ])('with %j and a terminal (%s) has colours: %s', (env, isTTY, colours) => {
    expect(outputTo({}, env, isTTY).output.colors.isColorSupported).toBe(colours);
  });

  it.each([
    [{}, true, true],
    [{}, false, false],
    [{ quiet: true }, true, false],
    [{ json: true }, true, false],
    [{ verbose: 1 }, true, false],
  ])('with %j on a terminal (%s) moves: %s', (options, isTTY, live) => {
    expect(outputTo(options, {}, isTTY).output.live).toBe(live);
  });
});

it.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [1_536_000, '1.5 MB'],
  [999_949, '999.9 kB'],
  [999_950, '1.0 MB'],
  [31_914_983_424, '31.9 GB'],
  [2e15, '2000.0 TB'],
])('%i bytes are shown as %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

it('pads a table into columns, numbers to the right, without blanks at the end', () => {
  const rows = [
    ['a', '1', 'x'],
    ['bbb', '222', 'long'],
  ];
  expect(table(rows, [1])).toEqual(['a      1  x', 'bbb  222  long']);
});
