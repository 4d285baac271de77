/**
 * A PowerShot that waits for the phone program with an exchange of its own (wphoto's notes on an
 * S120, those of others on a G7 X and an SX710). What it announces is here, so that programs can
 * recognise it; the exchange is not, and PTP/IP stays closed.
 */
import { type Clock, ignore, sleep } from '../../base/time.ts';
import {
  formatSsdp,
  parseSsdp,
  ServiceType,
  SSDP_GROUP,
  SSDP_PORT,
  searchMessage,
} from '../../discovery/index.ts';
import type { Closable, OutgoingDns, WifiPorts } from './ports.ts';

export interface IminkOptions {
  /** "Canon PowerShot SX730 HS". */
  model: string;
  uuid: string;
  ports: WifiPorts;
  clock: Clock;
}

const TYPE = ServiceType.MobileConnectedCamera;
const SERVICE = '_imink_http._tcp.local';
const INSTANCE = `MobileConnectedCamera.${SERVICE}`;
const CONTROL_PORT = 8615;
const SEARCH_MS = 3000;

export class IminkCamera {
  #options: IminkOptions;
  #open: Closable[] = [];
  #stop = new AbortController();

  constructor(options: IminkOptions) {
    this.#options = options;
  }

  async join(): Promise<void> {
    const { ports, clock } = this.#options;
    const http = await ports.serveHttp(({ path }) => {
      const body = path === '/CameraDevDesc.xml' ? this.#description() : '';
      const length = String(new TextEncoder().encode(body).length);
      return {
        status: body === '' ? 404 : 200,
        headers: [
          ['Content-Length', length],
          ['Connection', 'close'],
          ['Content-Type', 'text/xml'],
        ],
        body,
      };
    });
    const ssdp = await ports.openSsdp((bytes, from) => {
      const message = parseSsdp(bytes);
      if (message?.kind === 'search' && message.headers.get('st') === TYPE) {
        void ssdp.send(this.#answer(http.port), from);
      }
    });
    const mdns = await ports.openMdns((message) => {
      if (message.questions.some(({ name }) => name.toLowerCase() === SERVICE)) {
        void mdns.send(this.#announcement());
      }
    });
    this.#open = [http, ssdp, mdns];
    await mdns.send(this.#announcement());
    const { signal } = this.#stop;
    const search = async () => {
      for (;;) {
        await ssdp.send(searchMessage(TYPE, 3), { address: SSDP_GROUP, port: SSDP_PORT });
        await sleep(SEARCH_MS, signal, clock);
      }
    };
    search().catch(ignore);
  }

  async leave(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#open.map((port) => port.close()));
  }

  #answer(port: number): Uint8Array {
    const { model, uuid, ports } = this.#options;
    return formatSsdp('HTTP/1.1 200 OK', [
      ['Cache-Control', 'max-age=1800'],
      ['EXT', ''],
      ['Location', `http://${ports.address}:${port}/CameraDevDesc.xml`],
      ['Server', `Camera OS/1.0 UPnP/1.0 Camera 1.0/${model}/1.0`],
      ['ST', TYPE],
      ['USN', `uuid:${uuid}::${TYPE}`],
    ]);
  }

  #description(): string {
    const { model, uuid } = this.#options;
    return [
      '<?xml version="1.0"?>',
      '<root xmlns="urn:schemas-upnp-org:device-1-0">',
      '<specVersion><major>1</major><minor>0</minor></specVersion>',
      '<device>',
      `<deviceType>${ServiceType.Basic}</deviceType>`,
      `<friendlyName>${model}</friendlyName>`,
      '<manufacturer>CANON INC.</manufacturer>',
      `<modelName>${model}</modelName>`,
      `<UDN>uuid:${uuid}</UDN>`,
      `<serviceList><service><serviceType>${TYPE}</serviceType></service></serviceList>`,
      '</device>',
      '</root>',
      '',
    ].join('\r\n');
  }

  #announcement(): OutgoingDns {
    const { model, uuid, ports } = this.#options;
    const texts = {
      vexv: '1-1402-329D-0.0.0',
      exactv: '1.0',
      ctlurl: '/MobileConnectedCamera/',
      scpdurl: `http://${ports.address}:49152/desc_iml/MobileConnectedCamera.xml`,
      sid: uuid,
      mn: model.replace(/^Canon PowerShot /, ''),
      md: `Camera 1.0/${model}`,
      mf: 'Canon',
    };
    const host = `${uuid.slice(-6)}.local`;
    return {
      type: 'response',
      answers: [
        { name: SERVICE, type: 'PTR', ttl: 4500, data: INSTANCE },
        {
          ...{ name: INSTANCE, type: 'SRV', ttl: 120, flush: true },
          data: { priority: 0, weight: 0, port: CONTROL_PORT, target: host },
        },
        {
          ...{ name: INSTANCE, type: 'TXT', ttl: 4500, flush: true },
          data: Object.entries(texts).map(([key, value]) => `${key}.iml=${value}`),
        },
        { name: host, type: 'A', ttl: 120, flush: true, data: ports.address },
      ],
    };
  }
}
