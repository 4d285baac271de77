import { HotshoeError } from '../../base/errors.ts';
import { aliases, setAlias } from '../../node/known-cameras.ts';
import type { Context } from '../context.ts';
import { table } from '../output.ts';
import type { AddCommand } from './command.ts';

export const addAlias: AddCommand = (program, run) => {
  program
    .command('alias')
    .description('names for the addresses of cameras; without arguments: list them')
    .argument('[name]', 'the name')
    .argument('[address]', 'what it stands for: ptpip://192.168.1.20, usb:serial=123, wifi:EOSR6')
    .option('--remove', 'forget the name')
    .action(
      run(
        async (
          context,
          name: string | undefined,
          address: string | undefined,
          options: { remove?: boolean },
        ) => {
          if (name === undefined) await list(context);
          else if (options.remove) await remove(context, name);
          else await set(context, name, address);
          return undefined;
        },
      ),
    );
};

async function list({ output }: Context): Promise<void> {
  const all = Object.entries(await aliases()).map(([name, address]) => ({ name, address }));
  output.result(all);
  for (const line of table(all.map(({ name, address }) => [name, address]))) output.line(line);
  if (all.length === 0) output.note('no aliases; make one: hotshoe alias studio usb:serial=123');
}

async function set({ output }: Context, name: string, address?: string): Promise<void> {
  if (address === undefined) {
    const known = (await aliases())[name];
    if (known === undefined) {
      throw new HotshoeError('NOT_FOUND', `there is no alias "${name}"`, {
        hint: `Make it: hotshoe alias ${name} ADDRESS`,
      });
    }
    output.result([{ name, address: known }]);
    output.line(known);
    return;
  }
  if (!/^[\p{L}\p{N}][\p{L}\p{N}._-]*$/u.test(name)) {
    throw new HotshoeError('USAGE', `"${name}" cannot be an alias`, {
      hint: 'Letters, digits, dot, dash and underscore; no colon, which addresses have.',
    });
  }
  if (!address.includes(':')) {
    throw new HotshoeError('USAGE', `"${address}" is not an address of a camera`, {
      hint: 'For example ptpip://192.168.1.20, usb:serial=123 or wifi:EOSR6; `hotshoe list` shows them.',
    });
  }
  await setAlias(name, address);
  output.result([{ name, address }]);
}

async function remove({ output }: Context, name: string): Promise<void> {
  if (await setAlias(name, undefined)) {
    output.result([]);
    return;
  }
  throw new HotshoeError('NOT_FOUND', `there is no alias "${name}"`);
}
