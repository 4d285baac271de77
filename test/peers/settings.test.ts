/** What gphoto2 sets hotshoe reads, and the other way round. */
import { afterEach, beforeEach, expect } from 'vitest';
import { createVirtualCamera } from '../../src/virtual/index.ts';
import { commandLine } from '../support/command-line.ts';
import { Gphoto2 } from '../support/gphoto2.ts';
import { peer } from '../support/peers.ts';

const gphoto2 = peer('gphoto2');

for (const model of ['eos-r6', 'eos-1300d']) {
  gphoto2.describe(`settings of a virtual ${model}`, () => {
    let program: Gphoto2;
    beforeEach(async () => {
      program = await Gphoto2.on(createVirtualCamera(model));
    });
    afterEach(() => program.close());
    const ours = (...args: string[]) => commandLine(['-c', program.address, 'config', ...args]);

    gphoto2.it('set by gphoto2, read by hotshoe', async () => {
      const values = { iso: '400', shutterspeed: '1/250', aperture: '8', whitebalance: 'Cloudy' };
      for (const [name, value] of Object.entries(values)) {
        const { output } = await program.run('--set-config', `${name}=${value}`);
        expect(output).not.toContain('*** Error');
      }
      const { stdout } = await ours(...Object.keys(values));
      expect(stdout.match(/^\S+=.*$/gm)).toEqual([
        ...['iso=ISO 400', 'shutter=1/250', 'aperture=f/8', 'white-balance=cloudy'],
      ]);
    });

    gphoto2.it('custom functions, one by hotshoe and a record by gphoto2', async () => {
      const read = async () => {
        const { output } = await program.run('--get-config', 'customfuncex');
        return /^Current: (.*)$/m.exec(output)?.[1] ?? '';
      };
      const { stdout } = await ours('exposure-steps=1/2');
      expect(stdout).toContain('exposure-steps=1/2');
      // gphoto2 keeps the record that came last: what it sets is a whole record.
      const words = (await read()).split(',').filter(Boolean);
      expect(words.length).toBeGreaterThan(4);
      const changed = words.map((word, i) => (i === words.length - 1 ? '1' : word));
      const { output } = await program.run('--set-config', `customfuncex=${changed.join(',')},`);
      expect(output).not.toContain('*** Error');
      const last = `custom-0x${words.at(-3)}`;
      expect((await ours(last)).stdout).toMatch(new RegExp(`^${last}=0x1$`, 'm'));
      expect((await ours('exposure-steps')).stdout).toContain('exposure-steps=1/2');
    });

    gphoto2.it('set by hotshoe, read by gphoto2', async () => {
      const set = ['iso=1600', 'shutterspeed=1/60', 'aperture=f/5.6', 'wb=daylight', 'drive=#2'];
      const { code, stdout } = await ours(...set);
      expect(code).toBe(0);
      expect(stdout.split('\n').filter(Boolean)).toHaveLength(set.length);
      const read: Record<string, string | undefined> = {};
      for (const name of ['iso', 'shutterspeed', 'aperture', 'whitebalance']) {
        const { output } = await program.run('--get-config', name);
        read[name] = /^Current: (.*)$/m.exec(output)?.[1];
      }
      expect(read).toEqual({
        ...{ iso: '1600', shutterspeed: '1/60', aperture: '5.6', whitebalance: 'Daylight' },
      });
    });
  });
}
