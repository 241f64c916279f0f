/*
 * Python's poplib and smtplib. poplib is the strictest witness for the ends of replies: it ends
 * one at a "." line behind a bare LF, too, and complains about every answer out of step.
 */
import assert from 'node:assert/strict';
import { mkdir, readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
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

const script = (name: string) => fileURLToPath(new URL(name, import.meta.url));

describe("Python's", { skip: missingProgram('python3') }, () => {
  let bed: Testbed;
  before(async () => {
    bed = await openTestbed();
    await bed.box.addAccount('ann', 'tuna fish');
    await bed.box.addAccount('bob', 'salmon');
  });
  after(() => bed.close());

  function collect(security: 'plain' | 'stls' | 'tls', ...more: string[]): Promise<Ran> {
    const { pop3, pop3s } = bed.box.ports;
    const port = `${security === 'tls' ? pop3s : pop3}`;
    const words = [script('collect.py'), security, port, bed.box.caFile, 'ann', bed.home, ...more];
    return bed.run('python3', words, { input: 'tuna fish\n' });
  }

  async function send(
    security: 'plain' | 'starttls' | 'tls',
    port: number,
    letter: string | Buffer,
    { from = 'ann@restante.local', to = 'bob@restante.local', password = '' } = {},
  ): Promise<Ran> {
    const file = await bed.write('password', password);
    const signIn = password === '' ? [] : ['ann', file];
    const words = [script('send.py'), security, `${port}`, bed.box.caFile, from, to, ...signIn];
    return bed.run('python3', words, { input: letter });
  }

  describe('poplib', () => {
    const letters: Letter[] = [...properLetters, ...unevenLetters];

    /** poplib's own view of all messages, against what was sent. */
    async function compare(): Promise<void> {
      for (const [index, { name, octets }] of letters.entries()) {
        const got = withoutTrace(await readFile(bed.path(`${index + 1}`)));
        assert.ok(got.equals(asCollected(octets)), `${name}: ${got.toString('latin1', 0, 200)}`);
      }
    }

    test('gets every letter whole, and no reply ends early', async () => {
      letters.push({ name: '10 MB', octets: bigLetter() });
      for (const { octets } of letters) await bed.deliver('ann@restante.local', octets);
      for (const security of ['plain', 'stls', 'tls'] as const) {
        const ran = await collect(security);
        assert.equal(ran.status, 0, ran.said);
        assert.match(ran.said, /^capabilities AUTH-RESP-CODE EXPIRE .*SASL .*TOP UIDL USER/);
        assert.equal(/\bSTLS\b/.test(ran.said), security === 'plain');
        assert.match(ran.said, /goodbye \+OK Goodbye\n$/);
        await compare();
      }
    });

    test('deletes all of them at QUIT', async () => {
      const ran = await collect('tls', 'delete');
      assert.match(ran.said, new RegExp(`goodbye .* ${letters.length} messages deleted\n$`));
      assert.deepEqual(await bed.stat('ann', 'tuna fish'), { messages: 0, octets: 0 });
    });
  });

  describe('smtplib', () => {
    const letter = 'From: ann@restante.local\nSubject: hello\n\n.\nHello.\n';

    test('signs in and sends, with and without encryption', async () => {
      const { submission, submissions } = bed.box.ports;
      for (const [security, port] of [
        ['plain', submission],
        ['starttls', submission],
        ['tls', submissions],
      ] as const) {
        const ran = await send(security, port, letter, { password: 'tuna fish' });
        assert.equal(ran.said, 'sent\n');
      }
      assert.equal((await bed.stat('bob', 'salmon')).messages, 3);
    });

    test('brings every proper letter in on port 25, octet for octet', async () => {
      await mkdir(bed.path('smtplib'));
      for (const { name, octets } of properLetters) {
        const from = 'world@example.com';
        const ran = await send('plain', bed.box.ports.smtp, octets, {
          from,
          to: 'ann@restante.local',
        });
        assert.equal(ran.said, 'sent\n', name);
      }
      const ran = await collect('tls');
      assert.equal(ran.status, 0, ran.said);
      for (const [index, { name, octets }] of properLetters.entries()) {
        const got = withoutTrace(await readFile(bed.path(`${index + 1}`)));
        assert.ok(got.equals(octets), name);
      }
    });

    test('is refused in words', async () => {
      const { smtp, submissions } = bed.box.ports;
      const wrong = await send('tls', submissions, letter, { password: 'cod' });
      assert.match(
        wrong.said,
        /^SMTPAuthenticationError 535 5\.7\.8 The name or the password is wrong\./,
      );
      const other = await send('tls', submissions, letter, {
        password: 'tuna fish',
        from: 'bob@restante.local',
      });
      assert.match(other.said, /^SMTPSenderRefused 550 5\.7\.1 ann may not send as bob@/);
      const relay = await send('plain', smtp, letter, { to: 'a@example.org' });
      assert.match(
        relay.said,
        /^SMTPRecipientsRefused .*550.*5\.7\.1 This box takes mail only for/,
      );
      const some = await send('plain', smtp, letter, { to: 'a@example.org,bob@restante.local' });
      assert.match(some.said, /^refused a@example\.org 550 5\.7\.1 .*\nsent\n$/);
    });
  });
});
