/*
 * A disk that reports errors, as a dying SD card does: mail is refused politely, what is there is
 * still served, and the box goes on by itself when the disk works again. The errors are real ones:
 * the kernel refuses every write of the running box behind a limit on file sizes (setrlimit(2)).
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { startBox } from '../support/box.ts';
import { missingProgram } from '../support/programs.ts';
import { collect, SmtpSender } from '../support/smtp-peer.ts';

const message = 'Subject: small\r\n\r\nHello';

test('a failing disk: 452, reading goes on, and it recovers by itself', async (context) => {
  const missing = missingProgram('prlimit');
  if (missing) return context.skip(missing);
  await using box = await startBox();
  await box.addAccount('ann', 'a password');
  const sender = await SmtpSender.dial(box.ports.smtp);
  const offer = () => sender.send('ann@restante.local', message);
  const limitFiles = (size: string) =>
    execFileSync('prlimit', ['--pid', String(box.pid), `--fsize=${size}`]);
  assert.match((await offer()) ?? '', /^250 /);
  limitFiles('1:unlimited');
  assert.match((await offer()) ?? 'the line was lost', /^452 4\.3\.1 /);
  assert.match((await offer()) ?? 'the line was lost', /^452 4\.3\.1 /);
  assert.equal((await collect(box.ports.pop3, 'ann', 'a password')).length, 1);
  const status = await box.cli(['status']);
  assert.match(status.stdout, /does not take mail|has only .* left/);
  limitFiles('unlimited:unlimited');
  await box.said(/there is room again/i);
  assert.match((await offer()) ?? '', /^250 /);
  sender.hangUp();
  assert.equal((await collect(box.ports.pop3, 'ann', 'a password')).length, 2);
  assert.equal((await box.cli(['verify'])).status, 0);
});
