/* The verbs of sources: what they ask of the box, and what they say. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { SourceReport } from '#control/types';
import type { BoxVerb, Verb } from '#control/verb';
import { placeOf } from '#control/verbs/servers';
import { addedInWords, sourcesInWords } from '#control/verbs/source-words';
import { MemoryBox } from './memory-box.ts';
import { say, typed } from './typed-words.ts';

const anns = 'source add gmail --account ann --provider gmail --user ann@gmail.com';

describe('the sources in words', () => {
  test('add hands on what was said, and says what comes next', async () => {
    const box = new MemoryBox();
    const said = await say(box, anns);
    assert.match(said, /^gmail is collected for ann by IMAP from imap\.gmail\.com:993 \(TLS\)\.$/m);
    assert.match(said, /from 30 days back; every 5 minutes; what is safe here stays there/);
    assert.match(said, /source password gmail.*source signin gmail.*source test gmail/s);
    assert.doesNotMatch(await say(box, anns, 'secret'), /signin/);
    await say(
      box,
      'source add isp --account bob --protocol pop3 --host pop.isp.example --port 110 ' +
        '--security starttls --user bob --since all --keep 7d --every 2h',
      'secret',
    );
    assert.deepEqual(box.sources.added[2], {
      ...{ name: 'isp', account: 'bob', protocol: 'pop3', host: 'pop.isp.example', port: 110 },
      ...{ security: 'starttls', user: 'bob', password: 'secret', since: { kind: 'all' } },
      ...{ keep: { kind: 'days', days: 7 }, every: 7_200_000 },
    });
  });

  test('add says when the mail comes twice', () => {
    const report: SourceReport = {
      ...{ name: 'again', account: 'ann', provider: '', protocol: 'imap', user: 'ann' },
      ...{ host: 'mail.example', port: 993, security: 'tls', folders: ['INBOX'], since: '30d' },
      ...{ keep: 'forever', everySeconds: 300, condition: 'well', say: '', messages: 0 },
      ...{ signIn: 'password', alike: ['isp'] },
    };
    assert.match(addedInWords(report), /^isp collects from the same mailbox: .*twice\.$/m);
  });

  test('an IPv6 address is told from its port', () => {
    const at = (host: string) => placeOf({ host, port: 993, security: 'tls' });
    assert.equal(at('2001:db8::1'), '[2001:db8::1]:993 (TLS)');
    assert.equal(at('192.0.2.1'), '192.0.2.1:993 (TLS)');
  });

  const folders = [
    ['--folders INBOX,Sent', ['INBOX', 'Sent']],
    ['--folders INBOX --folders Sent', ['INBOX', 'Sent']],
    ['--folders a\\,b', ['a,b']],
  ] as const;
  for (const [words, names] of folders) {
    test(words, async () => {
      const box = new MemoryBox();
      await say(box, `${anns} ${words}`);
      assert.deepEqual(box.sources.added[0]?.folders, names);
    });
  }

  const wrongs = [
    ['source add g --provider gmail --user ann', /^--account is missing\. Write: /],
    ['source add g --account ann --provider gmail', /^--user is missing/],
    ['source add g --account ann --user ann', /^--provider or --host is missing/],
    [`${anns} --protocol nntp`, /pop3 or imap, not 'nntp'/],
    [`${anns} --security ssl`, /tls, starttls or none, not 'ssl'/],
    [`${anns} --since yesterday`, /--since is all, now, or days from 1d to 3660d/],
    [`${anns} --since 4000d`, /--since is all, now, or days from 1d to 3660d, not '4000d'/],
    [`${anns} --keep 0d`, /--keep is forever, delete, or days from 1d to 3660d/],
    [`${anns} --every often`, /--every is a time like 5m/],
    ['source change gmail', /Nothing is to be changed/],
  ] as const;
  for (const [words, said] of wrongs) {
    test(`refused: ${words}`, async () => {
      const box = new MemoryBox();
      assert.match(await say(box, words), said);
      assert.deepEqual([box.sources.added, box.sources.changes], [[], []]);
    });
  }

  test('change says only what is to be another', async () => {
    const box = new MemoryBox();
    const said = await say(box, 'source change gmail --every 10m --rename google');
    assert.match(said, /google is collected .*every 10 minutes.*stays known/s);
    await say(box, 'source change gmail', 'new password');
    const moved = 'source change gmail --host imap.isp.example --folders INBOX --keep delete';
    assert.match(await say(box, moved), /what is safe here is removed there at once/);
    assert.deepEqual(box.sources.changes, [
      { every: 600_000, name: 'google' },
      { password: 'new password' },
      { host: 'imap.isp.example', folders: ['INBOX'], keep: { kind: 'days', days: 0 } },
    ]);
  });

  test('list shows each, and what to do when there is none', async () => {
    const box = new MemoryBox();
    assert.match(await say(box, 'source list'), /Nothing is collected yet.*source add/);
    await say(box, `${anns} --folders INBOX,Sent`, 'secret');
    const said = await say(box, 'source list');
    assert.match(
      said,
      /^gmail {2}for ann {2}IMAP imap.*not looked into yet {2}1 message collected$/m,
    );
    assert.match(said, /^ {2}INBOX, Sent; from 30 days back/m);
  });

  test('test, collect, pause and resume', async () => {
    const box = new MemoryBox();
    assert.equal(await say(box, 'source test gmail'), 'It works.\n7 messages there.');
    const collected = await say(box, 'source collect gmail');
    assert.equal(collected, 'gmail: 2 messages collected, 3 here already, 1 too large.');
    assert.match(await say(box, 'source collect closed'), /collected.*\. It is closed\.$/);
    assert.match(await say(box, 'source collect'), /no source/);
    assert.match(await say(box, 'source pause gmail'), /until: restante source resume gmail/);
    assert.match(await say(box, 'source resume gmail'), /again/);
    assert.deepEqual(box.sources.told, ['pause gmail', 'resume gmail']);
  });

  test('what is bad ends the command with 1', () => {
    const isBad = (words: string, answer: unknown) => {
      const { verb } = typed(words);
      return (verb as Verb & BoxVerb).isBad?.(answer);
    };
    assert.equal(isBad('source test gmail', { works: false }), true);
    assert.equal(isBad('source collect', [{ works: true }, { works: false }]), true);
    assert.equal(isBad('source collect', []), false);
  });

  test('collecting tells how far it is', async () => {
    const { verb, call } = typed('source collect gmail --progress');
    assert.ok(verb.runs === 'box' && verb.runTelling && verb.renderProgress);
    const told: string[] = [];
    const tell = (event: unknown) => void told.push(verb.renderProgress?.(event) ?? '');
    await verb.runTelling(call, new MemoryBox(), tell);
    assert.deepEqual(told, ['Collecting from gmail: 1 message, 2 looked at and left']);
  });

  test('a password and a sign-in', async () => {
    const box = new MemoryBox();
    assert.match(await say(box, 'source password gmail', 'new'), /source test gmail/);
    assert.match(await say(box, 'source signin gmail'), /restante source signin gmail --password/);
    assert.equal(await say(box, 'source signin gmail --wait'), 'Signed in.');
  });

  test('remove asks first', async () => {
    const box = new MemoryBox();
    assert.match(await say(box, 'source remove gmail'), /Nothing more is collected/);
    assert.deepEqual(box.sources.told, []);
    assert.match(await say(box, 'source remove gmail --yes'), /brings nothing twice/);
    assert.match(await say(box, 'source remove gmail --forget'), /brings everything once more/);
    assert.match(await say(box, 'source remove gmail --forget --yes'), /brings everything anew/);
    assert.deepEqual(box.sources.told, ['remove gmail', 'forget gmail']);
  });

  test('status tells where mail comes from, flush what was collected', async () => {
    const box = new MemoryBox();
    assert.match(await say(box, 'status'), /Collected from\n {2}nowhere yet/);
    assert.match(await say(box, 'flush'), /\n4 messages collected\./);
  });
});

const report: SourceReport = {
  ...{ name: 'gmail', account: 'ann', provider: 'gmail', protocol: 'imap', host: 'h', port: 993 },
  ...{ security: 'tls', user: 'ann', folders: ['INBOX'], since: 'now', keep: '7d' },
  ...{ everySeconds: 300, condition: 'well', say: '', messages: 0, signIn: 'password' },
};

const healths: readonly (readonly [Partial<SourceReport>, RegExp])[] = [
  [{}, /not looked into yet/],
  [{ signIn: 'missing' }, /not signed in yet/],
  [{ lastAt: 0 }, /well, at 1970/],
  [{ condition: 'collecting' }, /collecting now/],
  [{ condition: 'waiting', nextAt: 0 }, /waits, tried again 1970/],
  [
    { condition: 'unreachable', nextAt: 0, say: 'No route.' },
    /cannot be reached, .*\n.*No route\./s,
  ],
  [{ condition: 'sign-in', say: 'It says no.' }, /refuses the sign-in.*It says no\./s],
  [{ condition: 'settings', nextAt: 0 }, /needs somebody, tried again 1970/],
  [{ condition: 'sign-in', signIn: 'missing', nextAt: 0 }, / not signed in yet/],
  [{ condition: 'paused' }, /paused/],
  [{ condition: 'no-room' }, /nearly full/],
];
for (const [more, said] of healths) {
  test(`a source in words: ${JSON.stringify(more)}`, () => {
    const words = sourcesInWords([{ ...report, ...more }]);
    assert.match(words, said);
    assert.match(words, /what comes from now on; .*removed there after 7 days/);
  });
}
