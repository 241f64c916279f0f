/* openssl s_client: which TLS the box speaks, and by whom it says it is. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { missingProgram } from '../../support/programs.ts';
import { openTestbed, type Ran, type Testbed } from './testbed.ts';

describe('openssl s_client', { skip: missingProgram('openssl') }, () => {
  let bed: Testbed;
  before(async () => {
    bed = await openTestbed();
    await bed.box.addAccount('ann', 'tuna fish');
  });
  after(() => bed.close());

  /** Connects, verifies, says these lines, and listens until the box closes. */
  function client(port: number, words: string[], ...lines: string[]): Promise<Ran> {
    const verify = ['-CAfile', bed.box.caFile, '-verify_return_error'];
    const name = ['-verify_hostname', 'restante.local', '-servername', 'restante.local'];
    const all = ['s_client', '-connect', `localhost:${port}`, ...verify, ...name, ...words];
    return bed.run('openssl', [...all, '-crlf', '-ign_eof'], { input: `${lines.join('\n')}\n` });
  }

  const ways = (): [name: string, port: number, words: string[], answer: RegExp][] => {
    const { smtp, submission, submissions, pop3, pop3s } = bed.box.ports;
    return [
      ['smtp', smtp, ['-starttls', 'smtp'], /\n221 2\.0\.0 /],
      ['submission', submission, ['-starttls', 'smtp'], /\n221 2\.0\.0 /],
      ['submissions', submissions, [], /\n221 2\.0\.0 /],
      ['pop3', pop3, ['-starttls', 'pop3'], /\n\+OK Goodbye/],
      ['pop3s', pop3s, [], /\n\+OK Goodbye/],
    ];
  };

  test('verifies the box by its CA on every port', async () => {
    for (const [name, port, words, answer] of ways()) {
      const ran = await client(port, words, 'QUIT');
      assert.match(ran.said, /Verification: OK\n/, name);
      assert.match(ran.said, /Verified peername: restante\.local\n/, name);
      assert.match(ran.said, /New, TLSv1\.3, /, name);
      assert.match(ran.said, answer, name);
    }
  });

  test('resumes sessions on every port, with TLS 1.3 and 1.2', async () => {
    for (const version of ['-tls1_3', '-tls1_2']) {
      for (const [name, port, words] of ways()) {
        const session = bed.path('session');
        const first = await client(port, [...words, version, '-sess_out', session], 'NOOP', 'QUIT');
        assert.match(first.said, /\nNew, TLSv1\.[23], /, name);
        const again = await client(port, [...words, version, '-sess_in', session], 'QUIT');
        assert.match(again.said, /\nReused, TLSv1\.[23], /, `${name} ${version}`);
      }
    }
  });

  test('cannot get a version of TLS that is no longer safe', async () => {
    const old = ['-tls1_1', '-cipher', 'ALL:@SECLEVEL=0'];
    for (const [name, port, words] of ways()) {
      const ran = await client(port, [...words, ...old], 'QUIT');
      assert.notEqual(ran.status, 0, name);
      assert.match(ran.said, /alert protocol version/, name);
    }
    await bed.box.said(/only knows versions of TLS that are no longer safe/);
  });

  test('sends and collects by hand', async () => {
    const { smtp, pop3s } = bed.box.ports;
    const sent = await client(
      smtp,
      ['-starttls', 'smtp', '-quiet'],
      'EHLO by.hand.example',
      'MAIL FROM:<>',
      'RCPT TO:<ann@restante.local>',
      'DATA',
      'Subject: by hand',
      '',
      '..',
      '.',
      'QUIT',
    );
    assert.match(sent.said, /\n250 2\.0\.0 Safely stored .*\n221 2\.0\.0 /s);
    const words = ['USER ann', 'PASS tuna fish', 'RETR 1', 'DELE 1', 'QUIT'];
    const got = await client(pop3s, ['-quiet'], ...words);
    assert.match(got.said, /with ESMTPS \(TLSv1\.3 .*Subject: by hand\r\n\r\n\.\.\r\n\.\r\n\+OK /s);
    assert.match(got.said, /\+OK Goodbye, 1 message deleted/);
  });

  test('deletes nothing when it goes without QUIT', async () => {
    await bed.deliver('ann@restante.local', Buffer.from('Subject: kept\r\n\r\n'));
    const words = ['USER ann', 'PASS tuna fish', 'DELE 1'];
    const all = ['s_client', '-connect', `localhost:${bed.box.ports.pop3s}`, '-quiet', '-crlf'];
    const trust = ['-CAfile', bed.box.caFile, '-verify_return_error'];
    const input = `${words.join('\n')}\n`;
    const killedAt = /will be deleted/;
    const ran = await bed.run('openssl', [...all, ...trust], { input, killedAt });
    assert.match(ran.said, /\+OK Message 1 will be deleted at QUIT/);
    assert.equal((await bed.stat('ann', 'tuna fish')).messages, 1);
  });
});
