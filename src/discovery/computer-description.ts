/** What a PowerShot reads about a computer: name, uuid, and headers as Windows sends them. */
import { escapeXml } from './description.ts';
import type { HttpAnswer, HttpRequest } from './ports.ts';

export interface ComputerDescription {
  /** Path of the description, with its slash: "/ptpip-canon-desc-helper.xml". */
  path: string;
  uuid: string;
  /** Shown in the camera's list of computers. */
  name: string;
}

/** Cameras look for "Microsoft-Windows"; anything else they do not list. */
export const WINDOWS = 'Microsoft-Windows/10.0 UPnP/1.0 UPnP-Device-Host/1.0';
/** What the display of a compact has room for, to be prudent: no limit is known. */
const NAME_LIMIT = 20;

/**
 * As a camera will show it: it cuts at the first colon, its display is small and knows no control
 * characters.
 */
export function shownName(name: string): string {
  const plain = name
    .replace(/[\p{Cc}\p{Bidi_Control}]/gu, ' ')
    .replaceAll(':', ' ')
    .replace(/ +/g, ' ')
    .trim();
  return [...plain].slice(0, NAME_LIMIT).join('').trim() || 'hotshoe';
}

/** The document. Windows writes "COMPUTER: USER:" as the name. */
export function computerDescription({ uuid, name }: ComputerDescription): string {
  return [
    '<?xml version="1.0"?>',
    '<root xmlns="urn:schemas-upnp-org:device-1-0">',
    '<specVersion><major>1</major><minor>0</minor></specVersion>',
    '<device>',
    '<deviceType>urn:schemas-upnp-org:device:Basic:1</deviceType>',
    `<friendlyName>${escapeXml(shownName(name))}: hotshoe:</friendlyName>`,
    '<manufacturer>hotshoe</manufacturer>',
    '<modelDescription>A computer that Canon cameras can connect to</modelDescription>',
    '<modelName>hotshoe</modelName>',
    `<UDN>uuid:${uuid}</UDN>`,
    '</device>',
    '</root>',
    '',
  ].join('\r\n');
}

/** GET and HEAD of the one path; `date` is the Date header. */
export function answerForComputer(
  request: Pick<HttpRequest, 'method' | 'path'>,
  description: ComputerDescription,
  date: string,
): HttpAnswer {
  const common = (length: number, type: string) =>
    [
      ['Server', `${WINDOWS} Microsoft-HTTPAPI/2.0`],
      ['Date', date],
      // Spelt and quoted like this: cameras take no other.
      ['Content-type', type],
      ['Content-Length', String(length)],
      ['Connection', 'close'],
    ] as const;
  const refuse = (status: number): HttpAnswer => ({
    status,
    headers: common(0, 'text/plain'),
    body: '',
  });
  if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(501);
  if (request.path !== description.path) return refuse(404);
  const body = computerDescription(description);
  return {
    status: 200,
    headers: common(new TextEncoder().encode(body).length, 'text/xml; charset="utf-8"'),
    body: request.method === 'HEAD' ? '' : body,
  };
}
