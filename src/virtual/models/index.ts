/** The models of virtual cameras. */
import { HotshoeError } from '../../base/errors.ts';
import type { WifiMenu } from '../wifi/ports.ts';
import { eos20d } from './eos-20d.ts';
import { eos40d } from './eos-40d.ts';
import { eos300d } from './eos-300d.ts';
import { eos1300d } from './eos-1300d.ts';
import { eosR6 } from './eos-r6.ts';
import { ixus180 } from './ixus-180.ts';
import type { EosModel } from './model.ts';
import type { NormalModel } from './normal-model.ts';
import { powerShotA70 } from './powershot-a70.ts';
import { powershotG3 } from './powershot-g3.ts';
import type { PowerShotModel } from './powershot-model.ts';
import { powershotSx730 } from './powershot-sx730.ts';

export type VirtualModel = EosModel | PowerShotModel;

const models: readonly VirtualModel[] = [
  eosR6,
  eos1300d,
  eos40d,
  powerShotA70,
  ixus180,
  powershotSx730,
];

/** They speak Canon's protocol from before PTP. */
const normalModels: readonly NormalModel[] = [powershotG3, eos300d, eos20d];

/** What there is to choose from. */
export const virtualModels: readonly {
  readonly id: string;
  readonly name: string;
  readonly fronts: readonly ('ptpip' | 'usbip')[];
  readonly menus: readonly WifiMenu[];
}[] = [...models, ...normalModels].map(({ id, name, fronts, menus }) => ({
  ...{ id, name, fronts, menus },
}));

export function findModel(id: string): VirtualModel {
  const model = models.find((each) => each.id === id);
  if (model) return model;
  throw new HotshoeError('USAGE', `there is no virtual camera "${id}"`, {
    hint: `Models: ${virtualModels.map((each) => each.id).join(', ')}.`,
  });
}

/** Undefined for a model that speaks PTP. */
export function findNormalModel(id: string): NormalModel | undefined {
  return normalModels.find((each) => each.id === id);
}
