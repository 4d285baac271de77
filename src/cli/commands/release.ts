import { HotshoeError, LinkError } from '../../base/errors.ts';
import { type HolderStatus, holders, releaseHolder } from '../../holder/index.ts';
import type { Context } from '../context.ts';
import type { AddCommand } from './command.ts';

interface ReleaseOptions {
  all?: boolean;
  force?: boolean;
}

export const addRelease: AddCommand = (program, run) => {
  program
    .command('release')
    .description('let a camera go that `hold` keeps connected')
    .option('--all', 'every one')
    .option('--force', 'also while other commands use it')
    .action(
      run(async (context, { all = false, force = false }: ReleaseOptions) => {
        const { output, env } = context;
        const released: HolderStatus[] = [];
        for (const address of all ? await everyone(context) : [await theOne(context)]) {
          const holder = await releaseHolder(address, { force, env });
          if (!holder) throw notHeld(address);
          released.push(holder);
          output.line(`released: ${holder.model ?? address}`);
        }
        output.result(
          released.map(({ address, model, pid }) => ({ address, model: model ?? null, pid })),
        );
        return undefined;
      }),
    );
};

async function everyone({ env }: Context): Promise<string[]> {
  return (await holders(env)).map(({ address }) => address);
}

async function theOne(context: Context): Promise<string> {
  const { options, env } = context;
  if (options.camera || env.HOTSHOE_CAMERA) return context.chosenCamera();
  const held = await holders(env);
  if (held.length > 1) {
    throw new HotshoeError('USAGE', `${held.length} cameras are held`, {
      hint: `Choose one by --camera, or --all: ${held.map(({ address }) => address).join(', ')}.`,
    });
  }
  const [only] = held;
  if (!only) throw notHeld();
  return only.address;
}

function notHeld(address?: string): LinkError {
  return new LinkError(address === undefined ? 'no camera is held' : `${address} is not held`, {
    code: 'NO_CAMERA',
    hint: '`hotshoe list` shows which are.',
  });
}
