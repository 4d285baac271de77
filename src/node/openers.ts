/** Registers the addresses that need Node: cameras in the network and on USB. */
import { parseHostPort, registerOpener } from '../camera/address.ts';
import { PTP_IP_PORT } from '../ptp/index.ts';
import { openIpCamera } from './open-ip.ts';
import { identity } from './state.ts';
import './replay-opener.ts';
import './usb/opener.ts';
import './wifi-opener.ts';

registerOpener('ptpip', {
  form: 'ptpip://HOST[:PORT]',
  async open(rest, address, options) {
    const { host, port } = parseHostPort(rest, address, PTP_IP_PORT);
    const place = { host, port, identity: await identity(), address };
    return (await openIpCamera(place, options)).camera;
  },
});
