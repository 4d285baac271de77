/**
 * What a camera says of itself, as captured from an EOS R (firmware 1.8.0) and, of smartphone mode,
 * an EOS 6D and a Rebel T6.
 */
import {
  type DnsMessage,
  formatSsdp,
  type HttpAnswer,
  type HttpRequest,
  ServiceType,
  SSDP_GROUP,
  SSDP_PORT,
} from '../../discovery/index.ts';
import type { OutgoingDns } from './ports.ts';

export interface Announced {
  /** "Canon EOS R6". */
  model: string;
  serialNumber: string;
  /** Six bytes. */
  mac: Uint8Array;
  productId: number;
  /** Its IPv4 address, and where its description is. */
  address: string;
  port: number;
  mode: 'eos-utility' | 'smartphone';
  /** Path of the description. */
  path: string;
  inUse: boolean;
}

const MAX_AGE = 'max-age=1800';
const SERVER = 'Camera OS/1.0 UPnP/1.0 Canon Device Discovery/1.0';
/** No computer in particular, also where one is paired. */
const NOBODY = '00000000-0000-0000-0001-FFFFFFFFFFFF';
const HOST = `${SSDP_GROUP}:${SSDP_PORT}`;

const hex = (bytes: Uint8Array) =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

export const uuidOf = (mac: Uint8Array) => `00000000-0000-0000-0001-${hex(mac).toUpperCase()}`;

/** "ICPO-WFTEOSSystemService". */
const serviceName = (mode: Announced['mode']) =>
  mode === 'smartphone' ? 'ICPO-SmartPhoneEOSSystemService' : 'ICPO-WFTEOSSystemService';

const serviceType = (mode: Announced['mode']) =>
  mode === 'smartphone' ? ServiceType.Smartphone : ServiceType.EosUtility;

/** What it announces, in its order. */
export function notificationTypes({ mac, mode }: Announced): string[] {
  return [ServiceType.RootDevice, `uuid:${uuidOf(mac)}`, ServiceType.Basic, serviceType(mode)];
}

function usn({ mac }: Announced, type: string): string {
  const uuid = `uuid:${uuidOf(mac)}`;
  return type === uuid ? uuid : `${uuid}::${type}`;
}

const location = ({ address, port, path }: Announced) => `http://${address}:${port}${path}`;

export function alive(camera: Announced, type: string): Uint8Array {
  return formatSsdp('NOTIFY * HTTP/1.1', [
    ['Host', HOST],
    ['Cache-Control', MAX_AGE],
    ['Location', location(camera)],
    ['NT', type],
    ['NTS', 'ssdp:alive'],
    ['Server', SERVER],
    ['USN', usn(camera, type)],
  ]);
}

export function byebye(camera: Announced, type: string): Uint8Array {
  return formatSsdp('NOTIFY * HTTP/1.1', [
    ['Host', HOST],
    ['NT', type],
    ['NTS', 'ssdp:byebye'],
    ['USN', usn(camera, type)],
  ]);
}

/** To one search: for its service one datagram, for everything or root devices one of each. */
export function searchAnswers(camera: Announced, searched: string): Uint8Array[] {
  const types = notificationTypes(camera);
  const general = searched === ServiceType.All || searched === ServiceType.RootDevice;
  const meant = general ? types : types.filter((type) => type === searched);
  return meant.map((type) =>
    formatSsdp('HTTP/1.1 200 OK', [
      ['Cache-Control', MAX_AGE],
      ['EXT', ''],
      ['Location', location(camera)],
      ['Server', SERVER],
      ['ST', type],
      ['USN', usn(camera, type)],
    ]),
  );
}

/** Line by line as an EOS R writes it. */
export function cameraDescription(camera: Announced): string {
  const { model, serialNumber, mac, productId, address, port, mode, inUse, path } = camera;
  const canon = (name: string, value: string) =>
    `<ns:${name} xmlns:ns="urn:schemas-canon-com:schema-upnp">${value}</ns:${name}>`;
  const lines = [
    '<?xml version="1.0"?>',
    '<root xmlns="urn:schemas-upnp-org:device-1-0">',
    '<specVersion>',
    '<major>1</major>',
    '<minor>0</minor>',
    '</specVersion>',
    `<URLBase>http://${address}:${port}${path.slice(0, path.lastIndexOf('/') + 1)}</URLBase>`,
    '<device>',
    `<deviceType>${ServiceType.Basic}</deviceType>`,
    `<friendlyName>${model}</friendlyName>`,
    '<manufacturer>Canon</manufacturer>',
    '<manufacturerURL>http://www.canon.com/</manufacturerURL>',
    '<modelDescription>Canon Digital Camera</modelDescription>',
    `<modelName>${model}</modelName>`,
    `<serialNumber>${serialNumber}</serialNumber>`,
    `<UDN>uuid:${uuidOf(mac)}</UDN>`,
    '<serviceList>',
    '<service>',
    `<serviceType>${serviceType(mode)}</serviceType>`,
    `<serviceId>urn:schemas-canon-com:serviceId:${serviceName(mode)}-1</serviceId>`,
    '<SCPDURL>CameraSvcDesc.xml</SCPDURL>',
    '<controlURL>control/CanonCamera/</controlURL>',
    '<eventSubURL></eventSubURL>',
    canon('X_targetId', `uuid:${NOBODY}`),
    canon('X_onService', inUse ? '1' : '0'),
    canon('X_deviceUsbId', productId.toString(16).padStart(4, '0')),
    canon('X_deviceNickname', model),
    '</service>',
    '</serviceList>',
    '<presentationURL>/</presentationURL>',
    '</device>',
    '</root>',
    '',
  ];
  return lines.join('\r\n');
}

