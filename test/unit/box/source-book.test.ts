/* Sources as the door sees them: presets, shared secrets, conditions; on real registries. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ok } from '#base/result';
import { Seal } from '#base/seal';
import {
  type Collecting,
  type SourceCondition,
  sourceBook,
  sourceTroubles,
  sourceWarnings,
} from '#box/source-book';
import { addedInWords } from '#control/verbs/source-words';
import type { AccountId, SourceId } from '#mail/ids';
import { HouseholdSignIns } from '#mail/sign-ins/household-sign-ins';
import { type SignInKey, sourceKey, uplinkKey } from '#mail/sign-ins/sign-in-key';
import { MemoryUplinkRecords } from '#mail/uplinks/memory/memory-uplink-records';
import { Uplinks } from '#mail/uplinks/uplinks';
import { lackOf } from '#provider/oauth/scopes';
import { SharedSignIns } from '#provider/oauth/shared-sign-ins';
import { noSources } from '../../support/sources.ts';
import { good, refused } from '../mail/accounts/house.ts';

/** A collector that finds three messages everywhere and remembers what it was asked. */
class SmallCollector implements Collecting {
  readonly changes: SourceId[] = [];
  condition: SourceCondition = { kind: 'well', say: '', lastAt: 5, nextAt: 9 };
  works = true;
  all: SourceId[] = [];

  async collect(...[source, progress]: Parameters<Collecting['collect']>) {
    const asked = source === 'all' ? this.all : [source];
    const look = { works: true, collected: 3, known: 0, skipped: 0, tooLarge: 0, removed: 0 };
    for (const id of asked) progress?.({ source: id, collected: 3, others: 1 });
    return ok(asked.map((id) => ({ ...look, source: id, say: '' })));
  }

  async test() {
    return { works: this.works, say: this.works ? 'It works.' : 'It is closed.', answer: '' };
  }

  between<T>(_source: SourceId, job: () => Promise<T>) {
    return job();
  }

  conditionOf() {
    return this.condition;
  }

  changed(source: SourceId) {
    this.changes.push(source);
  }
}

function house() {
  const seal = new Seal(Buffer.alloc(32, 7));
  const uplinks = new Uplinks({ records: new MemoryUplinkRecords(), seal });
  const sources = noSources(seal);
  const signIns = new HouseholdSignIns({ uplinks, sources });
  const collecting = new SmallCollector();
  const anew: SignInKey[] = [];
  const begun: string[] = [];
  const granted: { scope?: string } = {};
  const oauth = new SharedSignIns({
    house: signIns,
    tokens: {
      accessTokenFor: async () => ok('access'),
      inPlaceOf: async () => ok('another'),
      health: () => ({ kind: 'dying', endsAt: 77 }),
      lack: (_id, use) => lackOf({ provider: 'microsoft', ...granted }, use),
    },
    signIns: {
      begin: async (key, provider, login) => {
        begun.push(`${key} at ${provider} as ${login}`);
        return ok({ step: 'paste', address: 'https://a.example/' });
      },
      wait: async () => ok(undefined),
      finish: async (key, pasted) => signIns.setSecret(key, { tokens: pasted }),
    },
  });
  const book = sourceBook({
    ...{ sources, signIns, oauth, collecting },
    collected: { count: async () => ok(12) },
    household: { byId: (id: AccountId) => ({ record: { name: `account ${id}` } }) as never },
    signedInAnew: async (key) => void anew.push(key),
  });
  return { uplinks, sources, signIns, collecting, anew, begun, granted, book, oauth };
}

const anns = { name: 'gmail', account: 'ann', provider: 'Google', user: 'ann@gmail.com' } as const;

test('a preset fills in what was not said, and the report says how it is', async () => {
  const { book, collecting, sources } = house();
  const added = good(await book.add(anns));
  assert.match(added.first ?? '', /2-Step Verification.*app password/);
  const { first: _first, ...report } = added;
  assert.deepEqual(report, {
    ...{ name: 'gmail', account: 'account 1', provider: 'gmail', protocol: 'imap' },
    ...{ host: 'imap.gmail.com', port: 993, security: 'tls', user: 'ann@gmail.com' },
    ...{ folders: ['INBOX'], since: '30d', keep: 'forever', everySeconds: 300 },
    ...{ condition: 'well', say: '', lastAt: 5, nextAt: 9, messages: 12, signIn: 'missing' },
  });
  assert.deepEqual(good(await book.list()), [report]);
  assert.deepEqual(collecting.changes, [sources.byName('gmail')?.id]);
});

