/** Cameras by multicast DNS: `_ptp._tcp` of EOS bodies, `_imink_http._tcp` of PowerShots for phones. */
export interface DnsRecord {
  name: string;
  /** "PTR". */
  type: string;
  /** Seconds; 0 is a goodbye. */
  ttl?: number | undefined;
  flush?: boolean | undefined;
  /** PTR: a name. A: an address. TXT: texts. */
  data?: unknown;
}

export interface DnsMessage {
  questions: readonly { name: string; type: string }[];
  answers: readonly DnsRecord[];
  authorities: readonly DnsRecord[];
  additionals: readonly DnsRecord[];
}

const PTP_SERVICE = '_ptp._tcp.local';
const IMINK_SERVICE = '_imink_http._tcp.local';

export const mdnsQuestions = [
  { name: PTP_SERVICE, type: 'PTR' },
  { name: IMINK_SERVICE, type: 'PTR' },
] as const;

/** What a camera says of itself in its TXT record. */
export interface MdnsCamera {
  mode: 'eos-utility' | 'smartphone' | 'imink';
  /** It goes. */
  goodbye: boolean;
  uuid: string | undefined;
  modelName: string | undefined;
  nickname: string | undefined;
  serialNumber: string | undefined;
  expectedGuid: string | undefined;
  inUse: boolean;
  productId: number | undefined;
}

/** Undefined where the message is about something else. */
export function readMdnsCamera(message: Pick<DnsMessage, 'answers' | 'additionals'>) {
  const records = [...message.answers, ...message.additionals].slice(0, 64);
  const pointer = records.find(
    ({ type, name }) =>
      type === 'PTR' && (isNamed(name, PTP_SERVICE) || isNamed(name, IMINK_SERVICE)),
  );
  if (!pointer) return undefined;
  const instance = typeof pointer.data === 'string' ? pointer.data : '';
  const texts = records.find(({ type, name }) => type === 'TXT' && isNamed(name, instance));
  const values = textsOf(texts?.data);
  const canon = (key: string) => values.get(`${key}.canon.com`) ?? values.get(`${key}.iml`);
  // Cameras of any maker may be at `_ptp._tcp`.
  const isCanon = /^ICPO-|^MobileConnectedCamera/i.test(instance) || canon('sid') !== undefined;
  if (!isCanon) return undefined;
  const target = canon('tid')?.toUpperCase();
  const usbId = canon('usbid') ?? '';
  const camera: MdnsCamera = {
    mode: modeOf(pointer.name, instance),
    goodbye: pointer.ttl === 0,
    uuid: canon('sid')
      ?.replace(/^uuid:/i, '')
      .toUpperCase(),
    modelName: canon('mn'),
    nickname: canon('nicname'),
    serialNumber: canon('snum'),
    expectedGuid: target && !target.endsWith('FFFFFFFFFFFF') ? target : undefined,
    inUse: canon('srv') === '1',
    productId: /^[0-9a-f]{1,4}$/i.test(usbId) ? Number.parseInt(usbId, 16) : undefined,
  };
  return camera;
}

function modeOf(service: string, instance: string): MdnsCamera['mode'] {
  if (!isNamed(service, PTP_SERVICE)) return 'imink';
  return /^ICPO-SmartPhone/i.test(instance) ? 'smartphone' : 'eos-utility';
}

function isNamed(name: string, wanted: string): boolean {
  return name.toLowerCase() === wanted.toLowerCase();
}

const TEXT_LIMIT = 256;

function textsOf(data: unknown): Map<string, string> {
  const values = new Map<string, string>();
  for (const item of Array.isArray(data) ? data.slice(0, 32) : [data]) {
    const text = item instanceof Uint8Array ? new TextDecoder().decode(item) : item;
    if (typeof text !== 'string') continue;
    const [, key, value] = /^([^=]{1,64})=(.*)$/s.exec(text) ?? [];
    if (key === undefined || value === undefined) continue;
    const plain = value.replace(/[\p{Cc}\p{Bidi_Control}]/gu, '').slice(0, TEXT_LIMIT);
    if (plain) values.set(key.toLowerCase(), plain);
  }
  return values;
}
