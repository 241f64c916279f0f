/*
 * Ann's password is recoverable, for her old camera; Bob's is not. Her programs sign in by CRAM-MD5
 * and APOP where no password may be sent as it is, and what the box offers for her sake does not
 * keep Bob's programs out.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { missingProgram } from '../../support/programs.ts';
import { openTestbed, type Ran, type Testbed } from './testbed.ts';

type Line = 'clear' | 'STLS' | 'TLS';

describe('a recoverable password', () => {
  let bed: Testbed;
  before(async () => {
    bed = await openTestbed({ 'log.level': 'trace' });
    const add = ['account', 'add', 'ann', '--recoverable', '--password-stdin'];
    assert.equal((await bed.box.cli(add, 'tuna fish')).status, 0);
    await bed.box.addAccount('bob', 'salmon');
  });
  after(() => bed.close());

  async function plaintext(rule: 'never' | 'loopback'): Promise<void> {
    assert.equal((await bed.box.cli(['settings', 'set', 'auth.plaintext', rule])).status, 0);
  }

  const pop3Port = (line: Line) => bed.box.ports[line === 'TLS' ? 'pop3s' : 'pop3'];

  async function curl(login: string, url: string, line: Line, ...more: string[]): Promise<Ran> {
    const config = await bed.write('curl.conf', `user = "${login}"\n`);
    const safe = line === 'STLS' ? ['--ssl-reqd'] : [];
    const words = ['-sSv', '-K', config, '--cacert', bed.box.caFile, ...safe, ...more, url];
    return bed.run('curl', words, { input: 'Subject: x\r\n\r\nx\r\n' });
  }

  /** Each asks for the mail of `login` ("name:password") and takes the way in that it likes best. */
  const collecting: Readonly<Record<string, (login: string, line: Line) => Promise<Ran>>> = {
    curl: (login, line) =>
      curl(login, `${line === 'TLS' ? 'pop3s' : 'pop3'}://localhost:${pop3Port(line)}/`, line),
    's-nail': (login, line) => nail(login, line),
    mpop: (login, line) => mpop(login, line, 'on'),
    fetchmail: async (login, line) => {
      const ran = await fetchmail(login, line, 'pop3');
      // fetchmail(1), EXIT CODES: 1 says that there was no mail.
      return { ...ran, status: ran.status === 1 ? 0 : ran.status };
    },
  };

  async function nail(login: string, line: Line, ...more: string[]): Promise<Ran> {
    const [name = '', password = ''] = login.split(':');
    const who = `${name}:${encodeURIComponent(password)}`;
    const url = `${line === 'TLS' ? 'pop3s' : 'pop3'}://${who}@localhost:${pop3Port(line)}`;
    const set = ['v15-compat', `tls-ca-file=${bed.box.caFile}`, 'tls-verify=strict', ...more];
    if (line === 'STLS') set.push('pop3-use-starttls');
    const words = ['-:/', ...set.flatMap((one) => ['-S', one]), '-#', '-f', url];
    const ran = await bed.run('s-nail', words, { input: 'headers\n' });
    // Its exit status says nothing about the maildrop, which it finds empty.
    return { ...ran, status: /No applicable messages/.test(ran.said) ? 0 : 1 };
  }

  async function mpop(login: string, line: Line, auth: string): Promise<Ran> {
    const [name, password] = login.split(':');
    const config = await bed.write(
      'mpoprc',
      [
        'account default',
        'host localhost',
        `port ${pop3Port(line)}`,
        ...(line === 'clear' ? [] : ['tls on', `tls_trust_file ${bed.box.caFile}`]),
        ...(line === 'TLS' ? ['tls_starttls off'] : []),
        `auth ${auth}`,
        `user ${name}`,
        `password "${password}"`,
        `delivery mbox ${bed.path('mbox')}`,
        '',
      ].join('\n'),
    );
    return bed.run('mpop', ['-d', '-C', config]);
  }

  async function fetchmail(login: string, line: Line, protocol: string): Promise<Ran> {
    const [name, password] = login.split(':');
    const certificate = `sslcertck sslcertfile "${bed.box.caFile}"`;
    const safety = {
      clear: `sslproto ""`,
      STLS: `sslproto "TLS1.2+" ${certificate}`,
      TLS: `ssl ${certificate}`,
    };
    const poll = `poll localhost protocol ${protocol} port ${pop3Port(line)}`;
    const user = `user "${name}" password "${password}" ${safety[line]} mda "cat > /dev/null"\n`;
    const rc = await bed.write('fetchmailrc', `${poll} ${user}`);
    return bed.run('fetchmail', ['-v', '--nosyslog', '-f', rc, '--pidfile', bed.path('pid')]);
  }

  for (const rule of ['loopback', 'never'] as const) {
    const lines: Line[] = rule === 'loopback' ? ['clear', 'STLS', 'TLS'] : ['STLS', 'TLS'];
    for (const [program, collect] of Object.entries(collecting)) {
      test(`of Ann does not mislead Bob's ${program} (passwords in the clear: ${rule})`, {
        skip: missingProgram(program),
      }, async () => {
        await plaintext(rule);
        for (const line of lines) {
          if (program === 's-nail' && rule === 'never' && line === 'STLS') continue;
          for (const login of ['bob:salmon', 'ann:tuna fish']) {
            const ran = await collect(login, line);
            assert.equal(ran.status, 0, `${login} ${line}: ${ran.said}`);
          }
        }
      });
    }
  }

  test('of Ann misleads s-nail on STLS alone, which says what to set', {
    skip: missingProgram('s-nail'),
  }, async () => {
    await plaintext('never');
    const ran = await nail('bob:salmon', 'STLS');
    assert.match(ran.said, /Server announced support - please set \*pop3-no-apop\*/);
    const told = await nail('bob:salmon', 'STLS', 'pop3-no-apop');
    assert.equal(told.status, 0, told.said);
    await bed.box.cli(['account', 'unlock', 'bob']);
  });

  describe('on lines where no password may be sent as it is', () => {
    before(() => plaintext('never'));

    test('signs curl in by CRAM-MD5', { skip: missingProgram('curl') }, async () => {
      const { pop3, submission } = bed.box.ports;
      const got = await curl('ann:tuna fish', `pop3://localhost:${pop3}/`, 'clear');
      assert.equal(got.status, 0, got.said);
      assert.match(got.said, /> AUTH CRAM-MD5\r?\n/);
      const envelope = ['--mail-from', 'ann@restante.local', '--mail-rcpt', 'bob@restante.local'];
      const url = `smtp://localhost:${submission}`;
      const sent = await curl('ann:tuna fish', url, 'clear', ...envelope, '-T', '-');
      assert.equal(sent.status, 0, sent.said);
      assert.match(sent.said, /> AUTH CRAM-MD5\r?\n/);
      const refused = await curl('bob:salmon', `pop3://localhost:${pop3}/`, 'clear');
      assert.equal(refused.status, 67, refused.said);
      assert.match(refused.said, /-ERR \[AUTH\] The name or the password is wrong/);
    });

    test('signs mpop in by APOP and CRAM-MD5', { skip: missingProgram('mpop') }, async () => {
      for (const auth of ['apop', 'cram-md5']) {
        const ran = await mpop('ann:tuna fish', 'clear', auth);
        assert.equal(ran.status, 0, ran.said);
        assert.match(ran.said, new RegExp(`--> (AUTH )?${auth.toUpperCase()}`));
        assert.notEqual((await mpop('ann:wrong', 'clear', auth)).status, 0);
        assert.notEqual((await mpop('bob:salmon', 'clear', auth)).status, 0);
      }
      await bed.box.cli(['account', 'unlock', 'ann']);
      await bed.box.cli(['account', 'unlock', 'bob']);
    });

    test('signs fetchmail in by APOP', { skip: missingProgram('fetchmail') }, async () => {
      const ran = await fetchmail('ann:tuna fish', 'clear', 'apop');
      assert.match(ran.said, /POP3> APOP ann [0-9a-f]{32}\n.*\n?fetchmail: POP3< \+OK/);
      const refused = await fetchmail('bob:salmon', 'clear', 'apop');
      assert.equal(refused.status, 3, refused.said);
    });

    test('signs poplib and smtplib in', { skip: missingProgram('python3') }, async () => {
      const { pop3, submission } = bed.box.ports;
      const script = `${import.meta.dirname}/shared-secret.py`;
      const say = (login: string, input: string) =>
        bed.run('python3', [script, `${pop3}`, `${submission}`, login], { input });
      const ann = await say('ann', 'tuna fish\n');
      assert.match(
        ann.said,
        /^APOP \+OK 0 messages.*\nCRAM-MD5 \(235, b'2\.7\.0 Welcome, ann'\)\n$/,
      );
      const bob = await say('bob', 'salmon\n');
      assert.match(bob.said, /^APOP b'-ERR \[AUTH\] .*'\nCRAM-MD5 535\n$/);
    });

    test('leaves no trace of itself or of a digest in the log', () => {
      const said = bed.box.log.join('\n');
      assert.match(said, /C: APOP \*{5}"/);
      assert.doesNotMatch(said, /tuna fish|salmon|[^<0-9a-f][0-9a-f]{32}[^@0-9a-f]/);
    });
  });

  test('is switched off by setting it again without the wish', async () => {
    await plaintext('never');
    const listed = await bed.box.cli(['account', 'list']);
    assert.match(listed.stdout, /ann@restante\.local +recoverable: main$/m);
    await bed.box.cli(['account', 'password', 'ann', '--password-stdin'], 'tuna fish');
    assert.doesNotMatch((await bed.box.cli(['account', 'list'])).stdout, /recoverable/);
    const ran = await mpop('ann:tuna fish', 'clear', 'apop');
    assert.match(ran.said, /Restante has your mail\r?\n/);
    assert.notEqual(ran.status, 0);
    const made = await bed.box.cli([
      'account',
      'passwords',
      'add',
      'ann',
      'camera',
      '--recoverable',
    ]);
    const [password = ''] = made.stdout.split('\n');
    const again = await mpop(`ann:${password}`, 'clear', 'apop');
    assert.equal(again.status, 0, again.said);
    const passwords = await bed.box.cli(['account', 'passwords', 'list', 'ann']);
    assert.match(passwords.stdout, /^camera .* recoverable$/m);
  });
});
