/*
 * One sign-in for the uplink and the source of one provider account, in a whole box: a password that
 * either is told, and OAuth with tokens that are refused before their time.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type {
  SourceReport,
  StatusReport,
  UplinkSignInReport,
  UplinkTestReport,
} from '#control/types';
import { letters } from '../support/collecting.ts';
import { OAuthServer } from '../support/oauth-server.ts';
import { folderOf } from '../support/scripted-imap-folder.ts';
import { ScriptedImapServer, usualCapabilities } from '../support/scripted-imap-server.ts';
import { ScriptedPop3Server } from '../support/scripted-pop3-server.ts';
import { ScriptedSmtpServer } from '../support/scripted-smtp-server.ts';
import { type SourceBox, startSourceBox } from '../support/source-box.ts';

const sent = letters('l', 3);
const messages = sent.map((octets, index) => ({ uid: `u${index}`, octets }));

function uplink(box: SourceBox, port: number, password?: string) {
  const place = ['--host', '127.0.0.1', '--port', `${port}`, '--security', 'none'];
  return box.command(['uplink', 'add', 'out', '--user', 'ann', '--default', ...place], password);
}

function source(box: SourceBox, protocol: 'pop3' | 'imap', port: number, password?: string) {
  const place = ['--host', '127.0.0.1', '--port', `${port}`, '--security', 'none'];
  const whose = ['--account', 'ann', '--user', 'ann', '--since', 'all'];
  const words = ['source', 'add', 'in', '--protocol', protocol, ...place, ...whose];
  return box.command<SourceReport>(words, password);
}

async function knowsOAuth(box: SourceBox, oauth: OAuthServer): Promise<void> {
  const settings = {
    'oauth.own.client': oauth.client,
    'oauth.own.scope': oauth.scope,
    'oauth.own.token': oauth.address('token'),
    'oauth.own.device': oauth.address('device'),
    'oauth.own.ca': await box.pem('oauth.pem', oauth.ca),
  };
  for (const [name, value] of Object.entries(settings)) {
    await box.command(['settings', 'set', name, value]);
  }
}

async function signIn(box: SourceBox, oauth: OAuthServer): Promise<void> {
  const begun = await box.command<UplinkSignInReport>(['source', 'signin', 'in']);
  assert.ok(begun.step === 'device');
  oauth.approve(begun.code);
  const done = await box.command<UplinkSignInReport>(['source', 'signin', 'in', '--wait']);
  assert.equal(done.step, 'done');
}

const uplinkWorks = async (box: SourceBox) =>
  (await box.command<UplinkTestReport>(['uplink', 'test', 'out'])).works;

test('the password that the uplink has serves the source, and another one serves both', async () => {
  const users = { ann: 'first' };
  await using smtp = await ScriptedSmtpServer.listen({ mechanisms: ['PLAIN'], users });
  await using pop3 = await ScriptedPop3Server.listen({ messages, users });
  await using box = await startSourceBox();
  await uplink(box, smtp.port, 'first');
  assert.equal((await source(box, 'pop3', pop3.port)).signIn, 'password');
  assert.equal((await box.collect('in')).works, true);
  users.ann = 'second';
  await box.command(['source', 'password', 'in'], 'second');
  assert.equal((await box.collect('in')).works, true);
  assert.equal(await uplinkWorks(box), true);
  users.ann = 'third';
  await box.command(['uplink', 'password', 'out'], 'third');
  assert.equal((await box.collect('in')).works, true);
  // Whoever leaves hands it on.
  await box.command(['uplink', 'remove', 'out', '--yes']);
  await box.box.restart();
  assert.equal((await box.collect('in')).works, true);
  assert.deepEqual(await box.subjects(), ['l0', 'l1', 'l2']);
});

for (const protocol of ['pop3', 'imap'] as const) {
  test(`OAuth by ${protocol}: one sign-in, for both; a refused token is renewed once`, async (context) => {
    const oauth = await OAuthServer.start({ scope: 'mail' });
    context.after(() => oauth.stop());
    const users = {
      get ann() {
        return oauth.newest || 'no token at all';
      },
    };
    await using smtp = await ScriptedSmtpServer.listen({ mechanisms: ['XOAUTH2'], users });
    await using server =
      protocol === 'pop3'
        ? await ScriptedPop3Server.listen({ messages, users, mechanisms: ['XOAUTH2'] })
        : await ScriptedImapServer.listen({
            users,
            capabilities: usualCapabilities.filter((word) => word !== 'IDLE'),
            folders: { INBOX: folderOf(sent) },
          });
    await using box = await startSourceBox();
    await knowsOAuth(box, oauth);
    await uplink(box, smtp.port);
    assert.equal((await source(box, protocol, server.port)).signIn, 'missing');
    await signIn(box, oauth);
    assert.equal((await box.collect('in')).works, true);
    assert.equal(await uplinkWorks(box), true);
    const signIns = server.sessions.map(({ signedIn }) => signedIn).filter(Boolean);
    assert.deepEqual([...new Set(signIns)], ['XOAUTH2 ann']);
    // The provider ends the token before its time: nobody hears of it.
    const renewals = () =>
      oauth.asked.filter(({ form }) => form['grant_type'] === 'refresh_token').length;
    const before = renewals();
    oauth.endAccess();
    const { works, say } = await box.collect('in');
    assert.ok(works, say);
    assert.equal(renewals(), before + 1);
    // It throws the box out: that is for a person, who hears of it once, and of all that goes by it.
    oauth.revokeAll();
    const out = await box.collect('in');
    assert.equal(out.works, false);
    assert.match((await box.untilSource('in', 'sign-in')).say, /restante source signin in/);
    const asked = server.sessions.length;
    await box.flush();
    assert.equal(server.sessions.length, asked);
    const { collected, notices } = await box.mail();
    assert.equal(collected.length, 3);
    const about = notices.map((one) => /^Subject: (.*)\r$/m.exec(one)?.[1]);
    assert.deepEqual(about, ['Your mail box cannot sign in at out']);
    const text = (notices[0] ?? '').replaceAll(/\s+/g, ' ');
    assert.match(text, /Mail waits in the box until .* Nothing is collected from in until then/);
  });
}

test('a sign-in that is about to end is urgent, though nothing is sent by it', async (context) => {
  const oauth = await OAuthServer.start({ scope: 'mail' });
  context.after(() => oauth.stop());
  const users = {
    get ann() {
      return oauth.newest || 'no token at all';
    },
  };
  await using pop3 = await ScriptedPop3Server.listen({ messages, users, mechanisms: ['XOAUTH2'] });
  await using box = await startSourceBox();
  await knowsOAuth(box, oauth);
  await source(box, 'pop3', pop3.port);
  await signIn(box, oauth);
  assert.equal(await box.lamp('queue'), 'off');
  oauth.refreshSeconds = 1;
  await signIn(box, oauth);
  await box.until('the queue lamp', async () => (await box.lamp('queue')) === 'fast');
  const warned = async () => (await box.command<StatusReport>(['status'])).warnings.join('\n');
  assert.match(await warned(), /^The sign-in of in ends at .* restante source signin in$/);
  await uplink(box, pop3.port);
  assert.match(
    await warned(),
    /^The sign-in of out ends at [^\n]* restante uplink signin out$/,
    'once',
  );
});
