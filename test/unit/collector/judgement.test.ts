/* The rule by which every message comes exactly once, as tables. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type First,
  type FirstTerms,
  firstProof,
  indistinct,
  type Surroundings,
  secondProof,
} from '#collector/judgement';
import type { Listed } from '#collector/upstream';
import type { CollectedRecord, Match } from '#mail/collected/collected';
import type { SourceFolderId } from '#mail/ids';

const digest = Buffer.alloc(16, 7);
const folder = 1 as SourceFolderId;
const moment = 1_000;
const listed: Listed = { uid: 'a', number: 1, octets: 100 };
const here: CollectedRecord = { folder, uid: 'a', fate: 'here', digest, octets: 100, at: 5 };
const pop3: FirstTerms = {
  protocol: 'pop3',
  sorting: { kind: 'over' },
  resorting: { kind: 'from', moment },
  largest: 500,
};
const imap: FirstTerms = { ...pop3, protocol: 'imap' };
const sorting = (kind: FirstTerms['sorting']): FirstTerms => ({ ...pop3, sorting: kind });
const from = { kind: 'from', moment } as const;

const firsts: readonly [
  string,
  Partial<Listed>,
  Partial<CollectedRecord> | undefined,
  FirstTerms,
  First,
][] = [
  ['unknown', {}, undefined, pop3, { kind: 'fetch' }],
  ['unknown and too large', { octets: 501 }, undefined, pop3, { kind: 'too-large' }],
  ['known', {}, {}, pop3, { kind: 'nothing' }],
  ['known twin', {}, { fate: 'twin' }, pop3, { kind: 'nothing' }],
  ['known of another size', { octets: 101 }, {}, pop3, { kind: 'fetch' }],
  ['known of another size, IMAP', { octets: 101 }, {}, imap, { kind: 'nothing' }],
  ['known, gone, and back', {}, { removedAt: 9 }, pop3, { kind: 'fetch' }],
  ['known, gone, and back, IMAP', {}, { removedAt: 9 }, imap, { kind: 'nothing' }],
  ['known and listed twice', { ambiguous: true }, {}, pop3, { kind: 'fetch' }],
  ['skipped', {}, { fate: 'skipped' }, pop3, { kind: 'nothing' }],
  ['skipped, another size', { octets: 9 }, { fate: 'skipped' }, pop3, { kind: 'ask-date', moment }],
  [
    'skipped, another size, no clock',
    { octets: 9 },
    { fate: 'skipped' },
    { ...pop3, resorting: 'clock' },
    { kind: 'later' },
  ],
  [
    'too large still',
    { octets: 600 },
    { fate: 'too-large', octets: 600 },
    pop3,
    { kind: 'nothing' },
  ],
  ['too large, a liar', {}, { fate: 'too-large', octets: 501 }, pop3, { kind: 'nothing' }],
  ['too large once', { octets: 400 }, { fate: 'too-large', octets: 400 }, imap, { kind: 'fetch' }],
  ['first sorting: nothing', {}, undefined, sorting({ kind: 'none' }), { kind: 'skip' }],
  ['first sorting: known stays', {}, {}, sorting({ kind: 'none' }), { kind: 'nothing' }],
  ['first sorting: old', { arrivedAt: 999 }, undefined, sorting(from), { kind: 'skip' }],
  ['first sorting: not old', { arrivedAt: 1_000 }, undefined, sorting(from), { kind: 'fetch' }],
  [
    'first sorting: not old, too large',
    { arrivedAt: 1_000, octets: 900 },
    undefined,
    sorting(from),
    { kind: 'too-large' },
  ],
  [
    'sorted anew: a skipped one',
    {},
    { fate: 'skipped' },
    sorting({ kind: 'all' }),
    { kind: 'fetch' },
  ],
  ['sorted anew: a known one', {}, {}, sorting({ kind: 'all' }), { kind: 'nothing' }],
  ['first sorting: no date', {}, undefined, sorting(from), { kind: 'ask-date', moment }],
];

for (const [what, more, known, terms, verdict] of firsts) {
  test(`first proof: ${what}: ${verdict.kind}`, () => {
    const record = known === undefined ? undefined : { ...here, ...known };
    assert.deepEqual(firstProof({ ...listed, ...more }, record, terms), verdict);
  });
}

const other = 2 as SourceFolderId;
const match = (uid: string, more: Partial<Match> = {}): Match => ({
  ...{ ...here, uid, in: { name: 'INBOX', identity: '7' } },
  ...more,
});
const archived = (uid: string, more: Partial<Match> = {}): Match =>
  match(uid, { folder: 5 as SourceFolderId, in: { name: 'Archive', identity: '3' }, ...more });
const formerly = (uid: string): Match =>
  match(uid, { folder: other, in: { name: 'INBOX', identity: '6' } });
const dropped = (uid: string): Match =>
  match(uid, { folder: other, in: { name: 'Sent', identity: '6' } });

/** Of the message 'a': what is noted of an equal digest, and which of those still lie there. */
const seconds: readonly [string, Match[], Record<string, boolean | undefined>, string][] = [
  ['nothing of it', [], {}, 'deliver'],
  ['itself', [match('a')], {}, 'same a'],
  ['itself, when its id was listed twice', [match(indistinct('a', digest))], {}, 'same'],
  ['an equal one that lies there', [match('b')], { b: true }, 'deliver'],
  ['one whose id is gone', [match('b')], { b: false }, 'moved b'],
  ['one that has to be asked about', [match('b')], {}, 'ask b'],
  ['of several, one that is gone', [match('b'), match('c')], { b: true, c: false }, 'moved c'],
  ['gone ones before those to ask about', [match('b'), match('c')], { c: false }, 'moved c'],
  ['the oldest that is gone', [match('b'), match('c')], { b: false, c: false }, 'moved b'],
  ['itself before all others', [match('b'), match('a')], { b: false }, 'same a'],
  ['the folder under a former identity', [formerly('9')], {}, 'moved 9'],
  ['a folder that is no longer collected', [dropped('9')], {}, 'moved 9'],
  ['another folder', [archived('9')], {}, 'twin'],
  [
    'another folder, its twin here',
    [archived('9'), match('b', { fate: 'twin' })],
    { b: true },
    'deliver',
  ],
  [
    'two in another folder, one here',
    [archived('8'), archived('9'), match('b')],
    { b: true },
    'twin',
  ],
  ['another folder, and one that moved', [archived('8'), match('b')], { b: false }, 'moved b'],
  ['only one that was skipped', [match('b', { fate: 'skipped' })], { b: false }, 'deliver'],
  ['only one that was too large', [match('b', { fate: 'too-large' })], { b: false }, 'deliver'],
];

for (const [what, matches, there, verdict] of seconds) {
  test(`second proof: ${what}: ${verdict}`, () => {
    const surroundings: Surroundings = {
      collects: (name) => name === 'INBOX' || name === 'Archive',
      isThere: ({ uid }) => there[uid],
    };
    const found = { key: { folder, uid: 'a' }, name: 'INBOX' };
    const proof = secondProof(found, matches, surroundings);
    const uids =
      'record' in proof
        ? proof.record.uid.split(' ')
        : 'about' in proof
          ? proof.about.map(({ uid }) => uid)
          : [];
    assert.ok(`${proof.kind} ${uids.join(' ')}`.startsWith(verdict));
  });
}
