/** Cameras that were seen to crash are released only by somebody who was asked. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { shoot } from '../src/api/shoot.ts';
import { open, registerOpener } from '../src/camera/address.ts';
import { shootingRisk } from '../src/camera/risks.ts';
import '../src/node/index.ts';
import { openUsbCamera } from '../src/camera/open-usb.ts';
import { usbCamera } from '../src/usb/cameras.ts';
import { createUsbDevice, type VirtualCamera } from '../src/virtual/index.ts';
import { commandLine } from './support/command-line.ts';
import { smallA70 } from './support/small-pictures.ts';

const ADDRESS = 'ptpip://elph';
const model = 'Canon PowerShot ELPH 130 HS';
let body: VirtualCamera;

beforeEach(() => {
  body = smallA70();
  // No virtual one crashes: another, under its name.
  registerOpener('ptpip', {
    form: ADDRESS,
    async open(_rest, address, options) {
      const found = usbCamera(createUsbDevice(body));
      if (!found) throw new Error('no camera');
      const camera = await openUsbCamera(found, options, 'linux');
      return { ...camera, address, identity: { ...camera.identity, model } };
    },
  });
});
afterEach(() => body.close());

const RELEASED = 0x901a;

it('is known of one, over Wi-Fi', () => {
  const identity = { manufacturer: 'Canon', model, firmware: '1', serialNumber: '' };
  expect(shootingRisk({ address: 'wifi:ELPH', identity })).toContain('seen to crash');
  expect(shootingRisk({ address: 'usb:001,004', identity })).toBeUndefined();
  const other = { ...identity, model: 'Canon PowerShot SX730 HS' };
  expect(shootingRisk({ address: 'wifi:SX730HS', identity: other })).toBeUndefined();
});

it('without a terminal a command needs --yes', async () => {
  const refused = await commandLine(['-c', ADDRESS, 'shoot']);
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('Add --yes')]);
  expect(body.requests(RELEASED)).toBe(0);
  expect((await commandLine(['-c', ADDRESS, 'shoot', '--yes'])).code).toBe(0);
  expect(body.requests(RELEASED)).toBe(1);
});

it('the API needs the model', async () => {
  await using camera = await open(ADDRESS);
  await expect(shoot(camera, {})).rejects.toMatchObject({ code: 'USAGE' });
  expect(body.requests(RELEASED)).toBe(0);
  expect((await shoot(camera, { confirm: model })).files).toHaveLength(1);
});