/** What the service's own description says has never been captured: this is the least it can say. */
const SERVICE_DESCRIPTION = [
  '<?xml version="1.0"?>',
  '<scpd xmlns="urn:schemas-upnp-org:service-1-0">',
  '<specVersion><major>1</major><minor>0</minor></specVersion>',
  '</scpd>',
  '',
].join('\r\n');

export function answerHttp(camera: Announced, { method, path }: HttpRequest): HttpAnswer {
  const folder = camera.path.slice(0, camera.path.lastIndexOf('/') + 1);
  const body =
    path === camera.path
      ? cameraDescription(camera)
      : path === `${folder}CameraSvcDesc.xml`
        ? SERVICE_DESCRIPTION
        : undefined;
  const status = body === undefined || (method !== 'GET' && method !== 'HEAD') ? 404 : 200;
  const sent = status === 200 && method === 'GET' ? (body ?? '') : '';
  return {
    status,
    headers: [
      ['Content-Length', String(new TextEncoder().encode(body ?? '').length)],
      ['Connection', 'close'],
      ['Content-Type', 'text/xml'],
    ],
    body: sent,
  };
}

const PTP = '_ptp._tcp.local';
const HOST_TTL = 120;
const SERVICE_TTL = 4500;

const short = (mac: Uint8Array) => hex(mac.subarray(3));
const hostName = ({ mac }: Announced) => `CWC${short(mac)}.local`;
const instanceName = ({ mac, mode }: Announced) => `${serviceName(mode)}${short(mac)}.${PTP}`;

const addressRecord = (camera: Announced, ttl: number) => ({
  ...{ name: hostName(camera), type: 'A', ttl, flush: true, data: camera.address },
});

/** Nothing but an IPv4 address is to be had of this name. */
const onlyAddress = (camera: Announced) => ({
  ...{ name: hostName(camera), type: 'NSEC', ttl: HOST_TTL },
  data: { nextDomain: hostName(camera), rrtypes: ['A'] },
});

const pointer = (camera: Announced, ttl: number) => ({
  ...{ name: PTP, type: 'PTR', ttl, data: instanceName(camera) },
});

const service = (camera: Announced) => ({
  ...{ name: instanceName(camera), type: 'SRV', ttl: HOST_TTL, flush: true },
  data: { priority: 0, weight: 0, port: 15740, target: hostName(camera) },
});

export const hostProbe = (camera: Announced): OutgoingDns => ({
  type: 'query',
  questions: [{ name: hostName(camera), type: 'ANY' }],
  authorities: [{ ...addressRecord(camera, HOST_TTL), flush: false }],
});

export const instanceProbe = (camera: Announced): OutgoingDns => ({
  type: 'query',
  questions: [{ name: instanceName(camera), type: 'ANY' }],
  authorities: [{ ...service(camera), flush: false }],
});

export const hostAnnounced = (camera: Announced): OutgoingDns => ({
  type: 'response',
  answers: [addressRecord(camera, HOST_TTL)],
  additionals: [onlyAddress(camera)],
});

export const hostGoodbye = (camera: Announced): OutgoingDns => ({
  type: 'response',
  answers: [addressRecord(camera, 0)],
});

export const serviceGoodbye = (camera: Announced): OutgoingDns => ({
  type: 'response',
  answers: [pointer(camera, 0)],
});

export function serviceAnnounced(camera: Announced): OutgoingDns {
  const { model, mac, inUse, serialNumber, productId } = camera;
  const texts = {
    srvver: '2.0',
    mf: 'Canon',
    md: 'Canon Digital Camera',
    mn: model,
    tid: NOBODY,
    srv: inUse ? '1' : '0',
    sid: uuidOf(mac),
    myhwa: hex(mac),
    snum: serialNumber,
    usbid: productId.toString(16).padStart(4, '0'),
    nicname: model,
  };
  return {
    type: 'response',
    answers: [
      addressRecord(camera, HOST_TTL),
      service(camera),
      {
        ...{ name: instanceName(camera), type: 'TXT', ttl: SERVICE_TTL, flush: true },
        data: Object.entries(texts).map(([key, value]) => `${key}.canon.com=${value}`),
      },
      { name: '_services._dns-sd._udp.local', type: 'PTR', ttl: SERVICE_TTL, data: PTP },
      pointer(camera, SERVICE_TTL),
    ],
    additionals: [onlyAddress(camera)],
  };
}

/** A 1D X Mark II answers the question for its service, and no other. */
export function asksForService({ questions }: Pick<DnsMessage, 'questions'>): boolean {
  return questions.some(
    ({ name, type }) => name.toLowerCase() === PTP && (type === 'PTR' || type === 'ANY'),
  );
}
