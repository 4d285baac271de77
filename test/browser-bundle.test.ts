import { isBuiltin } from 'node:module';
import path from 'node:path';
import { build, type Plugin, type Rolldown } from 'vite';
import { expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '..');
const core = 'src/index.ts';
const virtual = 'src/virtual/index.ts';
const web = 'src/web/index.ts';
const impure = 'test/support/fixtures/impure.ts';

it.each([core, virtual, web])('%s needs no Node built-in', async (entry) => {
  const { builtins } = await bundle(`export * from '/${entry}';`);
  expect(builtins).toEqual([]);
});

it('notices Node built-ins', async () => {
  const { builtins } = await bundle(`export * from '/${impure}';`);
  expect(builtins.sort()).toEqual([
    'buffer, imported by test/support/fixtures/impure.ts',
    'node:fs, imported by test/support/fixtures/impure.ts',
  ]);
});

it('leaves nothing of an import that is not used', async () => {
  const { code } = await bundle(`import * as all from '/${core}';`);
  const hint =
    'The bundler keeps the top-level calls below. Where the called function has no effect, ' +
    'say so with /* @__NO_SIDE_EFFECTS__ */ directly above its declaration.';
  expect(code.trim(), hint).toBe('');
});

it('notices what an unused import leaves', async () => {
  const { code } = await bundle(`import * as all from '/${impure}';`);
  expect(code).toContain('sideEffect');
});

/** Bundles a module for the browser, in memory. */
async function bundle(source: string): Promise<{ code: string; builtins: string[] }> {
  const entry = 'virtual:entry';
  const builtins: string[] = [];
  const plugin: Plugin = {
    name: 'entry-and-builtins',
    enforce: 'pre',
    async resolveId(id, importer, options) {
      if (id === entry) return `\0${entry}`;
      if (isBuiltin(id)) {
        builtins.push(`${id}, imported by ${path.relative(root, importer ?? '')}`);
        return { id, external: true };
      }
      const resolved = await this.resolve(id, importer, { ...options, skipSelf: true });
      // Whatever package.json claims: the code itself has to be free of side effects.
      return resolved && { ...resolved, moduleSideEffects: true };
    },
    load(id) {
      return id === `\0${entry}` ? source : undefined;
    },
  };
  const result = await build({
    root,
    configFile: false,
    logLevel: 'silent',
    plugins: [plugin],
    build: {
      write: false,
      minify: false,
      target: 'es2023',
      modulePreload: false,
      rolldownOptions: {
        input: entry,
        preserveEntrySignatures: 'strict',
        // Tables are keyed by constants of other tables; there are no getters with effects.
        treeshake: { propertyReadSideEffects: false },
      },
    },
  });
  const { output } = result as Rolldown.RolldownOutput;
  const code = output.map((file) => (file.type === 'chunk' ? file.code : '')).join('\n');
  return { code: code.replaceAll(/^\/\/#(end)?region.*$/gm, ''), builtins };
}
