/** The description of a UPnP device as cameras and computers give it: XML over HTTP. */
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { HotshoeError, messageOf } from '../base/errors.ts';

export interface DeviceDescription {
  /** "00000000-0000-0000-0001-58D50A13A80B". */
  uuid: string | undefined;
  friendlyName: string | undefined;
  modelName: string | undefined;
  serialNumber: string | undefined;
  serviceTypes: string[];
  /** GUID of the computer that the camera waits for; undefined where it waits for none. */
  expectedGuid: string | undefined;
  /** A computer or phone is connected. */
  inUse: boolean;
  /** As on USB. */
  productId: number | undefined;
  nickname: string | undefined;
}

const DEPTH_LIMIT = 16;
const TEXT_LIMIT = 256;
/** "No computer in particular." */
const NOBODY = /F{12}$/;

const parser = /* @__PURE__ */ new XMLParser({
  parseTagValue: false,
  processEntities: false,
  removeNSPrefix: true,
  ignoreAttributes: true,
  ignoreDeclaration: true,
  ignorePiTags: true,
});

/** Throws INVALID_DATA for what is no such description, or carries a document type or entities. */
export function parseDescription(xml: string): DeviceDescription {
  const device = record(record(readXml(xml).root)?.device);
  if (!device) throw invalid('it has no root with a device');
  const services = servicesOf(device);
  const field = (name: string) => services.map((service) => text(service[name])).find(Boolean);
  const target = field('X_targetId')
    ?.replace(/^uuid:/i, '')
    .toUpperCase();
  const usbId = field('X_deviceUsbId') ?? '';
  return {
    uuid: text(device.UDN)
      ?.replace(/^uuid:/i, '')
      .toUpperCase(),
    friendlyName: text(device.friendlyName),
    modelName: text(device.modelName),
    serialNumber: text(device.serialNumber),
    serviceTypes: services.flatMap((service) => text(service.serviceType) ?? []),
    expectedGuid: target && !NOBODY.test(target) ? target : undefined,
    inUse: field('X_onService') === '1',
    productId: /^[0-9a-f]{1,4}$/i.test(usbId) ? Number.parseInt(usbId, 16) : undefined,
    nickname: field('X_deviceNickname'),
  };
}

type Tree = Readonly<Record<string, unknown>>;

function readXml(xml: string): Tree {
  // A document type is what entities are declared in; no camera sends one.
  if (/<!(?:DOCTYPE|ENTITY)/i.test(xml)) throw invalid('it has a document type');
  if (depthOf(xml) > DEPTH_LIMIT) throw invalid(`it is nested deeper than ${DEPTH_LIMIT} elements`);
  const valid = XMLValidator.validate(xml);
  if (valid !== true) throw invalid(`${valid.err.msg} (line ${valid.err.line})`);
  try {
    return parser.parse(xml) as Tree;
  } catch (error) {
    throw invalid(messageOf(error));
  }
}

function invalid(why: string): HotshoeError {
  return new HotshoeError('INVALID_DATA', `a description of a device makes no sense: ${why}`);
}

/** At most; before anything is built. */
function depthOf(xml: string): number {
  let depth = 0;
  let deepest = 0;
  for (const [tag] of xml.matchAll(/<(?:\/[^>]*|[A-Za-z_][^>]*)>/g)) {
    if (tag.startsWith('</')) depth--;
    else if (!tag.endsWith('/>')) depth++;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

function servicesOf(device: Tree): Tree[] {
  const list = record(device.serviceList)?.service;
  const services: unknown[] = Array.isArray(list) ? list : [list];
  return services.map(record).filter((service) => service !== undefined);
}

function record(value: unknown): Tree | undefined {
  return typeof value === 'object' && value !== null ? (value as Tree) : undefined;
}

/** Without control characters, and short: it will be shown. */
function text(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const plain = unescapeXml(value)
    .replace(/[\p{Cc}\p{Bidi_Control}]/gu, '')
    .trim();
  return plain.slice(0, TEXT_LIMIT) || undefined;
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
};

function unescapeXml(value: string): string {
  return value.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(\w+));/gi, (whole, ...found) => {
    const [decimal, hex, name] = found as (string | undefined)[];
    if (name !== undefined) return ENTITIES[name] ?? whole;
    const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '';
  });
}

/** For text between tags. */
export function escapeXml(value: string): string {
  return value
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&apos;');
}
