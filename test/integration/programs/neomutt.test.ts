/* neomutt: sends without a screen, and is used by a person in a terminal to read and delete. */
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { missingProgram } from '../../support/programs.ts';
import { collect } from '../../support/smtp-peer.ts';
import { Terminal } from './terminal.ts';
import { openTestbed, type Ran, type Testbed } from './testbed.ts';

const missing = missingProgram('neomutt') ?? missingProgram('tmux');

describe('neomutt', { skip: missing }, () => {
  let bed: Testbed;
  before(async () => {
    bed = await openTestbed();
    await bed.box.addAccount('ann', 'tuna fish');
    await bed.box.addAccount('bob', 'salmon');
    await mkdir(bed.path('Mail'));
  });
  after(() => bed.close());

  function configuration(...lines: string[]): Promise<string> {
    const all = [
      `set folder = "${bed.path('Mail')}"`,
      `set certificate_file = "${bed.box.caFile}"`,
      'set ssl_verify_host = yes',
      'set sleep_time = 0',
      'set wait_key = no',
      'set quit = yes',
      'set delete = yes',
      'set copy = no',
      'set use_from = yes',
      'set from = "ann@restante.local"',
      ...lines,
    ];
    return bed.write('muttrc', `${all.join('\n')}\n`);
  }

  async function send(url: string, to: string, ...lines: string[]): Promise<Ran> {
    const rc = await configuration(`set smtp_url = "${url}"`, ...lines);
    const input = 'Hello.\n.\nA dot stood there.\n';
    return bed.run('neomutt', ['-n', '-F', rc, '-s', 'by neomutt', to], { input });
  }

  const overTls = () => `smtps://ann@localhost:${bed.box.ports.submissions}`;
  const overStarttls = () => `smtp://ann@localhost:${bed.box.ports.submission}`;

  test('sends, signed in, over TLS and after STARTTLS', async () => {
    const bob = 'bob@restante.local';
    for (const mechanism of ['plain', 'login', 'scram-sha-256']) {
      const signIn = ['set smtp_pass = "tuna fish"', `set smtp_authenticators = "${mechanism}"`];
      const tls = await send(overTls(), bob, ...signIn);
      assert.equal(tls.status, 0, tls.said);
      const starttls = await send(overStarttls(), bob, ...signIn, 'set ssl_force_tls = yes');
      assert.equal(starttls.status, 0, starttls.said);
    }
    const messages = await collect(bed.box.ports.pop3, 'bob', 'salmon');
    assert.equal(messages.length, 6);
    for (const message of messages) assert.match(message, /with ESMTPSA \(TLSv1\.3 /);
  });

  test('is refused in words', async () => {
    const right = 'set smtp_pass = "tuna fish"';
    const relay = await send(overTls(), 'a@example.org', right);
    assert.notEqual(relay.status, 0);
    assert.match(relay.said, /550 5\.7\.1 There is no way out for mail of/);
    const from = 'set from = "bob@restante.local"';
    const other = await send(overTls(), 'bob@restante.local', right, from);
    assert.match(other.said, /550 5\.7\.1 ann may not send as bob@restante\.local/);
  });

  test('reads, deletes, and leaves the rest, in a terminal', async () => {
    const rc = await configuration(
      `set spoolfile = "pops://bob@localhost:${bed.box.ports.pop3s}/"`,
      'set pop_pass = "salmon"',
      'set header_cache = ""',
    );
    const env = { ...process.env, HOME: bed.home, LC_ALL: 'C.UTF-8' };
    const terminal = new Terminal(bed.path('tmux'), `neomutt -n -F ${rc}`, env);
    try {
      await terminal.shows(/Msgs:6 /);
      terminal.press('Enter');
      const shown = await terminal.shows(/A dot stood there/);
      assert.match(shown, /Subject: by neomutt/);
      assert.match(shown, /\nHello\.\n\.\nA dot stood there\./);
      terminal.press('d');
      await terminal.shows(/Hello/);
      terminal.press('q');
      await terminal.shows(/Msgs:6 .*Del:1 /);
      terminal.press('d');
      await terminal.shows(/Msgs:6 .*Del:2 /);
      terminal.press('q');
      await terminal.ended();
    } finally {
      await terminal.close();
    }
    assert.equal((await bed.stat('bob', 'salmon')).messages, 4);
  });
});
