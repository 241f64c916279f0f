/*
 * A board without a clock of its own: the box starts in 1970 (faketime), and again a month later
 * that nobody has counted. Nothing expires, the clock is blamed and not the provider's certificate,
 * and when the clock is right the mail goes out.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { UplinkTestReport } from '#control/types';
import { TestAuthority } from '../support/certificates.ts';
import { startOutgoingBox } from '../support/outgoing-box.ts';
import { missingProgram } from '../support/programs.ts';
import { ScriptedSmtpServer } from '../support/scripted-smtp-server.ts';

/** Set anew for each start; empty: the true time. faketime's own program would start the box
 * twice. */
function wallClock(env: NodeJS.ProcessEnv, at: string): void {
  env['LD_PRELOAD'] = at === '' ? '' : '/usr/$LIB/faketime/libfaketime.so.1';
  env['FAKETIME'] = at === '' ? '' : `@${at}`;
}

test('a box that starts in 1970', { skip: missingProgram('faketime') }, async () => {
  // The dates of files, and so the date of the build, stay true.
  const env: NodeJS.ProcessEnv = { NO_FAKE_STAT: '1', TZ: 'UTC' };
  wallClock(env, '1970-01-01 00:05:00');
  const authority = await TestAuthority.make();
  let busy = true;
  const servers = { security: 'tls', certificate: await authority.issue() } as const;
  await using server = await ScriptedSmtpServer.listen(servers);
  await using plain = await ScriptedSmtpServer.listen({
    answer: ({ at }) => (at === 'rcpt' && busy ? '451 4.3.0 busy' : undefined),
  });
  // Far shorter than the years that the clock jumps, and longer than this test may take.
  const set = { 'queue.giveUp': '1h', 'queue.delayNotice': '30m' };
  await using box = await startOutgoingBox({ env, set });
  await box.person('ann', 'ann@example.org');
  await box.command(['address', 'add', 'ann', 'plain@example.org', '--outside']);
  const ca = await box.pem('provider.pem', authority.pem);
  await box.uplink('secure', server.port, '--security', 'tls', '--ca', ca);
  await box.uplink('plain', plain.port, '--for', 'plain@example.org');

  const send = (from: string) =>
    box.submit({ from, to: ['eve@example.net'], text: `Subject: ${from}\r\n\r\nHello.\r\n` });
  const ids = [await send('ann@example.org'), await send('plain@example.org')];
  const { say } = await box.untilCondition('secure', 'paused');
  assert.match(say, /clock/i);
  const status = await box.status();
  assert.equal(status.clock.sane, false);
  assert.match(status.clock.say, /^The clock shows 1970-01-01 00:0\d \(UTC\), which cannot be\./);
  assert.match(status.warnings.join('\n'), /The clock shows 1970/);
  const tested = await box.command<UplinkTestReport>(['uplink', 'test', 'secure']);
  assert.equal(tested.works, false);
  assert.match(tested.say, /^The box does not know what time it is/);
  await box.untilNoted(ids[1] ?? '', /plain answered 451 4\.3\.0 busy, next try in a minute/);

  wallClock(env, '1970-02-01 12:00:00');
  await box.box.restart('SIGKILL');
  assert.equal((await box.status()).clock.sane, false);
  const flushed = await box.flush();
  assert.deepEqual([flushed.messages, flushed.later, flushed.gaveUp], [2, 1, 0]);
  assert.equal((await box.queued()).length, 2, 'nothing has expired in a month');

  wallClock(env, '');
  await box.box.restart();
  const { clock, queue } = await box.status();
  assert.equal(clock.sane, true, clock.say);
  assert.ok(queue.messages > 0, 'nor in half a century');
  busy = false;
  await box.flush();
  for (const id of ids) await box.untilNoted(id, /^sent to eve@example\.net/);
  assert.deepEqual([server.taken.length, plain.taken.length], [1, 1]);
  const told = (await box.inbox('ann')).filter((mail) => /^Subject: (Not|Still)/m.test(mail));
  assert.deepEqual(told, []);
});
