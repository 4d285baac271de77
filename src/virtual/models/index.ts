/** The models of virtual cameras. */
import { HotshoeError } from '../../base/errors.ts';
import type { WifiMenu } from '../wifi/ports.ts';
import { eos40d } from './eos-40d.ts';
import { eos1300d } from './eos-1300d.ts';
import { eosR6 } from './eos-r6.ts';
import { ixus180 } from './ixus-180.ts';
import type { EosModel } from './model.ts';
import { powershotSx730 } from './powershot-sx730.ts';

const models: readonly EosModel[] = [eosR6, eos1300d, eos40d, ixus180, powershotSx730];

/** What there is to choose from. */
export const virtualModels: readonly {
  readonly id: string;
  readonly name: string;
  readonly fronts: readonly ('ptpip' | 'usbip')[];
  readonly menus: readonly WifiMenu[];
}[] = models.map(({ id, name, fronts, menus }) => ({ id, name, fronts, menus }));

export function findModel(id: string): EosModel {
  const model = models.find((each) => each.id === id);
  if (model) return model;
  throw new HotshoeError('USAGE', `there is no virtual camera "${id}"`, {
    hint: `Models: ${models.map((each) => each.id).join(', ')}.`,
  });
}
