/**
 * EOS Utility's session with an EOS R, transaction by transaction as independent parsers found it in
 * a capture, played to the virtual EOS R6: the same operations are answered in the same way, and
 * records of the same kinds come in the same order. Values are those of each body.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import { hexFixture } from '../support/hex-fixture.ts';
import { peer } from '../support/peers.ts';
import { type EventRecord, RawInitiator, recordsOf, word } from '../support/raw-initiator.ts';
import { smallCamera } from '../support/small-pictures.ts';

const folder =
  process.env.HOTSHOE_CAPTURES ?? path.resolve(import.meta.dirname, '../../../shared/captures');
const captures = peer('captures', () =>
  existsSync(folder) ? undefined : 'no folder of captures: set HOTSHOE_CAPTURES',
);
const dumps = path.join(folder, '../reference/canon-initial-properties.tsv');
const dump = peer('the event dump of a real R6', () =>
  existsSync(dumps) ? undefined : 'no canon-initial-properties.tsv beside the captures',
);

interface Transaction {
  tid: number;
  op: string;
  params: string[];
  response: string;
  responseParams?: string[];
  dataBytes?: number;
}

interface Batch {
  tid: number;
  records: { code: string; property?: string }[];
}

/** The R's one card is the second storage, with handles from 0x90000000; an R6's first from 0x50000000. */
function onTheR6(param: number): number {
  if (param === 0x00020001) return 0x00010001;
  const known = [0x91900000, 0x90000000, 0xa0080000].includes(param);
  return known ? param - 0x40000000 : param;
}

/**
 * What differs because an R6 is no R: it has two slots, whose names are "SD1" and "SD2" and not "SD",
 * and its operations, events and properties are others.
 */
const OTHER_SIZE: readonly string[] = ['1001', '9101', '9102', '9116'];

/** Runs of one kind: "c189 c18a c1a4". The R's one record of all display fields is here one for each. */
function kinds(codes: readonly string[]): string {
  return codes.filter((code, i) => code !== '0000' && code !== codes[i - 1]).join(' ');
}

const codeOf = ({ code }: EventRecord) => code.toString(16);

captures.describe('the session of EOS Utility', () => {
  captures.it('is answered by a virtual R6 as by an R', async () => {
    const { ptpip } = JSON.parse(
      readFileSync(path.join(folder, 'expected-pair_accept.json'), 'utf8'),
    );
    const transactions: Transaction[] = ptpip.transactions;
    const batches: Batch[] = ptpip.events.batches;
    expect(transactions.length).toBeGreaterThan(30);
    const camera = smallCamera();
    try {
      const init = hexFixture('ptpip/init-command-request-eos-utility.hex');
      const initiator = await RawInitiator.connect(camera, init);
      const different: string[] = [];
      for (const { tid, op, params, response, responseParams, dataBytes } of transactions) {
        const numbers = params.map((param) => onTheR6(Number.parseInt(param, 16)));
        const code = Number.parseInt(op, 16);
        const reply = await initiator.op(code, numbers, { transactionId: tid });
        const where = `${tid} ${op}(${params.join(' ')})`;
        const same = (what: string, here: unknown, there: unknown) => {
          if (here !== there) different.push(`${where} ${what} ${here}, there ${there}`);
        };
        same('response', reply.code.toString(16), response);
        same('parameters', reply.params.length, responseParams?.length ?? 0);
        same('data', reply.data.length > 0, dataBytes !== undefined);
        if (!OTHER_SIZE.includes(op)) same('bytes', reply.data.length, dataBytes ?? 0);
        if (op !== '9116') continue;
        const records = recordsOf(reply.data);
        const there = batches.find((batch) => batch.tid === tid)?.records ?? [];
        same('kinds', kinds(records.map(codeOf)), kinds(there.map((record) => record.code)));
        if (there.length > 4) continue;
        const asked = there.find(({ property }) => property)?.property;
        const told = records.findLast((record) => record.code === 0xc189);
        same('property', told && word(told, 0).toString(16), asked);
      }
      expect(different).toEqual([]);
    } finally {
      await camera.close();
    }
  });
});

dump.describe('the first dump of a virtual R6', () => {
  dump.it('has the properties and lists of a real one, in its order', async () => {
    const rows = readFileSync(dumps, 'utf8')
      .split('\n')
      .map((line) => line.split('\t'))
      .filter(([model, batch]) => model === 'Canon EOS R6' && batch === '0');
    // What comes behind the lists is news of another moment.
    const end = rows.findLastIndex(([, , , record]) => record === 'list');
    const real = (kind: string) =>
      rows
        .slice(0, end + 1)
        .filter(([, , , record]) => record === kind)
        .map(([, , , , property]) => property);
    const camera = smallCamera();
    try {
      const initiator = await RawInitiator.open(camera, false);
      await initiator.ok(0x9114, [1]);
      await initiator.ok(0x9115, [1]);
      const records = await initiator.events();
      const told = (code: number) =>
        records
          .filter((record) => record.code === code)
          .map((record) => word(record, 0).toString(16).padStart(4, '0'));
      expect(told(0xc189)).toEqual(real('value'));
      expect(told(0xc18a)).toEqual(real('list'));
    } finally {
      await camera.close();
    }
  });
});
