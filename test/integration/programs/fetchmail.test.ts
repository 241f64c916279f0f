/* fetchmail: over TLS and STLS, keeping and deleting, into a file and into the box by SMTP. */
import assert from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { NetPeer } from '../../support/net-peer.ts';
import { missingProgram } from '../../support/programs.ts';
import { openTestbed, type Ran, type Testbed } from './testbed.ts';

/** fetchmail(1), EXIT CODES */
const [fetched, nothingNew, wrongPassword, lockBusy] = [0, 1, 3, 9];

describe('fetchmail', { skip: missingProgram('fetchmail') }, () => {
  let bed: Testbed;
  before(async () => {
    bed = await openTestbed({ 'pop3.lockWait': '0' });
    await bed.box.addAccount('ann', 'tuna fish');
    await bed.box.addAccount('bob', 'salmon');
  });
  after(() => bed.close());

  const tls = () => `ssl sslcertck sslcertfile "${bed.box.caFile}"`;
  const stls = () => `sslproto "TLS1.2+" sslcertck sslcertfile "${bed.box.caFile}"`;
  const toFile = () => `mda "cat >> ${bed.path('mail')}"`;

  async function fetchmail(port: number, login: string, ...options: string[]): Promise<Ran> {
    const [name, password] = login.split(':');
    const lines = [
      'set no bouncemail',
      `poll localhost protocol pop3 port ${port} uidl`,
      `user "${name}" password "${password}" ${options.join(' ')}`,
    ];
    const files = ['--idfile', bed.path('ids'), '--pidfile', bed.path('pid')];
    const rc = await bed.write('fetchmailrc', `${lines.join('\n')}\n`);
    return bed.run('fetchmail', ['-v', '-v', '--nosyslog', '-f', rc, ...files]);
  }

  /** The subjects of what was collected since the last look. */
  async function collected(): Promise<string[]> {
    const text = await readFile(bed.path('mail'), 'latin1').catch(() => '');
    await rm(bed.path('mail'), { force: true });
    return [...text.matchAll(/^Subject: (.*)$/gm)].map(([, subject = '']) => subject);
  }

  function deliver(login: string, subject: string): Promise<void> {
    const octets = Buffer.from(`Subject: ${subject}\r\n\r\n.\r\n..\r\nx\r\n`);
    return bed.deliver(`${login}@restante.local`, octets);
  }

  test('keeps mail: nothing is fetched twice', async () => {
    const { pop3s } = bed.box.ports;
    const round = () => fetchmail(pop3s, 'ann:tuna fish', tls(), 'keep', toFile());
    await deliver('ann', 'one');
    await deliver('ann', 'two');
    const first = await round();
    assert.equal(first.status, fetched, first.said);
    assert.deepEqual(await collected(), ['one', 'two']);
    const again = await round();
    assert.equal(again.status, nothingNew, again.said);
    assert.match(again.said, /2 messages \(2 seen\) for ann/);
    await deliver('ann', 'three');
    assert.equal((await round()).status, fetched);
    assert.deepEqual(await collected(), ['three']);
    await bed.box.restart();
    assert.equal((await round()).status, nothingNew);
    assert.equal((await bed.stat('ann', 'tuna fish')).messages, 3);
  });

  test('deletes, over STLS', async () => {
    const ran = await fetchmail(bed.box.ports.pop3, 'ann:tuna fish', stls(), 'fetchall', toFile());
    assert.equal(ran.status, fetched, ran.said);
    assert.match(ran.said, /POP3> STLS\nfetchmail: POP3< \+OK Begin TLS/);
    assert.match(ran.said, /POP3> QUIT\nfetchmail: POP3< \+OK Goodbye, 3 messages deleted/);
    assert.deepEqual(await collected(), ['one', 'two', 'three']);
    assert.deepEqual(await bed.stat('ann', 'tuna fish'), { messages: 0, octets: 0 });
  });

  test('brings mail from one maildrop into another by SMTP', async () => {
    await deliver('ann', 'passed on');
    const { pop3s, smtp } = bed.box.ports;
    const to = `smtphost localhost/${smtp} smtpname bob@restante.local`;
    const ran = await fetchmail(pop3s, 'ann:tuna fish', tls(), 'no keep', to);
    assert.equal(ran.status, fetched, ran.said);
    assert.match(ran.said, /SMTP< 250 2\.0\.0 Safely stored/);
    assert.equal((await bed.stat('ann', 'tuna fish')).messages, 0);
    assert.equal((await bed.stat('bob', 'salmon')).messages, 1);
  });

  test('is told that its password is wrong', async () => {
    const ran = await fetchmail(bed.box.ports.pop3s, 'ann:cod', tls(), 'keep', toFile());
    assert.equal(ran.status, wrongPassword, ran.said);
    assert.match(ran.said, /-ERR \[AUTH\] The name or the password is wrong/);
    assert.match(ran.said, /Authorization failure on ann@/);
  });

  test('comes again later when another client has the maildrop', async () => {
    const other = await NetPeer.dial(bed.box.ports.pop3);
    other.say('USER ann\r\nPASS tuna fish\r\n');
    await other.hear('messages');
    const ran = await fetchmail(bed.box.ports.pop3s, 'ann:tuna fish', tls(), 'keep', toFile());
    other.vanish();
    assert.match(ran.said, /POP3< -ERR \[IN-USE\] /);
    assert.equal(ran.status, lockBusy, ran.said);
  });

  test('trusts no box that it does not know', async () => {
    const ran = await fetchmail(bed.box.ports.pop3s, 'ann:tuna fish', 'ssl sslcertck', toFile());
    assert.match(ran.said, /certificate verif/i);
    assert.notEqual(ran.status, fetched);
    assert.doesNotMatch(ran.said, /POP3> (USER|PASS)/);
  });
});
