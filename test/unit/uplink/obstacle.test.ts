/* What cannot go to a server, and what can: a table of messages and servers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Nature, obstacle } from '#uplink/obstacle';

const plain: Nature = {
  addresses: ['ann@example.org', 'bob@example.net'],
  utf8: false,
  size: 1000,
  exact: true,
  eightBit: false,
  eightBitHeader: false,
};

interface Row {
  readonly name: string;
  readonly nature: Partial<Nature>;
  readonly offers?: string;
  readonly largest?: number;
  /** '' when it can go. */
  readonly status: string;
  readonly why?: RegExp;
}

const umlaut = { addresses: ['', 'jürgen@example.net'] };
const bücher = { addresses: ['ann@example.org', 'bob@bücher.example'] };

const rows: readonly Row[] = [
  { name: 'nothing special', nature: {}, status: '' },
  { name: 'as large as may be', nature: {}, largest: 1000, status: '' },
  {
    name: 'too large',
    nature: { size: 31_457_280 },
    largest: 26_214_400,
    status: '5.3.4',
    why: /31\.5 MB.*26\.2 MB/,
  },
  {
    name: 'too large by an octet',
    nature: { size: 1001 },
    largest: 1000,
    status: '5.3.4',
    why: /1001 octets/,
  },
  { name: 'perhaps too large', nature: { size: 1001, exact: false }, largest: 1000, status: '' },
  { name: 'a foreign address', nature: umlaut, status: '5.6.7', why: /jürgen@example\.net/ },
  { name: 'a foreign address, SMTPUTF8', nature: umlaut, offers: 'SMTPUTF8', status: '' },
  { name: 'a foreign domain', nature: bücher, status: '' },
  { name: 'UTF-8 asked for, not needed', nature: { utf8: true }, status: '' },
  {
    name: 'UTF-8 in the head',
    nature: { utf8: true, eightBitHeader: true, eightBit: true },
    offers: '8BITMIME',
    status: '5.6.9',
  },
  {
    name: 'UTF-8 in the head, SMTPUTF8',
    nature: { utf8: true, eightBitHeader: true, eightBit: true },
    offers: '8BITMIME SMTPUTF8',
    status: '',
  },
  {
    name: 'eight bits in the head by carelessness',
    nature: { eightBitHeader: true, eightBit: true },
    offers: '8BITMIME',
    status: '',
  },
  { name: 'eight bits', nature: { eightBit: true }, status: '5.6.3' },
  { name: 'eight bits, 8BITMIME', nature: { eightBit: true }, offers: '8BITMIME', status: '' },
  {
    name: 'an address nobody can write',
    nature: { addresses: ['"a<b"@example.net'] },
    status: '5.1.3',
  },
];

for (const { name, nature, offers = '', largest, status, why = /./ } of rows) {
  test(name, () => {
    const extensions = new Set(offers.split(' '));
    const facts = largest === undefined ? { extensions } : { extensions, largest };
    const found = obstacle(facts, { ...plain, ...nature });
    assert.equal(found?.status ?? '', status);
    if (found === undefined) return;
    assert.match(found.why, why);
    assert.match(found.why, /^[A-Z].*\.$/);
    assert.match(found.advice, /^[A-Z].*\.$/);
  });
}
