/*
 * What a power cut leaves. SIGKILL under load shows that every acknowledged message is there once;
 * that acknowledgement waits for the disk is read off the system calls, for a killed process's
 * writes survive in the kernel and would hide a missing fsync.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { startBox, type TestBox } from '../support/box.ts';
import { missingProgram } from '../support/programs.ts';
import { collect, SmtpSender } from '../support/smtp-peer.ts';

const rounds = 12;
const senders = 8;

test('killed at random moments under load, every acknowledged message is there once', async () => {
  await using box = await startBox();
  await box.addAccount('ann', 'a password');
  const acknowledged: string[] = [];
  for (let round = 0; round < rounds; round += 1) {
    await loadUntilKilled(box, round, acknowledged);
    await box.start();
  }
  assert.ok(acknowledged.length > rounds * senders, `only ${acknowledged.length} were taken in`);
  const found = new Map<string, number>();
  for (const message of await collect(box.ports.pop3, 'ann', 'a password')) {
    const mark = /^Subject: (.*)\r$/m.exec(message)?.[1] ?? 'no subject';
    assert.ok(message.includes(`\r\nthe end of ${mark}\r\n`), `${mark} is whole`);
    found.set(mark, (found.get(mark) ?? 0) + 1);
  }
  for (const mark of acknowledged) assert.equal(found.get(mark), 1, `${mark} is there once`);
  for (const [mark, times] of found) assert.equal(times, 1, `${mark} is there once`);
  const verified = await box.cli(['verify']);
  assert.equal(verified.status, 0, verified.stdout + verified.stderr);
});

/** Sends as fast as the box answers; kills it after a number of acknowledgements drawn by lot. */
async function loadUntilKilled(box: TestBox, round: number, acknowledged: string[]): Promise<void> {
  let left = 1 + Math.floor(Math.random() * 120);
  const dead = box.ended;
  const load = Array.from({ length: senders }, async (_, number) => {
    const sender = await SmtpSender.dial(box.ports.smtp);
    for (let count = 0; ; count += 1) {
      const mark = `${round}-${number}-${count}`;
      // Some are longer than a chunk, so that spilled ones are cut off too.
      const filling = 'some text to fill the message\r\n'.repeat(count % 7 === 3 ? 5_000 : 50);
      const message = `Subject: ${mark}\r\n\r\n${filling}the end of ${mark}`;
      const reply = await sender.send('ann@restante.local', message);
      if (reply === undefined) break;
      assert.match(reply, /^250 /);
      acknowledged.push(mark);
      left -= 1;
      if (left === 0) void box.kill('SIGKILL');
    }
    sender.hangUp();
  });
  await Promise.all([...load, dead]);
}

test('250 is said only after the log was forced to disk', async (context) => {
  const missing = missingProgram('strace');
  if (missing) return context.skip(missing);
  await using box = await startBox();
  await box.addAccount('ann', 'a password');
  const sender = await SmtpSender.dial(box.ports.smtp);
  const calls = ['fsync', 'fdatasync', 'write', 'writev', 'sendto', 'sendmsg', 'pwrite64'];
  const strace = spawn('strace', ['-f', '-p', String(box.pid), '-y', '-e', calls.join(',')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let trace = '';
  strace.stderr.on('data', (octets: Buffer) => {
    trace += octets.toString();
  });
  while (!/attached/.test(trace)) await once(strace.stderr, 'data');
  const reply = await sender.send('ann@restante.local', 'Subject: one\r\n\r\nHello');
  assert.match(reply ?? '', /^250 /);
  strace.kill('SIGINT');
  await once(strace, 'close');
  const said = trace.search(/write[v]?\([^\n]*250 2\.0\.0/);
  const wal = trace.search(
    /f(data)?sync\([^\n]*mail\.db-wal>\) = 0|<\.\.\. f(data)?sync resumed>\) *= 0/,
  );
  assert.ok(said > 0 && wal > 0, trace);
  assert.ok(wal < said, 'the disk came first');
  sender.hangUp();
});