test('who adds a mailbox that is collected already is told that its mail comes twice', async () => {
  const { book } = house();
  const host = { account: 'ann', host: 'mail.isp.example', user: 'ann', password: 'x' };
  good(await book.add({ ...host, name: 'isp', protocol: 'pop3' }));
  const again = good(await book.add({ ...host, name: 'again', protocol: 'imap', user: 'Ann' }));
  assert.deepEqual(again.alike, ['isp']);
  const others = [
    { ...host, name: 'work', protocol: 'imap', folders: ['Work'] },
    { ...host, name: 'other', protocol: 'imap', host: 'mail.other.example' },
    { ...host, name: 'bobs', protocol: 'imap', user: 'bob' },
  ] as const;
  for (const other of others) assert.equal(good(await book.add(other)).alike, undefined);
});

test('a password that the uplink of the account has is not asked for again', async () => {
  const { book, signIns } = house();
  const gmx = { ...anns, name: 'gmx', provider: 'gmx', user: 'ann@gmx.de' };
  refused(await book.add(gmx), 'bad-password');
  good(
    await signIns.addUplink({
      ...{ name: 'gmx', provider: 'gmx', host: 'mail.gmx.net', port: 465, security: 'tls' },
      ...{ user: 'ann@gmx.de', password: 'abcd', addresses: [], isDefault: false, connections: 2 },
    }),
  );
  const added = good(await book.add(gmx));
  assert.deepEqual([added.signIn, added.first], ['password', undefined]);
});

test('a new password, whoever is told it, sets all of the account going', async () => {
  const { book, sources, anew } = house();
  good(await book.add({ ...anns, password: 'one' }));
  const { id } = sources.byName('gmail') ?? {};
  assert.ok(id);
  good(await sources.stop(id, { code: 'sign-in', say: 'It refuses the password.' }));
  assert.equal(good(await book.list())[0]?.condition, 'sign-in');
  good(await book.setPassword('gmail', 'two'));
  assert.equal(good(await book.list())[0]?.condition, 'well');
  assert.deepEqual(sources.secretOf(id), { password: 'two' });
  good(await book.change('gmail', { password: 'three' }));
  assert.deepEqual(anew, Array(3).fill(sourceKey(id)));
  refused(await book.setPassword('nobody', 'x'), 'unknown');
});

test('moving house: by host, by provider, by protocol', async () => {
  const { book } = house();
  const place = async (changes: Parameters<typeof book.change>[1]) => {
    const one = good(await book.change('gmail', changes));
    return `${one.provider} ${one.protocol} ${one.host}:${one.port} ${one.security}`;
  };
  good(await book.add(anns));
  assert.equal(await place({ every: 60_000 }), 'gmail imap imap.gmail.com:993 tls');
  assert.equal(await place({ protocol: 'pop3' }), 'gmail pop3 pop.gmail.com:995 tls');
  assert.equal(await place({ host: 'pop.isp.example' }), ' pop3 pop.isp.example:995 tls');
  assert.equal(await place({ security: 'starttls' }), ' pop3 pop.isp.example:110 starttls');
  assert.equal(await place({ port: 2110 }), ' pop3 pop.isp.example:2110 starttls');
  assert.equal(await place({ protocol: 'imap' }), ' imap pop.isp.example:143 starttls');
  assert.equal(await place({ provider: 'icloud' }), 'icloud imap imap.mail.me.com:993 tls');
  refused(await book.change('gmail', { protocol: 'pop3' }), 'no-protocol');
  refused(await book.change('nobody', {}), 'unknown');
});

test('signing in by OAuth, and how long that lasts', async () => {
  const { book, begun, anew } = house();
  good(await book.add(anns));
  const step = good(await book.signIn('gmail', { step: 'begin' }));
  assert.deepEqual(step, { step: 'paste', name: 'gmail', address: 'https://a.example/' });
  assert.deepEqual(begun, ['source 1 at google as ann@gmail.com']);
  good(await book.signIn('gmail', { step: 'pasted', text: '{}' }));
  assert.deepEqual(anew, ['source 1']);
  const [report] = good(await book.list());
  assert.deepEqual([report?.signIn, report?.signInEndsAt], ['oauth', 77]);
  good(await book.add({ ...anns, name: 'gmx', provider: 'gmx', password: 'abcd' }));
  refused(await book.signIn('gmx', { step: 'begin' }), 'no-oauth');
});

