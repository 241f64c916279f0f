/*
 * Whole boxes whose source does not let them in: who is busy is asked again later and nobody is
 * bothered; who refuses the password is not asked again before a person does something, and that
 * person hears of it once: in status, by the lamp, and by one local mail.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SourceTestReport } from '#control/types';
import { assertAre, letters } from '../support/collecting.ts';
import { folderOf } from '../support/scripted-imap-folder.ts';
import { ScriptedImapServer } from '../support/scripted-imap-server.ts';
import { ScriptedPop3Server, silence } from '../support/scripted-pop3-server.ts';
import { sourcePassword, startSourceBox } from '../support/source-box.ts';

const sent = letters('l', 3);
const minute = 60_000;

/** A provider that answers sign-ins like this as long as `isOdd`. */
async function provider(
  protocol: 'pop3' | 'imap',
  answer: string,
  isOdd: () => boolean,
  odd: (at: string) => string | undefined = () => undefined,
) {
  if (protocol === 'pop3') {
    const server = await ScriptedPop3Server.listen({
      messages: sent.map((octets, index) => ({ uid: `u${index}`, octets })),
      answer: ({ at }) => (at === 'pass' && isOdd() ? answer : odd(at)),
    });
    return { protocol, port: server.port, server };
  }
  const server = await ScriptedImapServer.listen({
    users: { ann: sourcePassword },
    folders: { INBOX: folderOf(sent) },
    answer: ({ verb }) => (verb === 'AUTHENTICATE' && isOdd() ? answer : odd(verb)),
  });
  return { protocol, port: server.port, server };
}

const busy = [
  ['pop3', '-ERR [IN-USE] Do you have another POP session running?'],
  ['pop3', '-ERR [LOGIN-DELAY] Minimum time between mail checks violation'],
  ['pop3', '-ERR [SYS/TEMP] Backend unavailable'],
  ['imap', '$tag NO [UNAVAILABLE] User database down'],
  ['imap', '$tag NO [INUSE] Mailbox is locked'],
] as const;

for (const [protocol, answer] of busy) {
  test(`it is tried again later: ${answer}`, async () => {
    let isOdd = true;
    const place = await provider(protocol, answer, () => isOdd);
    await using _server = place.server;
    await using box = await startSourceBox();
    await box.add('isp', place);
    const look = await box.collect('isp');
    assert.equal(look.works, false);
    const report = await box.sourceReport('isp');
    assert.equal(report.condition, 'unreachable');
    const wait = (report.nextAt ?? 0) - Date.now();
    assert.ok(wait > 0 && wait < 3 * minute, `again in ${wait} ms`);
    assert.equal(await box.lamp('status'), 'on');
    isOdd = false;
    assert.equal((await box.collect('isp')).works, true);
    assert.equal((await box.sourceReport('isp')).condition, 'well');
    const { collected, notices } = await box.mail();
    assertAre(collected, sent);
    assert.deepEqual(notices, []);
  });
}

const insideAnswers = [
  ['imap', 'SELECT', '$tag NO [UNAVAILABLE] Backend down'],
  ['imap', 'FETCH', '$tag NO [OVERQUOTA] Account exceeded command or bandwidth limits'],
  ['pop3', 'uidl', '-ERR [SYS/TEMP] Backend down'],
  ['pop3', 'retr', '-ERR [SYS/TEMP] Backend down'],
] as const;

for (const [protocol, asked, answer] of insideAnswers) {
  test(`let in and given nothing, it says so and is tried again later: ${asked}, ${answer}`, async () => {
    let isOdd = true;
    const odd = (at: string) => (at === asked && isOdd ? answer : undefined);
    const place = await provider(protocol, '', () => false, odd);
    const { sessions } = place.server;
    await using _server = place.server;
    await using box = await startSourceBox();
    await box.add('isp', place);
    const look = await box.collect('isp');
    assert.equal(look.works, false);
    assert.match(look.say, /127\.0\.0\.1 gives nothing out just now: .*(down|exceeded)/);
    const report = await box.sourceReport('isp');
    assert.equal(report.condition, 'unreachable');
    const wait = (report.nextAt ?? 0) - Date.now();
    assert.ok(wait > 0 && wait < 3 * minute, `again in ${wait} ms`);
    if (asked === 'SELECT') {
      const tested = await box.command<SourceTestReport>(['source', 'test', 'isp']);
      assert.equal(tested.works, false);
      assert.match(tested.say, /^127\.0\.0\.1 lets us in, and gives nothing out just now: .*down/);
    }
    // It signed off each time.
    assert.match(sessions.map(({ commands }) => commands.at(-1)).join(), /^(LOGOUT|QUIT|,)+$/);
    isOdd = false;
    assert.equal((await box.collect('isp')).works, true);
    assertAre((await box.mail()).collected, sent);
  });
}

