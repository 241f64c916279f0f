/* s-nail, the mailx of today: sends over TLS and STARTTLS, reads, keeps and deletes by POP3. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { missingProgram } from '../../support/programs.ts';
import { openTestbed, type Ran, type Testbed } from './testbed.ts';

describe('s-nail', { skip: missingProgram('s-nail') }, () => {
  let bed: Testbed;
  before(async () => {
    bed = await openTestbed();
    await bed.box.addAccount('ann', 'tuna');
    await bed.box.addAccount('bob', 'salmon');
  });
  after(() => bed.close());

  const trust = () => [
    ...['-:/', '-S', 'v15-compat', '-S', 'sendwait', '-S', `tls-ca-file=${bed.box.caFile}`],
    ...['-S', 'tls-ca-no-defaults', '-S', 'tls-verify=strict', '-v'],
  ];

  function send(url: string, from: string, to: string, ...more: string[]): Promise<Ran> {
    const words = [...trust(), '-S', `mta=${url}`, '-S', `from=${from}`, ...more];
    const input = 'Hello.\n.\nA dot stood there.\n';
    return bed.run('s-nail', [...words, '-s', 'by s-nail', to], { input });
  }

  /** Opens bob's maildrop and types these commands. */
  function read(scheme: 'pop3' | 'pop3s', auth: string, ...commands: string[]): Promise<Ran> {
    const url = `${scheme}://bob:salmon@localhost:${bed.box.ports[scheme]}`;
    const stls = scheme === 'pop3' ? ['-S', 'pop3-use-starttls'] : [];
    const words = [...trust(), ...stls, '-S', `pop3-auth=${auth}`, '-#', '-f', url];
    return bed.run('s-nail', words, { input: `${commands.join('\n')}\n` });
  }

  test('sends, signed in, over TLS and after STARTTLS', async () => {
    const { submission, submissions } = bed.box.ports;
    const [ann, bob] = ['ann@restante.local', 'bob@restante.local'];
    for (const auth of ['plain', 'login']) {
      const tls = `smtps://ann:tuna@localhost:${submissions}`;
      const one = await send(tls, ann, bob, '-S', `smtp-auth=${auth}`);
      assert.equal(one.status, 0, one.said);
      assert.match(one.said, /TLS certificate ok/);
      const starttls = `submission://ann:tuna@localhost:${submission}`;
      const more = ['-S', `smtp-auth=${auth}`, '-S', 'smtp-use-starttls'];
      const two = await send(starttls, ann, bob, ...more);
      assert.equal(two.status, 0, two.said);
      assert.match(two.said, /TLS certificate ok/);
    }
    assert.equal((await bed.stat('bob', 'salmon')).messages, 4);
  });

  test('is refused in words', async () => {
    const wrong = `smtps://ann:cod@localhost:${bed.box.ports.submissions}`;
    const [ann, bob] = ['ann@restante.local', 'bob@restante.local'];
    const password = await send(wrong, ann, bob, '-S', 'smtp-auth=plain');
    assert.notEqual(password.status, 0);
    assert.match(password.said, /535 5\.7\.8 The name or the password is wrong/);
    const right = `smtps://ann:tuna@localhost:${bed.box.ports.submissions}`;
    const relay = await send(right, ann, 'a@example.org', '-S', 'smtp-auth=plain');
    assert.match(relay.said, /550 5\.7\.1 There is no way out for mail of/);
    const other = await send(right, bob, bob, '-S', 'smtp-auth=plain');
    assert.match(other.said, /550 5\.7\.1 ann may not send as bob@restante\.local/);
  });

  test('reads and keeps with exit', async () => {
    for (const scheme of ['pop3', 'pop3s'] as const) {
      const ran = await read(scheme, 'plain', 'from *', 'type 2', 'delete 1-3', 'exit');
      assert.equal(ran.status, 0, ran.said);
      assert.equal(ran.said.match(/by s-nail/g)?.length, 5, 'four in the list, one shown');
      assert.match(ran.said, /\n\nHello\.\n\.\nA dot stood there\.\n/);
      assert.equal((await bed.stat('bob', 'salmon')).messages, 4, 'exit deletes nothing');
    }
  });

  test('deletes with quit', async () => {
    const ran = await read('pop3s', 'plain', 'delete 1 3', 'quit');
    assert.equal(ran.status, 0, ran.said);
    assert.equal((await bed.stat('bob', 'salmon')).messages, 2);
    const rest = await read('pop3', 'plain', 'from *', 'delete *', 'quit');
    assert.equal(rest.said.match(/by s-nail/g)?.length, 2);
    assert.equal((await bed.stat('bob', 'salmon')).messages, 0);
  });
});
