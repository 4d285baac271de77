/** The models of virtual cameras. */
import { HotshoeError } from '../../base/errors.ts';
import { eos40d } from './eos-40d.ts';
import { eos1300d } from './eos-1300d.ts';
import { eosR6 } from './eos-r6.ts';
import { ixus180 } from './ixus-180.ts';
import type { EosModel } from './model.ts';

const models: readonly EosModel[] = [eosR6, eos1300d, eos40d, ixus180];

/** What there is to choose from. */
export const virtualModels: readonly {
  readonly id: string;
  readonly name: string;
  readonly fronts: readonly ('ptpip' | 'usbip')[];
}[] = models.map(({ id, name, fronts }) => ({ id, name, fronts }));

export function findModel(id: string): EosModel {
  const model = models.find((each) => each.id === id);
  if (model) return model;
  throw new HotshoeError('USAGE', `there is no virtual camera "${id}"`, {
    hint: `Models: ${models.map((each) => each.id).join(', ')}.`,
  });
}
