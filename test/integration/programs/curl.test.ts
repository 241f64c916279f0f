/* curl in both directions, on every port and under every kind of encryption, octet for octet. */
import assert from 'node:assert/strict';
import { mkdir, readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { missingProgram } from '../../support/programs.ts';
import {
  asCollected,
  bigLetter,
  type Letter,
  properLetters,
  unevenLetters,
  withoutTrace,
} from './letters.ts';
import { openTestbed, type Ran, type Testbed } from './testbed.ts';

const hello: Buffer = Buffer.from('Subject: hello\r\n\r\nHello.\r\n');

describe('curl', { skip: missingProgram('curl') }, () => {
  let bed: Testbed;
  before(async () => {
    bed = await openTestbed({ 'mail.maxOctets': '12M' });
    await bed.box.addAccount('ann', 'tuna fish');
    await bed.box.addAccount('bob', 'salmon');
  });
  after(() => bed.close());

  /** Login and password go by a file, where no list of processes shows them. */
  async function curl(login: string, words: readonly string[], input?: Buffer): Promise<Ran> {
    const config = await bed.write('curl.conf', login === '' ? '' : `user = "${login}"\n`);
    const all = ['-sSv', '-K', config, '--cacert', bed.box.caFile, ...words];
    return bed.run('curl', all, input === undefined ? {} : { input });
  }

  function send(login: string, from: string, to: string, url: string[], octets = hello) {
    return curl(login, ['--mail-from', from, '--mail-rcpt', to, '-T', '-', ...url], octets);
  }

  const asAnn = (to: string, url: string[], octets = hello) =>
    send('ann:tuna fish', 'ann@restante.local', to, url, octets);
  const asWorld = (to: string, octets = hello) =>
    send('', 'world@example.com', to, [`smtp://localhost:${bed.box.ports.smtp}`], octets);
  const submissions = () => [`smtps://localhost:${bed.box.ports.submissions}`];
  const maildrop = (path = '') => `pop3s://localhost:${bed.box.ports.pop3s}/${path}`;

  /** Collects, keeps and then deletes all of a maildrop; in order of arrival. */
  async function collect(login: string): Promise<Buffer[]> {
    const listed = await curl(login, [maildrop()]);
    const count = listed.stdout.toString().trim().split('\r\n').length;
    const folder = bed.path(`${login}-${count}`);
    await mkdir(folder, { recursive: true });
    const got = await curl(login, ['-o', `${folder}/#1`, maildrop(`[1-${count}]`)]);
    assert.equal(got.status, 0, got.said);
    const messages = [];
    for (let number = 1; number <= count; number++) {
      messages.push(await readFile(`${folder}/${number}`));
      const deleted = await curl(login, ['--head', '-X', 'DELE 1', maildrop()]);
      assert.match(deleted.said, /< \+OK Message 1 will be deleted/);
    }
    return messages;
  }

  describe('sends and collects', () => {
    const ways: [
      name: string,
      sending: () => string[],
      collecting: () => string[],
      word: RegExp,
    ][] = [
      [
        'in plain text',
        () => [`smtp://localhost:${bed.box.ports.submission}`],
        () => [`pop3://localhost:${bed.box.ports.pop3}/1`],
        /with ESMTPA\r\n/,
      ],
      [
        'after STARTTLS and STLS',
        () => ['--ssl-reqd', `smtp://localhost:${bed.box.ports.submission}`],
        () => ['--ssl-reqd', `pop3://localhost:${bed.box.ports.pop3}/1`],
        /with ESMTPSA \(TLSv1\.3 /,
      ],
      ['over TLS', submissions, () => [maildrop('1')], /with ESMTPSA \(TLSv1\.3 /],
    ];
    for (const [name, sending, collecting, word] of ways) {
      for (const mechanism of ['PLAIN', 'LOGIN']) {
        test(`${name}, with AUTH ${mechanism}`, async () => {
          const options = ['--login-options', `AUTH=${mechanism}`];
          const sent = await asAnn('bob@restante.local', [...options, ...sending()]);
          assert.equal(sent.status, 0, sent.said);
          assert.match(sent.said, new RegExp(`> AUTH ${mechanism}\\b.*< 250 2.0.0 Safely`, 's'));
          const got = await curl('bob:salmon', [...options, ...collecting()]);
          assert.match(got.stdout.toString(), word);
          assert.match(got.stdout.toString(), /\r\n\r\nHello\.\r\n$/);
          assert.match(got.said, new RegExp(`> AUTH ${mechanism}\\b`));
          const gone = await curl('bob:salmon', ['--head', '-X', 'DELE 1', maildrop()]);
          assert.match(gone.said, /< \+OK Message 1 will be deleted/);
        });
      }
    }

    test('what comes in on port 25, octet for octet', async () => {
      // curl puts a CR LF behind what does not end in one; behind a bare CR or LF that is a line more.
      const carried = ({ octets }: Letter) => !/(?:\r|[^\r]\n)$/.test(octets.toString('latin1'));
      const letters = [...properLetters, ...unevenLetters].filter(carried);
      for (const { name, octets } of letters) {
        const sent = await asWorld('ann@restante.local', octets);
        assert.match(sent.said, /< 250 2\.0\.0 Safely stored/, name);
      }
      const messages = await collect('ann:tuna fish');
      assert.equal(messages.length, letters.length);
      for (const [index, { name, octets }] of letters.entries()) {
        const got = withoutTrace(messages[index] ?? Buffer.alloc(0));
        assert.ok(got.equals(asCollected(octets)), `${name}: ${got.toString('latin1', 0, 200)}`);
      }
      assert.deepEqual(await bed.stat('ann', 'tuna fish'), { messages: 0, octets: 0 });
    });

    test('to and from addresses in UTF-8', async () => {
      await bed.box.cli(['address', 'add', 'bob', 'b\u00f6b@restante.local']);
      const words = [
        '--mail-from',
        'j\u00fcrgen@example.com',
        '--mail-rcpt',
        'b\u00f6b@restante.local',
      ];
      const url = `smtp://localhost:${bed.box.ports.smtp}`;
      const sent = await curl('', [...words, '-T', '-', url], hello);
      assert.match(sent.said, /> MAIL FROM:.* SMTPUTF8\r\n/);
      assert.match(sent.said, /< 250 2\.0\.0 Safely stored/);
      const [message] = await collect('bob:salmon');
      assert.match(
        `${message}`,
        /^Return-Path: <j\u00fcrgen@example\.com>\r\n.*with UTF8SMTP\r\n/s,
      );
    });

    test('10 MB of any octets', async () => {
      const octets = bigLetter();
      const sent = await asWorld('bob@restante.local', octets);
      assert.match(sent.said, /< 250 2\.0\.0 Safely stored/);
      const [message = Buffer.alloc(0)] = await collect('bob:salmon');
      assert.ok(withoutTrace(message).equals(asCollected(octets)));
    });
  });

  describe('is refused in words', () => {
    const outcome = (ran: Ran) => {
      assert.notEqual(ran.status, 0);
      return ran.said;
    };

    test('with a wrong password', async () => {
      const url = submissions();
      const from = 'ann@restante.local';
      const smtp = await send('ann:cod', from, from, url);
      assert.match(outcome(smtp), /< 535 5\.7\.8 The name or the password is wrong\./);
      const pop3 = await curl('ann:cod', [maildrop()]);
      assert.match(outcome(pop3), /< -ERR \[AUTH\] The name or the password is wrong\r\n/);
    });

    test('with mail for elsewhere', async () => {
      const relay = await asWorld('someone@example.org');
      assert.match(
        outcome(relay),
        /< 550 5\.7\.1 This box takes mail only for the people who live here/,
      );
      const submitted = await asAnn('someone@example.org', submissions());
      assert.match(outcome(submitted), /< 550 5\.7\.1 There is no way out for mail of/);
    });

    test("as a sender that is not the account's", async () => {
      const sent = await send('ann:tuna fish', 'bob@restante.local', 'ann@restante.local', [
        ...submissions(),
      ]);
      assert.match(outcome(sent), /< 550 5\.7\.1 ann may not send as bob@restante\.local/);
    });

    test('with mail that is too large, before it is sent', async () => {
      const letter = await bed.write('large', Buffer.alloc(13_000_000, 'large\r\n'));
      const words = ['--mail-from', 'world@example.com', '--mail-rcpt', 'ann@restante.local'];
      const url = `smtp://localhost:${bed.box.ports.smtp}`;
      const sent = outcome(await curl('', [...words, '-T', letter, url]));
      assert.match(sent, /SIZE=13000000/);
      assert.match(sent, /< 552 5\.3\.4 This message is too large: this box takes at most 12 MB/);
      assert.doesNotMatch(sent, /> DATA/);
    });

    test('by itself, when it does not know the CA', async () => {
      const words = ['-sS', `pop3s://localhost:${bed.box.ports.pop3s}/`];
      const ran = await bed.run('curl', words);
      assert.match(outcome(ran), /certificate/);
      await bed.box.said(/^The client does not trust our certificate|^The client left during/);
    });
  });
});