test('a sign-in that is good for sending only is told of as soon as the source is added', async () => {
  const { book, granted, signIns, sources, collecting, oauth } = house();
  const place = { provider: 'outlook', host: 'smtp-mail.outlook.com', port: 587 } as const;
  const out = good(
    await signIns.addUplink({
      ...{ ...place, name: 'out', security: 'starttls', user: 'ann@outlook.com' },
      ...{ addresses: [], isDefault: true, connections: 2 },
    }),
  );
  good(await signIns.setSecret(uplinkKey(out.id), { tokens: '{}' }));
  granted.scope = 'https://outlook.office.com/SMTP.Send offline_access';
  const anns = { name: 'in', account: 'ann', provider: 'outlook', user: 'ann@outlook.com' };
  const added = good(await book.add(anns));
  const say =
    'The sign-in at Microsoft does not allow collecting by IMAP. Sign in anew: ' +
    'restante source signin in';
  assert.deepEqual([added.signIn, added.condition, added.say], ['oauth', 'sign-in', say]);
  assert.match(
    addedInWords(added),
    /\nThe sign-in at Microsoft does not allow collecting.* in\.\n/,
  );
  assert.deepEqual(sourceWarnings([added]), [`Collecting from in: ${say}`]);
  const troubles = sourceTroubles({ sources, collecting, signIns, oauth });
  assert.deepEqual(troubles, [{ about: 'source', name: 'in', say }]);
  granted.scope += ' https://outlook.office.com/IMAP.AccessAsUser.All';
  assert.equal(good(await book.list())[0]?.condition, 'well');
});

test('a test that works ends a stop; one that does not says why', async () => {
  const { book, sources, collecting } = house();
  good(await book.add(anns));
  const { id } = sources.byName('gmail') ?? {};
  assert.ok(id);
  good(await sources.stop(id, { code: 'certificate', say: 'It is for another name.' }));
  collecting.works = false;
  assert.equal(good(await book.test('gmail')).say, 'It is closed.');
  assert.equal(good(await book.list())[0]?.condition, 'settings');
  collecting.works = true;
  assert.deepEqual(good(await book.test('Gmail')).name, 'gmail');
  assert.equal(good(await book.list())[0]?.condition, 'well');
});

test('looks are told by the names of the sources', async () => {
  const { book, sources, collecting } = house();
  good(await book.add(anns));
  good(await book.add({ ...anns, name: 'other' }));
  collecting.all = sources.list().map(({ id }) => id);
  const told: string[] = [];
  const all = good(await book.collect(undefined, ({ name }) => void told.push(name)));
  assert.deepEqual(told, ['gmail', 'other']);
  assert.deepEqual(
    all.map(({ name, collected }) => [name, collected]),
    [
      ['gmail', 3],
      ['other', 3],
    ],
  );
  assert.equal(good(await book.collect('other')).length, 1);
  refused(await book.collect('nobody'), 'unknown');
});

test('paused goes before all else, and has no next time', async () => {
  const { book, collecting } = house();
  good(await book.add(anns));
  collecting.condition = { kind: 'unreachable', say: 'No network.', nextAt: 9 };
  const [away] = good(await book.list());
  assert.deepEqual([away?.condition, away?.say, away?.nextAt], ['unreachable', 'No network.', 9]);
  assert.deepEqual(sourceWarnings(away ? [away] : []), ['Collecting from gmail: No network.']);
  good(await book.pause('gmail'));
  const [paused] = good(await book.list());
  assert.deepEqual([paused?.condition, paused?.say, paused?.nextAt], ['paused', '', undefined]);
  assert.deepEqual(sourceWarnings(paused ? [paused] : []), []);
  good(await book.resume('gmail'));
  assert.equal(good(await book.list())[0]?.condition, 'unreachable');
});

test('removing says what stays', async () => {
  const { book, collecting } = house();
  good(await book.add(anns));
  assert.match(
    good(await book.lossOf('gmail', false)),
    /\(12 messages\) stays here.*imap\.gmail\.com/,
  );
  good(await book.remove('gmail', false));
  assert.deepEqual(good(await book.list()), []);
  assert.equal(collecting.changes.length, 2);
  refused(await book.remove('gmail', false), 'unknown');
  refused(await book.lossOf('gmail', false), 'unknown');
  assert.match(good(await book.lossOf('gmail', true)), /forgotten: added again, it brings every/);
  good(await book.remove('gmail', true));
  refused(await book.lossOf('gmail', true), 'unknown');
  refused(await book.remove('gmail', true), 'unknown');
});
