/** Registers the addresses that need Node: cameras in the network and on USB. */
import { parseHostPort, registerOpener } from '../camera/address.ts';
import { openPtpCamera } from '../camera/open-ptp.ts';
import { connectIp, PTP_IP_PORT } from '../ptp/index.ts';
import { identity } from './state.ts';
import { connectTcp } from './tcp.ts';
import './replay-opener.ts';
import './usb/opener.ts';

registerOpener('ptpip', {
  form: 'ptpip://HOST[:PORT]',
  async open(rest, address, options) {
    const { host, port } = parseHostPort(rest, address, PTP_IP_PORT);
    const { guid, name } = await identity();
    const transport = await connectIp({
      async connect(signal) {
        const stream = await connectTcp({ host, port, signal });
        return options.traffic?.stream(stream) ?? stream;
      },
      guid,
      name,
      acceptTimeoutMs: options.acceptTimeoutMs,
      onWaiting: options.onWaiting,
      signal: options.signal,
    });
    return openPtpCamera(transport, address, options);
  },
});
