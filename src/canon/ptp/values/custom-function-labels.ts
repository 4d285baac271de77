/**
 * Custom functions of DSLRs by their id, and their values, as INDIGO checked them against menus.
 * Numbers differ between bodies: a label is a guess where the body is not one of those.
 */
import type { Labels } from './eos-labels.ts';

export interface CustomFunctionLabel {
  readonly name: string;
  readonly values: Labels;
}

export const customFunctionLabels: Readonly<Record<number, CustomFunctionLabel>> = {
  257: { name: 'exposure steps', values: { 0: '1/3', 1: '1/2' } },
  259: { name: 'ISO expansion', values: { 0: 'off', 1: 'on' } },
  271: {
    name: 'flash sync in Av',
    values: { 0: 'auto', 1: '1/200 to 1/60, auto', 2: '1/200' },
  },
  513: { name: 'long exposure noise reduction', values: { 0: 'off', 1: 'auto', 2: 'on' } },
  514: {
    name: 'high ISO noise reduction',
    values: { 0: 'standard', 1: 'low', 2: 'strong', 3: 'off' },
  },
  515: { name: 'highlight tone priority', values: { 0: 'off', 1: 'on' } },
  1294: {
    name: 'AF-assist beam',
    values: { 0: 'on', 1: 'off', 2: 'external flash only', 3: 'infrared only' },
  },
  1297: { name: 'AF during live view', values: { 0: 'off', 1: 'on' } },
  1551: { name: 'mirror lockup', values: { 0: 'off', 1: 'on' } },
};
