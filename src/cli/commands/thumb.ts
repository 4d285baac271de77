import { dataSource } from '../../index.ts';
import type { Context } from '../context.ts';
import { eachObject, storageOf, WHAT } from '../each-object.ts';
import type { AddCommand } from './command.ts';
import { checkOutput, onExistsOption, type SaveOptions, save } from './get.ts';

export const addThumb: AddCommand = (program, run) => {
  program
    .command('thumb')
    .description('download thumbnails')
    .argument('<what...>', WHAT)
    .option('-o, --output <folder>', 'where to put them; - writes the bytes to stdout', '.')
    .addOption(onExistsOption())
    .action(
      run((context: Context, what: string[], options: SaveOptions) => {
        const { output, signal } = context;
        checkOutput(options, output);
        return context.withCamera((camera) => {
          const storage = storageOf(camera);
          const selection = {
            targets: what,
            folders: 'tree',
            filesOnly: true,
            nothing: 'no pictures in it',
          } as const;
          return eachObject(context, camera, selection, async (object) => {
            const { chunks, size } = dataSource(await storage.thumbnail(object, { signal }));
            const file = { name: thumbName(object.name), size, date: object.date };
            return save(context, file, options, async (sink) => {
              for await (const chunk of chunks) await sink.write(chunk);
              return size;
            });
          });
        });
      }),
    );
};

/** "2U4A0001.CR3" -> "2U4A0001.thumb.jpg": thumbnails are JPEG whatever the picture is. */
function thumbName(name: string): string {
  return `${name.replace(/\.[^.]*$/, '')}.thumb.jpg`;
}
