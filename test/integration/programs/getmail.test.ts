/* getmail 6: download and keep, download and delete, and leave on the box for some days. */
import assert from 'node:assert/strict';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { missingProgram } from '../../support/programs.ts';
import { openTestbed, type Ran, type Testbed } from './testbed.ts';

const day = 86_400;

describe('getmail', { skip: missingProgram('getmail') }, () => {
  let bed: Testbed;
  before(async () => {
    bed = await openTestbed();
    await mkdir(bed.path('getmail'));
  });
  after(() => bed.close());

  /** Collects over TLS with these options (lines of a getmailrc). */
  async function getmail(login: string, password: string, options: string[]): Promise<Ran> {
    const lines = [
      '[retriever]',
      'type = SimplePOP3SSLRetriever',
      'server = localhost',
      `port = ${bed.box.ports.pop3s}`,
      `username = ${login}`,
      `password = ${password}`,
      `ca_certs = ${bed.box.caFile}`,
      '[destination]',
      'type = MDA_external',
      'path = /bin/sh',
      `arguments = ("-c", "cat >> ${bed.path(login)}")`,
      'allow_root_commands = true',
      '[options]',
      'verbose = 2',
      ...options,
    ];
    const rc = await bed.write(`getmail/${login}rc`, `${lines.join('\n')}\n`);
    return bed.run('getmail', ['--getmaildir', bed.path('getmail'), '--rcfile', rc]);
  }

  /** The subjects of what was collected since the last look. */
  async function collected(login: string): Promise<string[]> {
    const path = bed.path(login);
    const text = await readFile(path, 'latin1').catch(() => '');
    await rm(path, { force: true });
    return [...text.matchAll(/^Subject: (.*)$/gm)].map(([, subject = '']) => subject);
  }

  function deliver(login: string, subject: string): Promise<void> {
    const octets = Buffer.from(`Subject: ${subject}\r\n\r\n.\r\n..\r\nx\r\n`);
    return bed.deliver(`${login}@restante.local`, octets);
  }

  test('downloads and keeps: nothing twice, what is new once', async () => {
    await bed.box.addAccount('keeper', 'trout');
    await deliver('keeper', 'one');
    await deliver('keeper', 'two');
    const round = () => getmail('keeper', 'trout', ['delete = false', 'read_all = false']);
    const first = await round();
    assert.equal(first.status, 0, first.said);
    assert.match(first.said, /\n +2 messages \(\d+ bytes\) retrieved, 0 skipped/);
    assert.deepEqual(await collected('keeper'), ['one', 'two']);
    assert.match((await round()).said, /\n +0 messages \(0 bytes\) retrieved, 2 skipped/);
    await deliver('keeper', 'three');
    assert.match((await round()).said, /\n +1 messages \(\d+ bytes\) retrieved, 2 skipped/);
    assert.deepEqual(await collected('keeper'), ['three']);
    await bed.box.restart();
    assert.match((await round()).said, /\n +0 messages \(0 bytes\) retrieved, 3 skipped/);
    assert.equal((await bed.stat('keeper', 'trout')).messages, 3);
  });

  test('downloads and deletes', async () => {
    await bed.box.addAccount('emptier', 'trout');
    await deliver('emptier', 'one');
    await deliver('emptier', 'two');
    const ran = await getmail('emptier', 'trout', ['delete = true']);
    assert.match(ran.said, /msg 2\/2 \(\d+ bytes\) .*delivered .*, deleted/);
    assert.deepEqual(await collected('emptier'), ['one', 'two']);
    assert.deepEqual(await bed.stat('emptier', 'trout'), { messages: 0, octets: 0 });
  });

  test('leaves mail for a week', async () => {
    await bed.box.addAccount('weekly', 'trout');
    await deliver('weekly', 'old');
    const round = () => getmail('weekly', 'trout', ['delete_after = 7', 'read_all = false']);
    await round();
    assert.deepEqual(await collected('weekly'), ['old']);
    assert.equal((await bed.stat('weekly', 'trout')).messages, 1);
    // A week goes by: getmail's memory holds lines of unique-id, NUL and the time of the download.
    const memory = bed.path(`getmail/oldmail-localhost-${bed.box.ports.pop3s}-weekly`);
    const remembered = await readFile(memory, 'latin1');
    const aged = remembered.replace(/\0(\d+)/g, (_, time) => `\0${Number(time) - 7 * day}`);
    assert.notEqual(aged, remembered);
    await writeFile(memory, aged);
    await deliver('weekly', 'new');
    await round();
    assert.deepEqual(await collected('weekly'), ['new']);
    assert.equal((await bed.stat('weekly', 'trout')).messages, 1, 'only the new one is left');
  });

  test('is told that its password is wrong', async () => {
    await bed.box.addAccount('ann', 'tuna fish');
    const ran = await getmail('ann', 'cod', []);
    assert.notEqual(ran.status, 0);
    assert.match(ran.said, /-ERR \[AUTH\] The name or the password is wrong/);
  });
});
