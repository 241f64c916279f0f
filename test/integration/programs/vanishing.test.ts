/*
 * Programs that are killed in the middle of things: whatever they had marked, nothing is deleted,
 * and the maildrop is free for them to come again.
 */
import assert from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { missingProgram } from '../../support/programs.ts';
import { bigLetter } from './letters.ts';
import { openTestbed, type Ran, type Testbed } from './testbed.ts';

describe('a program that vanishes', () => {
  let bed: Testbed;
  before(async () => {
    bed = await openTestbed();
  });
  after(() => bed.close());

  /** An account with these messages, of 30 octets and more. */
  async function account(name: string, ...subjects: string[]): Promise<void> {
    await bed.box.addAccount(name, 'trout');
    for (const subject of subjects) {
      const octets = Buffer.from(`Subject: ${subject}\r\n\r\nA letter.\r\n`);
      await bed.deliver(`${name}@restante.local`, octets);
    }
  }

  const messages = async (name: string) => (await bed.stat(name, 'trout')).messages;

  /** A program's delivery command that keeps subjects, and kills the program at the second. */
  const deadly = (file: string) =>
    `grep ^Subject: >> ${bed.path(file)}; test $(wc -l < ${bed.path(file)}) -ne 2 || kill -9 $PPID`;

  async function subjects(file: string): Promise<string[]> {
    const text = await readFile(bed.path(file), 'latin1');
    await rm(bed.path(file));
    return [...text.matchAll(/^Subject: (\w+)/gm)].map(([, subject = '']) => subject);
  }

  test('curl in the middle of RETR', { skip: missingProgram('curl') }, async () => {
    await account('ann');
    await bed.deliver('ann@restante.local', bigLetter());
    const config = await bed.write('curl.conf', 'user = "ann:trout"\n');
    const url = `pop3s://localhost:${bed.box.ports.pop3s}/1`;
    const words = ['-sS', '-K', config, '--cacert', bed.box.caFile, url];
    const slowly = ['--limit-rate', '100K', ...words];
    const cut = await bed.run('curl', slowly, { killedAt: /^Return-Path/ });
    assert.equal(cut.status, null, 'it was killed');
    assert.ok(cut.stdout.length > 0 && cut.stdout.length < 9_000_000, `${cut.stdout.length}`);
    const whole = await bed.run('curl', words);
    assert.equal(whole.status, 0, whole.said);
    assert.equal(whole.stdout.length, (await bed.stat('ann', 'trout')).octets);
  });

  test('curl in the middle of DATA', { skip: missingProgram('curl') }, async () => {
    await account('bob');
    const letter = await bed.write('letter', Buffer.alloc(10_000_000, 'A long letter.\r\n'));
    const words = ['--mail-from', 'world@example.com', '--mail-rcpt', 'bob@restante.local'];
    const url = `smtp://localhost:${bed.box.ports.smtp}`;
    const slowly = ['-sSv', '--limit-rate', '100K', '-T', letter, ...words, url];
    const cut = await bed.run('curl', slowly, { killedAt: /< 354 / });
    assert.equal(cut.status, null, 'it was killed');
    await bed.box.said(/^The connection ended in the middle of a message/);
    assert.equal(await messages('bob'), 0);
    const verified = await bed.box.cli(['verify']);
    assert.equal(verified.status, 0, verified.stdout + verified.stderr);
  });

  test('fetchmail after DELE', { skip: missingProgram('fetchmail') }, async () => {
    await account('carol', 'one', 'two', 'three');
    const fetchmail = async (mda: string): Promise<Ran> => {
      const { pop3s } = bed.box.ports;
      const rc = await bed.write(
        'fetchmailrc',
        `poll localhost protocol pop3 port ${pop3s}\n user carol password trout fetchall\n` +
          ` ssl sslcertck sslcertfile "${bed.box.caFile}" mda "${mda}"\n`,
      );
      const words = ['-v', '-v', '--nosyslog', '-f', rc, '--pidfile', bed.path('pid')];
      return bed.run('fetchmail', words);
    };
    const cut = await fetchmail(deadly('carol'));
    assert.match(cut.said, /POP3> DELE 1\nfetchmail: POP3< \+OK Message 1 will be deleted/);
    assert.doesNotMatch(cut.said, /POP3> QUIT/);
    assert.deepEqual(await subjects('carol'), ['one', 'two']);
    await rm(bed.path('pid'), { force: true });
    assert.equal(await messages('carol'), 3);
    const again = await fetchmail(`grep ^Subject: >> ${bed.path('carol')}`);
    assert.equal(again.status, 0, again.said);
    assert.deepEqual(await subjects('carol'), ['one', 'two', 'three']);
    assert.equal(await messages('carol'), 0);
  });

  test('mpop between two messages', { skip: missingProgram('mpop') }, async () => {
    await account('dave', 'one', 'two', 'three');
    const mpop = async (mda: string): Promise<Ran> => {
      const lines = [
        'account default',
        'host localhost',
        `port ${bed.box.ports.pop3s}`,
        'tls on',
        'tls_starttls off',
        `tls_trust_file ${bed.box.caFile}`,
        'user dave',
        'password trout',
        'pipelining off',
        `uidls_file ${bed.path('uidls')}`,
        `delivery mda ${mda}`,
      ];
      const rc = await bed.write('mpoprc', `${lines.join('\n')}\n`);
      // By lines, so that its last words are not lost with it.
      return bed.run('stdbuf', ['-oL', 'mpop', '-d', '-C', rc]);
    };
    const cut = await mpop(deadly('dave'));
    assert.match(cut.said, /--> RETR 2\r\n<-- \+OK /);
    assert.doesNotMatch(cut.said, /--> QUIT/);
    assert.deepEqual(await subjects('dave'), ['one', 'two']);
    assert.equal(await messages('dave'), 3);
    const again = await mpop(`grep ^Subject: >> ${bed.path('dave')}`);
    assert.equal(again.status, 0, again.said);
    assert.deepEqual(await subjects('dave'), ['one', 'two', 'three']);
    assert.equal(await messages('dave'), 0);
  });
});
