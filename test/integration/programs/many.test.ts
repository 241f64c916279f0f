/* Many programs at once: one maildrop has one reader, and the others wait or hear IN-USE. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { NetPeer } from '../../support/net-peer.ts';
import { missingProgram } from '../../support/programs.ts';
import { openTestbed, type Ran, type Testbed } from './testbed.ts';

const programs = 12;

describe('many programs at once', { skip: missingProgram('curl') }, () => {
  let bed: Testbed;
  before(async () => {
    bed = await openTestbed();
    await bed.box.cli(['settings', 'set', 'pop3.lockWait', '60']);
    await bed.box.addAccount('ann', 'tuna');
    await bed.box.addAccount('bob', 'salmon');
    await bed.write('ann.conf', 'user = "ann:tuna"\n');
    await bed.write('bob.conf', 'user = "bob:salmon"\n');
  });
  after(() => bed.close());

  const curl = (login: string, words: readonly string[], input = ''): Promise<Ran> =>
    bed.run(
      'curl',
      ['-sSv', '-K', bed.path(`${login}.conf`), '--cacert', bed.box.caFile, ...words],
      { input },
    );

  const together = (each: (number: number) => Promise<Ran>): Promise<Ran[]> =>
    Promise.all(Array.from({ length: programs }, (_, number) => each(number)));

  test('send, and each message is there once', async () => {
    const envelope = ['--mail-from', 'ann@restante.local', '--mail-rcpt', 'bob@restante.local'];
    const url = `smtps://localhost:${bed.box.ports.submissions}`;
    const sent = await together((number) =>
      curl('ann', [...envelope, '-T', '-', url], `Subject: letter ${number}\r\n\r\nx\r\n`),
    );
    for (const { status, said } of sent) assert.equal(status, 0, said);
    assert.equal((await bed.stat('bob', 'salmon')).messages, programs);
  });

  test('collect from one maildrop, one after the other', async () => {
    const url = `pop3s://localhost:${bed.box.ports.pop3s}`;
    const got = await together((number) => curl('bob', [`${url}/${number + 1}`]));
    const subjects = got.map(({ stdout }) => /^Subject: (.*)\r$/m.exec(stdout.toString())?.[1]);
    const expected = Array.from({ length: programs }, (_, number) => `letter ${number}`);
    assert.deepEqual(subjects.sort(), expected.sort());
  });

  test('hear IN-USE when the one before them does not leave', async () => {
    await bed.box.cli(['settings', 'set', 'pop3.lockWait', '0']);
    const first = await NetPeer.dial(bed.box.ports.pop3);
    first.say('USER bob\r\nPASS salmon\r\nDELE 1\r\n');
    await first.hear('will be deleted');
    const url = `pop3s://localhost:${bed.box.ports.pop3s}`;
    const got = await together((number) => curl('bob', [`${url}/${number + 1}`]));
    for (const { status, said } of got) {
      assert.notEqual(status, 0);
      assert.match(said, /< -ERR \[IN-USE\] [A-Z][^\r\n]+\r\n/);
    }
    first.say('QUIT\r\n');
    await first.hearEnd();
    assert.equal((await bed.stat('bob', 'salmon')).messages, programs - 1);
  });
});
