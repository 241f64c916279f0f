/*
 * Debian's Postfix as the provider of a whole box, with AUTH by Dovecot's SASL: what people's
 * programs hand in lies in its Maildir octet for octet; a wrong password, a bad certificate and a
 * server that is killed are told in words and mended; mail that comes home is not sent round again.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { UplinkTestReport } from '#control/types';
import { waitUntil } from '../../../scripts/bench/processes.ts';
import { OutgoingBox, password as tuna } from '../../support/outgoing-box.ts';
import { missingProgram } from '../../support/programs.ts';
import {
  domain,
  homeward,
  missingPostfix,
  ProviderPostfix,
  password,
  type Service,
  user,
} from '../../support/provider-postfix.ts';
import { openTestbed, type Testbed } from './testbed.ts';

const skip = missingPostfix() ?? missingProgram('msmtp') ?? missingProgram('swaks') ?? false;
const bob = `bob@${domain}`;
const crlf = (text: string) => text.replaceAll('\n', '\r\n');

describe('Postfix as provider', { skip }, () => {
  let bed: Testbed;
  let box: OutgoingBox;
  let postfix: ProviderPostfix;
  let ca: string;

  before(async () => {
    bed = await openTestbed();
    box = new OutgoingBox(bed.box);
    postfix = await ProviderPostfix.start({ boxPort: bed.box.ports.smtp });
    ca = await bed.write('provider-ca.pem', postfix.ca);
    await box.person('ann', user);
    await box.person('eve');
  });

  after(async () => {
    await bed?.close();
    await postfix?.[Symbol.asyncDispose]();
  });

  /** An uplink to one of Postfix's ports, for an address that is its test's alone. */
  async function uplink(
    name: string,
    port: number,
    { security = 'tls', secret = password, host = '127.0.0.1', more = [] as string[] } = {},
  ): Promise<string> {
    const from = `${name}@example.org`;
    await box.command(['address', 'add', 'ann', from, '--outside']);
    const place = ['--host', host, '--port', `${port}`, '--security', security];
    const whose = ['--user', user, '--for', from, '--ca', ca, ...more];
    await box.command(['uplink', 'add', name, ...place, ...whose], secret);
    return from;
  }

  /** The one with that subject, as it lies in the Maildir: LF line ends, latin1. */
  async function delivered(subject: string): Promise<string> {
    return box.until(`"${subject}" at Postfix`, async () => {
      const all = await postfix.delivered(0);
      return all.find((message) => message.includes(`\nSubject: ${subject}\n`));
    });
  }

  const letter = (from: string, subject: string, body = 'Hello.\n') =>
    [
      `From: Ann <${from}>`,
      `To: ${bob}`,
      `Subject: ${subject}`,
      'Date: Mon, 23 Nov 2026 09:02:00 +0100',
      `Message-ID: <${subject.replace(/\W/g, '-')}@example.org>`,
      'MIME-Version: 1.0',
      'X-Odd:  two  blanks \n\tand a fold',
      'Content-Type: text/plain; charset=utf-8',
      'Content-Transfer-Encoding: 8bit',
      '',
      body,
    ].join('\n');

  describe('what programs hand in arrives octet for octet', () => {
    const bodies = {
      dots: '.\n..\n...\n.x\n\n.\n\n',
      words: 'From me\n>From you\nQUIT\n250 OK\n',
      foreign: 'gr\u00fc\u00dfe, \u20ac, \u65e5\u672c\u8a9e\n',
      long: `${'0123456789'.repeat(90)}\n${'A line of a letter.\n'.repeat(9000)}`,
    } as const;
    const ways: [Service, string, keyof typeof bodies][] = [
      ['starttls', 'starttls', 'dots'],
      ['tls', 'tls', 'words'],
      ['login', 'tls', 'foreign'],
      ['cram-md5', 'tls', 'long'],
    ];
    for (const [service, security, name] of ways) {
      test(`${service}: ${name}`, async () => {
        const from = await uplink(`way-${service}`, postfix.port(service), { security });
        const text = letter(from, `by ${service}`, bodies[name]);
        const config = [
          'account default',
          'host localhost',
          `port ${box.box.ports.submission}`,
          'tls on',
          `tls_trust_file ${box.box.caFile}`,
          'auth plain',
          'user ann',
          `password "${tuna}"`,
          `from ${from}`,
        ];
        const file = await bed.write('msmtprc', `${config.join('\n')}\n`);
        const sent = await bed.run('msmtp', ['-C', file, '--', bob], { input: text });
        assert.equal(sent.status, 0, sent.said);
        const found = await delivered(`by ${service}`);
        assert.ok(found.endsWith(Buffer.from(text).toString('latin1')), found.slice(0, 2000));
        assert.match(found, /^Return-Path: <way-[^>]+@example\.org>\n/);
      });
    }

    test('swaks, over TLS from the first octet', async () => {
      const from = await uplink('swaks', postfix.port('tls'));
      const text = letter(from, 'by swaks', bodies.words);
      const data = await bed.write('letter.eml', text);
      const sent = await bed.run('swaks', [
        ...['--server', 'localhost', '--port', `${box.box.ports.submissions}`],
        ...['--tls-on-connect', '--tls-verify', '--tls-ca-path', box.box.caFile],
        ...['--auth', 'PLAIN', '--auth-user', 'ann', '--auth-password', tuna],
        ...['--from', from, '--to', `${bob},eve@restante.local`, '--data', `@${data}`],
      ]);
      assert.equal(sent.status, 0, sent.said);
      const found = await delivered('by swaks');
      assert.ok(found.trimEnd().endsWith(Buffer.from(text).toString('latin1').trimEnd()), found);
      // Local and outside recipients are split.
      await box.untilMail('eve', /^Subject: by swaks\r$/m);
      assert.doesNotMatch(found, /eve@restante/);
    });
  });

  test('an account is known by its outside address, and all else stays', async () => {
    const known = await uplink('known', postfix.port('tls'));
    await box.person('kim');
    await box.command(['address', 'remove', 'ann', known]);
    await box.command(['address', 'add', 'kim', known, '--outside', '--known-as']);
    const text = letter('kim@restante.local', 'known as');
    const whole = crlf(text).replace('From: Ann', 'From: "Kim, at home"');
    await box.submit({ as: 'kim', to: [bob], text: whole });
    const found = await delivered('known as');
    assert.match(found, /^Return-Path: <known@example\.org>\n/);
    const wanted = whole
      .replaceAll('\r\n', '\n')
      .replace('<kim@restante.local>', '<known@example.org>');
    assert.ok(found.endsWith(wanted), found);
    assert.doesNotMatch(found.slice(found.indexOf('From: "Kim')), /kim@restante/);
  });

  test('what is forwarded and comes home is not sent round again', async () => {
    await box.command(['address', 'add', 'ann', 'club@restante.local', '--forward-to', homeward]);
    const from = await uplink('forwards', postfix.port('starttls'), {
      security: 'starttls',
      more: ['--for', 'ann@restante.local'],
    });
    assert.equal(from, 'forwards@example.org');
    const text = crlf(letter('sam@example.com', 'round', '.Hello\n.\n'));
    await bed.deliver('club@restante.local', Buffer.from(text));
    const came = await box.untilMail('ann', /^Subject: round\r$/m);
    assert.ok(came.endsWith(text), came);
    assert.match(came, /^Return-Path: <ann@restante\.local>\r\n/, 'ann sent it on');
    assert.equal(came.match(/\n\tby restante\.local with/g)?.length, 2, 'once out, once back');
    assert.match(came, /\nReceived: from .*\n?\s*by provider\.example\.org/);
    await box.untilEmpty();
    const copies = (await box.inbox('ann')).filter((mail) => /^Subject: round\r$/m.test(mail));
    assert.equal(copies.length, 1);
  });

  test('a wrong password: the mail waits, three places say so, and a right one mends it', async () => {
    const from = await uplink('forgetful', postfix.port('starttls'), {
      security: 'starttls',
      secret: 'wrong',
    });
    const id = await box.submit({ from, to: [bob], text: crlf(letter(from, 'waits')) });
    const { say } = await box.untilCondition('forgetful', 'sign-in');
    assert.match(say, /refuses the user or the password/);
    const { warnings, queue } = await box.status();
    assert.ok(warnings.some((one) => /^forgetful: .*refuses the user/.test(one)));
    assert.equal(queue.messages, 1);
    const notice = await box.untilMail('ann', /cannot sign in at forgetful\r$/m);
    assert.match(notice.replace(/\s+/g, ' '), /"restante uplink password forgetful"/);
    const tested = await box.command<UplinkTestReport>(['uplink', 'test', 'forgetful']);
    assert.equal(tested.works, false);
    assert.match(tested.say, /refuses the user or the password/);
    assert.match(tested.answer, /^535 5\.7\.8 /);
    await box.command(['uplink', 'password', 'forgetful'], password);
    await box.untilNoted(id, new RegExp(`^sent to ${bob}, forgetful says 2\\.0\\.0 Ok: queued as`));
    await delivered('waits');
  });

  describe('a certificate that is not right is told in words, and no password is sent', () => {
    const cases = [
      ['expired', '127.0.0.1', /of 127\.0\.0\.1 is not trusted: it has expired/],
      ['self-signed', '127.0.0.1', /not trusted: it is signed by the server itself/],
      ['wrong-name', 'localhost', /not the one of localhost: it is for mail\.example\.com/],
    ] as const;
    for (const [illness, host, words] of cases) {
      test(illness, async () => {
        const from = await uplink(illness, postfix.port(illness), { host });
        const tested = await box.command<UplinkTestReport>(['uplink', 'test', illness]);
        assert.equal(tested.works, false);
        assert.match(tested.say, words);
        const id = await box.submit({ from, to: [bob], text: crlf(letter(from, illness)) });
        const { say } = await box.untilCondition(illness, 'paused');
        assert.match(say, words);
        await box.command(['queue', 'drop', id, '--yes', '--quiet']);
      });
    }
  });

  test('a server that wants encryption gets no password without', async () => {
    const from = await uplink('naked', postfix.port('starttls'), { security: 'none' });
    const tested = await box.command<UplinkTestReport>(['uplink', 'test', 'naked']);
    assert.equal(tested.works, false);
    assert.match(tested.say, /127\.0\.0\.1 lets nobody sign in|encrypt/);
    assert.equal(from, 'naked@example.org');
  });

  test('one recipient is refused, the other gets it; too much is not even sent', async () => {
    const from = await uplink('mixed', postfix.port('tls'));
    const to = [`nobody@${domain}`, bob];
    await box.submit({ from, to, text: crlf(letter(from, 'mixed')) });
    await delivered('mixed');
    const bounce = await box.untilMail('ann', /^Subject: Not delivered: mixed\r$/m);
    assert.match(bounce, /Final-Recipient: rfc822; nobody@example\.net\r\nAction: failed\r\n/);
    assert.match(bounce, /Diagnostic-Code: smtp; 550 5\.1\.1 .*Nobody of that name/s);
    assert.doesNotMatch(bounce, /Final-Recipient: rfc822; bob/);
    const large = crlf(letter(from, 'large', 'A line of a large letter.\n'.repeat(60_000)));
    await box.submit({ from, to: [bob], text: large });
    const why = await box.untilMail('ann', /^Subject: Not delivered: large\r$/m);
    assert.match(why.replace(/\s+/g, ' '), /1\.62 MB; the provider takes at most 1\.00 MB/);
  });

  test('Postfix is killed under load and started again: all of it arrives', async () => {
    const from = await uplink('killed', postfix.port('tls'), { more: ['--connections', '4'] });
    await box.command(['hold']);
    const subjects = Array.from({ length: 200 }, (_, index) => `load ${index}.`);
    const letters = subjects.map((subject) => {
      return { from, to: [bob], text: crlf(letter(from, subject)) };
    });
    const ids = await box.submitAll(letters);
    const before = await postfix.count();
    await box.command(['release']);
    await waitUntil('forty', async () => (await postfix.count()) >= before + 40);
    await postfix.kill();
    await box.untilCondition('killed', 'paused');
    assert.ok((await box.status()).queue.messages > 0);
    await postfix.startPostfix();
    await box.until('all sent', async () => {
      const { queue } = await box.status();
      if (queue.messages === 0) return true;
      await box.flush();
      return false;
    });
    const found = await box.until('all there', async () => {
      const all = (await postfix.delivered(0)).flatMap(
        (message) => /^Subject: (load \d+\.)$/m.exec(message)?.[1] ?? [],
      );
      return new Set(all).size === subjects.length && all;
    });
    for (const [index, subject] of subjects.entries()) {
      const copies = found.filter((one) => one === subject).length;
      if (copies === 1) continue;
      const story = (await box.why(ids[index] ?? '')).join('\n');
      assert.match(story, /after all was sent; it may arrive twice/, `${subject} came ${copies}`);
    }
  });
});
