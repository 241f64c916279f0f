/* swaks, the tester of mail servers: each way to hand mail in, and each refusal in its words. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { missingProgram } from '../../support/programs.ts';
import { openTestbed, type Ran, type Testbed } from './testbed.ts';

describe('swaks', { skip: missingProgram('swaks') }, () => {
  let bed: Testbed;
  before(async () => {
    bed = await openTestbed();
    await bed.box.addAccount('ann', 'tuna fish');
    await bed.box.addAccount('bob', 'salmon');
  });
  after(() => bed.close());

  function swaks(port: number, from: string, to: string, ...words: string[]): Promise<Ran> {
    const server = ['--server', 'localhost', '--port', `${port}`, '--ehlo', 'laptop.example'];
    const all = [...server, '--from', from, '--to', to, '--timeout', '60', ...words];
    return bed.run('swaks', all);
  }

  const verified = () => ['--tls-verify', '--tls-ca-path', bed.box.caFile];
  const starttls = () => ['--tls', ...verified()];
  const tls = () => ['--tls-on-connect', ...verified()];
  const asAnn = (mechanism = 'PLAIN', password = 'tuna fish') => [
    ...['--auth', mechanism, '--auth-user', 'ann', '--auth-password', password],
  ];
  const [ann, bob] = ['ann@restante.local', 'bob@restante.local'];

  describe('hands mail in', () => {
    for (const mechanism of ['PLAIN', 'LOGIN']) {
      test(`signed in with AUTH ${mechanism}`, async () => {
        const { submission, submissions } = bed.box.ports;
        for (const [port, encryption] of [
          [submission, []],
          [submission, starttls()],
          [submissions, tls()],
        ] as const) {
          const sent = await swaks(port, ann, bob, ...encryption, ...asAnn(mechanism));
          assert.equal(sent.status, 0, sent.said);
          assert.match(sent.said, new RegExp(`> AUTH ${mechanism}\\b.*235 2\\.7\\.0 Welcome`, 's'));
          assert.match(sent.said, /250 2\.0\.0 Safely stored as [0-9a-f]{12}\n/);
          assert.equal(/=== TLS started/.test(sent.said), encryption.length > 0);
        }
      });
    }

    test('from elsewhere, on port 25, with and without STARTTLS', async () => {
      const { smtp } = bed.box.ports;
      for (const encryption of [[], starttls()]) {
        const sent = await swaks(smtp, 'world@example.com', bob, ...encryption);
        assert.equal(sent.status, 0, sent.said);
        assert.doesNotMatch(sent.said, /250.AUTH/, 'nobody signs in on port 25');
      }
    });

    test('all commands in one piece', async () => {
      const several = `${ann},${bob},Bob+list@RESTANTE.local,postmaster@restante.local`;
      const sent = await swaks(bed.box.ports.smtp, '<>', several, '--pipeline');
      assert.equal(sent.status, 0, sent.said);
      assert.equal(sent.said.match(/250 2\.1\.5/g)?.length, 4);
    });

    test('and all of it is there, once for each', async () => {
      assert.equal((await bed.stat('ann', 'tuna fish')).messages, 1);
      assert.equal((await bed.stat('bob', 'salmon')).messages, 6 + 2 + 1);
    });
  });

  describe('is refused in words', () => {
    const refused: [name: string, port: () => number, to: string, words: string, more: string[]][] =
      [
        [
          'mail for elsewhere on port 25',
          () => bed.box.ports.smtp,
          'someone@example.org',
          '<** 550 5.7.1 This box takes mail only for the people who live here, ' +
            'not for someone@example.org.',
          [],
        ],
        [
          'mail for nobody',
          () => bed.box.ports.smtp,
          'nobody@restante.local',
          '<** 550 5.1.1 Nobody here has the address nobody@restante.local.',
          [],
        ],
        [
          'mail for elsewhere, signed in',
          () => bed.box.ports.submission,
          'someone@example.org',
          '<** 550 5.7.1 There is no way out for mail of ann@restante.local: ' +
            'add one with "restante uplink add", or name the address ann is known by.',
          asAnn(),
        ],
        [
          'a wrong password',
          () => bed.box.ports.submission,
          bob,
          '<** 535 5.7.8 The name or the password is wrong.',
          asAnn('PLAIN', 'cod'),
        ],
        [
          'mail from nobody who signed in',
          () => bed.box.ports.submission,
          bob,
          '<** 530 5.7.0 Sign in first: this port is for the people who live here.',
          [],
        ],
        [
          "a sender that is not the account's",
          () => bed.box.ports.submission,
          bob,
          '<** 550 5.7.1 ann may not send as bob@restante.local; ' +
            'add that address to the account first.',
          [...asAnn(), '--from', bob],
        ],
      ];
    for (const [name, port, to, words, more] of refused) {
      test(name, async () => {
        const sent = await swaks(port(), ann, to, ...more);
        assert.notEqual(sent.status, 0);
        assert.ok(sent.said.includes(`\n${words}\n`), sent.said);
      });
    }

    test('some recipients, while the others get theirs', async () => {
      const before = await bed.stat('bob', 'salmon');
      const several = `${bob},someone@example.org`;
      const sent = await swaks(bed.box.ports.smtp, 'world@example.com', several);
      assert.match(sent.said, /<\*\* 550 5\.7\.1 .*250 2\.0\.0 Safely stored/s);
      assert.equal((await bed.stat('bob', 'salmon')).messages, before.messages + 1);
    });

    test('a mechanism that sends the password, without encryption, when that is off', async () => {
      await bed.box.cli(['settings', 'set', 'auth.plaintext', 'never']);
      const { submission } = bed.box.ports;
      const open = await swaks(submission, ann, bob, ...asAnn());
      assert.notEqual(open.status, 0);
      assert.match(open.said, /250-AUTH SCRAM-SHA-256\n/);
      assert.doesNotMatch(open.said, /> AUTH PLAIN/, 'swaks saw that it is not offered');
      const encrypted = await swaks(submission, ann, bob, ...starttls(), ...asAnn());
      assert.equal(encrypted.status, 0, encrypted.said);
    });
  });
});
