import { describe, expect, it } from 'vitest';
import { findModel } from '../../virtual/models/index.ts';
import { EOS_QUIRKS, hasQuirk } from './eos-quirks.ts';

const NAMES = Object.keys(EOS_QUIRKS) as (keyof typeof EOS_QUIRKS)[];

/** By the operations that real bodies of these models list. */
describe('the quirks of', () => {
  it.each([
    ['eos-r6', ['listsWide', 'readsWide']],
    ['eos-1300d', ['listsFolders']],
    ['eos-40d', ['exposesAtOnce', 'listsFolders']],
    ['ixus-180', ['needsShootingMode', 'takesUploads']],
  ])('%s are %j', (model, quirks) => {
    const { deviceInfo } = findModel(model);
    const found = NAMES.filter((name) => hasQuirk(deviceInfo, name));
    expect(found).toEqual(expect.arrayContaining(quirks));
    expect(found.filter((name) => !quirks.includes(name) && name !== 'listsFolders')).toEqual([]);
  });

  it('each name a source', () => {
    for (const { source } of Object.values(EOS_QUIRKS)) expect(source.length).toBeGreaterThan(20);
  });
});
