/*
 * msmtp and mpop, which come together: sending and collecting with every mechanism that both ends
 * know (GNU SASL brings SCRAM-SHA-256), under every kind of encryption; keeping and deleting.
 */
import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { missingProgram } from '../../support/programs.ts';
import { asCollected, properLetters, unevenLetters, withoutTrace } from './letters.ts';
import { openTestbed, type Ran, type Testbed } from './testbed.ts';

type Encryption = 'none' | 'STARTTLS' | 'TLS';

const encryptions: readonly Encryption[] = ['none', 'STARTTLS', 'TLS'];

const maildir = 'Maildir';

describe('msmtp and mpop', { skip: missingProgram('msmtp') ?? missingProgram('mpop') }, () => {
  let bed: Testbed;
  before(async () => {
    bed = await openTestbed();
    await bed.box.addAccount('ann', 'tuna fish');
    await bed.box.addAccount('bob', 'salmon');
    await bed.box.addAccount('keeper', 'trout');
    for (const folder of ['cur', 'new', 'tmp']) {
      await mkdir(bed.path(`${maildir}/${folder}`), { recursive: true });
    }
  });
  after(() => bed.close());

  const account = (encryption: Encryption, port: number, login: string, auth: string) => {
    const [name, password] = login.split(':');
    return [
      'account default',
      'host localhost',
      `port ${port}`,
      `tls ${encryption === 'none' ? 'off' : 'on'}`,
      ...(encryption === 'none' ? [] : [`tls_trust_file ${bed.box.caFile}`]),
      `tls_starttls ${encryption === 'STARTTLS' ? 'on' : 'off'}`,
      `auth ${auth}`,
      `user ${name}`,
      `password "${password}"`,
    ];
  };

  async function msmtp(
    encryption: Encryption,
    auth: string,
    letter: string | Buffer,
    { login = 'ann:tuna fish', from = 'ann@restante.local', to = 'bob@restante.local' } = {},
  ): Promise<Ran> {
    const { submission, submissions } = bed.box.ports;
    const port = encryption === 'TLS' ? submissions : submission;
    const lines = [...account(encryption, port, login, auth), `from ${from}`];
    const config = await bed.write('msmtprc', `${lines.join('\n')}\n`);
    return bed.run('msmtp', ['-d', '-C', config, '--', to], { input: letter });
  }

  async function mpop(
    encryption: Encryption,
    auth: string,
    login: string,
    ...more: string[]
  ): Promise<Ran> {
    const { pop3, pop3s } = bed.box.ports;
    const port = encryption === 'TLS' ? pop3s : pop3;
    const lines = [
      ...account(encryption, port, login, auth),
      `uidls_file ${bed.path('uidls')}`,
      `delivery maildir ${bed.path(maildir)}`,
      'received_header off',
      ...more,
    ];
    const config = await bed.write('mpoprc', `${lines.join('\n')}\n`);
    return bed.run('mpop', ['-d', '-C', config]);
  }

  describe('every mechanism, every encryption', () => {
    for (const encryption of encryptions) {
      for (const auth of ['plain', 'login', 'scram-sha-256']) {
        test(`${auth}, ${encryption}`, async () => {
          const subject = `${auth} ${encryption}`;
          const sent = await msmtp(encryption, auth, `Subject: ${subject}\n\nHello.\n.\n`);
          assert.equal(sent.status, 0, sent.said);
          assert.match(sent.said, new RegExp(`--> AUTH ${auth.toUpperCase()}\\b`));
          assert.match(sent.said, /<-- 250 2\.0\.0 Safely stored/);
          const got = await mpop(encryption, auth, 'bob:salmon', 'keep off');
          assert.equal(got.status, 0, got.said);
          assert.match(got.said, new RegExp(`--> AUTH ${auth.toUpperCase()}\\b`));
          assert.deepEqual((await collected()).map(subjectOf), [subject]);
          assert.match(got.said, /<-- \+OK Goodbye, 1 message deleted/);
        });
      }

      test(`USER and PASS, ${encryption}`, async () => {
        const got = await mpop(encryption, 'user', 'bob:salmon');
        assert.equal(got.status, 0, got.said);
        assert.match(got.said, /--> USER bob\r\n--> PASS .*<-- \+OK 0 messages/s);
      });
    }
  });

  /** What mpop has put into the maildir, with the line ends of the net again; empties it. */
  async function collected(): Promise<string[]> {
    const names = await readdir(bed.path(`${maildir}/new`));
    const messages = [];
    for (const name of names) {
      const path = bed.path(`${maildir}/new/${name}`);
      messages.push((await readFile(path)).toString('latin1').replaceAll('\n', '\r\n'));
      await rm(path);
    }
    return messages;
  }

  test('mpop collects every kind of letter, octet for octet', async () => {
    const letters = [...properLetters, ...unevenLetters];
    for (const { octets } of letters) await bed.deliver('bob@restante.local', octets);
    const got = await mpop('TLS', 'scram-sha-256', 'bob:salmon', 'keep off');
    assert.equal(got.status, 0, got.said);
    const bodies = (await collected()).map((text) => withoutTrace(Buffer.from(text, 'latin1')));
    assert.equal(bodies.length, letters.length);
    for (const { name, octets } of letters) {
      const expected = asCollected(octets);
      assert.ok(
        bodies.some((body) => body.equals(expected)),
        name,
      );
    }
  });

  test('mpop keeps mail on the box and never fetches it twice', async () => {
    const [to, login] = ['keeper@restante.local', 'keeper:trout'];
    const round = async (keep: 'on' | 'off') => {
      const got = await mpop('TLS', 'plain', login, `keep ${keep}`);
      assert.equal(got.status, 0, got.said);
      return { said: got.said, subjects: (await collected()).map(subjectOf).sort() };
    };
    for (const subject of ['one', 'two']) {
      await bed.deliver(to, Buffer.from(`Subject: ${subject}\r\n\r\nx\r\n`));
    }
    assert.deepEqual((await round('on')).subjects, ['one', 'two']);
    const again = await round('on');
    assert.match(again.said, /new: no messages, total: 2 messages/);
    assert.deepEqual(again.subjects, []);
    await bed.deliver(to, Buffer.from('Subject: three\r\n\r\nx\r\n'));
    assert.deepEqual((await round('on')).subjects, ['three']);
    assert.equal((await bed.stat('keeper', 'trout')).messages, 3);
    await bed.deliver(to, Buffer.from('Subject: four\r\n\r\nx\r\n'));
    assert.deepEqual((await round('off')).subjects, ['four'], 'what it knows is deleted unread');
    assert.equal((await bed.stat('keeper', 'trout')).messages, 0);
  });

  describe('are refused in words', () => {
    test('with a wrong password, whatever the mechanism', async () => {
      for (const auth of ['plain', 'login', 'scram-sha-256']) {
        const sent = await msmtp('TLS', auth, 'Subject: x\n\nx\n', { login: 'ann:cod' });
        assert.notEqual(sent.status, 0);
        assert.match(sent.said, /server message: 535 5\.7\.8 The name or the password is wrong\./);
        const got = await mpop('TLS', auth, 'ann:cod');
        assert.notEqual(got.status, 0);
        assert.match(got.said, /<-- -ERR \[AUTH\] The name or the password is wrong/);
      }
    });

    test('with mail for elsewhere, and mail in the name of others', async () => {
      const relay = await msmtp('TLS', 'plain', 'Subject: x\n\nx\n', { to: 'a@example.org' });
      assert.match(relay.said, /server message: 550 5\.7\.1 There is no way out for mail of/);
      const other = await msmtp('TLS', 'plain', 'Subject: x\n\nx\n', {
        from: 'bob@restante.local',
      });
      assert.match(
        other.said,
        /server message: 550 5\.7\.1 ann may not send as bob@restante\.local/,
      );
    });
  });

  test('msmtp asks for a report of success, and its sender gets one', async () => {
    const letter = 'Subject: report please\n\nx\n';
    await msmtp('TLS', 'plain', letter);
    const words = ['-C', bed.path('msmtprc'), '-N', 'success', '-R', 'hdrs'];
    const sent = await bed.run('msmtp', [...words, '--', 'bob@restante.local'], { input: letter });
    assert.equal(sent.status, 0, sent.said);
    await mpop('TLS', 'plain', 'bob:salmon');
    assert.deepEqual((await collected()).map(subjectOf), ['report please', 'report please']);
    await mpop('TLS', 'plain', 'ann:tuna fish');
    const [report = '', ...others] = await collected();
    assert.deepEqual(others, []);
    assert.match(report, /^Return-Path: <>\r\n.*Subject: Your message was delivered\r\n/s);
    assert.match(
      report,
      /\r\nFinal-Recipient: rfc822; bob@restante\.local\r\nAction: delivered\r\n/,
    );
    assert.match(report, /\r\nSubject: report please\r\n/);
  });

  test('msmtp brings 8-bit text to many, once each', async () => {
    const letter = 'From: ann@restante.local\nSubject: gr\u00fc\u00dfe\n\n.\n\u20ac\n';
    const config = bed.path('msmtprc');
    await msmtp('STARTTLS', 'scram-sha-256', letter);
    const to = ['bob@restante.local', 'ann@restante.local', 'bob+again@restante.local'];
    const sent = await bed.run('msmtp', ['-C', config, '--', ...to], { input: letter });
    assert.equal(sent.status, 0, sent.said);
    const got = await mpop('STARTTLS', 'plain', 'bob:salmon', 'keep off');
    assert.equal(got.status, 0, got.said);
    const messages = await collected();
    assert.equal(messages.length, 2);
    const body = Buffer.from('\r\n\r\n.\r\n\u20ac\r\n').toString('latin1');
    for (const message of messages) assert.ok(message.endsWith(body), message);
    assert.equal((await bed.stat('ann', 'tuna fish')).messages, 1);
  });
});

const subjectOf = (message: string) => /^Subject: (.*)\r$/m.exec(message)?.[1];