test('a folder that is there and is not opened is told of in the words of its server', async () => {
  await using server = await ScriptedImapServer.listen({
    users: { ann: sourcePassword },
    folders: { INBOX: folderOf(sent), Shared: folderOf([]) },
    answer: ({ line }) =>
      /^SELECT "?Shared/.test(line) ? '$tag NO [NOPERM] Not yours' : undefined,
  });
  await using box = await startSourceBox();
  await box.add('isp', { protocol: 'imap', port: server.port }, ['--folders', 'Shared,INBOX']);
  const look = await box.collect('isp');
  assert.equal(look.say, 'isp does not open the folder "Shared": [NOPERM] Not yours');
  await box.untilSource('isp', 'well');
  const tested = await box.command<SourceTestReport>(['source', 'test', 'isp']);
  assert.equal(tested.works, false);
  assert.equal(tested.say, 'The folder "Shared" is not opened: [NOPERM] Not yours.');
  assertAre((await box.mail()).collected, sent);
});

const refusing = [
  ['pop3', '-ERR [AUTH] Invalid login or password'],
  ['pop3', '-ERR Authentication failed.'],
  ['imap', '$tag NO [AUTHENTICATIONFAILED] Invalid credentials'],
] as const;

for (const [protocol, answer] of refusing) {
  test(`it stops, and says so: ${answer}`, async () => {
    let isOdd = true;
    const place = await provider(protocol, answer, () => isOdd);
    const { sessions } = place.server;
    await using _server = place.server;
    await using box = await startSourceBox();
    await box.add('isp', place);
    await box.untilSource('isp', 'sign-in');
    const asked = sessions.length;
    assert.equal(asked, 1);
    const { warnings } = await box.status();
    assert.match(warnings.join('\n'), /Collecting from isp: .*restante source password isp/s);
    assert.equal(await box.lamp('status'), 'fast');
    const [notice] = (await box.mail()).notices;
    assert.match(notice ?? '', /^Subject: Your mail at isp is not collected\r$/m);
    assert.match(notice ?? '', /restante source password isp/);
    // Neither by the clock, nor by whoever asks for all, nor after a restart.
    const look = await box.collect('isp');
    assert.equal(look.works, false);
    assert.match(look.say, /restante source test isp/);
    await box.flush();
    await box.box.restart();
    await box.command(['source', 'collect']);
    assert.equal((await box.sourceReport('isp')).condition, 'sign-in');
    assert.equal(sessions.length, asked);
    // A person looks whether it works by now: once.
    const tested = await box.command<{ works: boolean }>(['source', 'test', 'isp']);
    assert.equal(tested.works, false);
    assert.equal((await box.sourceReport('isp')).condition, 'sign-in');
    assert.equal(sessions.length, asked + 1);
    isOdd = false;
    assert.equal((await box.command<{ works: boolean }>(['source', 'test', 'isp'])).works, true);
    assert.equal((await box.collect('isp')).works, true);
    assert.equal((await box.sourceReport('isp')).condition, 'well');
    assert.equal(await box.lamp('status'), 'on');
    const { collected, notices } = await box.mail();
    assertAre(collected, sent);
    assert.equal(notices.length, 1);
  });
}

test('a port of another protocol needs somebody, and the lamp says so until it is mended', async () => {
  const { server, port } = await provider('imap', '', () => false);
  await using _server = server;
  await using box = await startSourceBox();
  await box.add('isp', { protocol: 'pop3', port });
  await box.untilSource('isp', 'settings');
  await box.until('a lamp that says so', async () => (await box.lamp('status')) === 'fast');
  await box.command(['source', 'change', 'isp', '--protocol', 'imap', '--port', String(port)]);
  await box.untilSource('isp', 'well');
  await box.until('a lamp that says well', async () => (await box.lamp('status')) === 'on');
  assertAre((await box.mail()).collected, sent);
});

test('another password sets it going; a wrong one stops it again, and tells no more than that', async () => {
  const place = await provider('pop3', '', () => false);
  await using _server = place.server;
  await using box = await startSourceBox();
  await box.add('isp', place, [], 'wrong');
  await box.untilSource('isp', 'sign-in');
  await box.command(['source', 'password', 'isp'], 'wrong again');
  await box.untilSource('isp', 'sign-in');
  await box.command(['source', 'password', 'isp'], sourcePassword);
  assert.equal((await box.collect('isp')).works, true);
  const { collected, notices } = await box.mail();
  assertAre(collected, sent);
  assert.equal(notices.length, 1);
});

// The visit waits for two minutes.
test('a test does not wait for a visit that nobody lets in', { timeout: 100_000 }, async () => {
  let isSilent = true;
  const connected = Promise.withResolvers<void>();
  await using server = await ScriptedPop3Server.listen({
    answer({ at }) {
      if (at !== 'greeting' || !isSilent) return undefined;
      connected.resolve();
      return silence;
    },
  });
  await using box = await startSourceBox();
  await box.add('isp', { protocol: 'pop3', port: server.port });
  await connected.promise;
  isSilent = false;
  const tested = await box.command<{ works: boolean }>(['source', 'test', 'isp']);
  assert.equal(tested.works, true);
});
