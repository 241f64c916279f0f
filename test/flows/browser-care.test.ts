/*
 * The second half of the whole box in a real browser: what an owner does when something is to be
 * cared for. Set-up by the button and by the command, a person who is locked out, a provider's
 * sign-in by device code, collecting that is paused and mended, a message that waits, backups, the
 * log, and removing. Dovecot and a scripted SMTP server are the provider.
 */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import type { BackupStatusReport, SetUpReport } from '#control/types';
import {
  type Chromium,
  missingChromium,
  phone,
  whole,
  withoutRefresh,
} from '../support/chromium.ts';
import { NetPeer } from '../support/net-peer.ts';
import { OAuthServer } from '../support/oauth-server.ts';
import { type OutgoingBox, password } from '../support/outgoing-box.ts';
import { boxInBrowser, heading, lookAt, ownerPassword, signIn } from '../support/owner-window.ts';
import { missingDovecot, ProviderDovecot, providerPassword } from '../support/provider-dovecot.ts';
import { ScriptedSmtpServer } from '../support/scripted-smtp-server.ts';

const skip = missingChromium() ?? missingDovecot() ?? false;
const user = 'ann@example.org';

describe('caring for the box in a real browser', { skip, timeout: 900_000 }, () => {
  let box: OutgoingBox;
  let chromium: Chromium;
  let dovecot: ProviderDovecot;
  let oauth: OAuthServer;
  let smtp: ScriptedSmtpServer;
  /** What the provider's SMTP server says to MAIL. */
  let mailAnswer: string | undefined;
  let folder: string;
  let page: Page;
  const parts = new AsyncDisposableStack();

  before(async () => {
    dovecot = parts.use(await ProviderDovecot.open());
    oauth = await OAuthServer.start({ scope: microsoftScope });
    parts.defer(() => oauth.stop());
    const answer = ({ at }: { readonly at: string }) => (at === 'mail' ? mailAnswer : undefined);
    smtp = parts.use(await ScriptedSmtpServer.listen({ answer }));
    const set = {
      // So that nobody may set it up unless somebody stands before it.
      profile: 'appliance',
      'oauth.microsoft.client': oauth.client,
      'oauth.microsoft.device': oauth.address('device'),
      'oauth.microsoft.token': oauth.address('token'),
    };
    const authorities = [dovecot.ca, oauth.ca];
    ({ box, chromium, page, folder } = await boxInBrowser(parts, authorities, set));
  });

  after(async () => {
    await parts.disposeAsync();
  });

  const site = () => `https://localhost:${box.box.ports.webs}`;

  async function choosePassword(at: Page): Promise<void> {
    await at.getByLabel('Password', { exact: true }).fill(ownerPassword);
    await at.getByLabel('The same once more').fill(ownerPassword);
    await at.getByRole('button', { name: /Make this box mine|Set the password/ }).click();
  }

  test('set-up waits for the button, and goes on by itself when it was held', async () => {
    const still = await chromium.window(phone);
    await withoutRefresh(still);
    for (const one of [still, page]) {
      await one.goto(site());
      await heading(one, 'This mail box is new');
    }
    await lookAt(still, 'set-up-closed');
    await still.context().close();
    await box.command(['panel', 'press', 'flush', '--hold', '3s']);
    await heading(page, 'Welcome to your mail box');
    assert.equal(await page.getByLabel('Code').count(), 0, 'whoever stands there needs no code');
    await choosePassword(page);
    await heading(page, 'Welcome. Who gets mail here?');
  });

  test('a forgotten password is set anew by the link that the command prints, once', async () => {
    const stranger = await chromium.window(phone);
    await stranger.goto(`${site()}/sign-in`);
    await stranger.getByRole('link', { name: 'I have forgotten it' }).click();
    await heading(stranger, 'Set-up is closed');
    await lookAt(stranger, 'forgotten');
    const { links, code } = await box.command<SetUpReport>(['setup', 'open']);
    const late = await chromium.window(phone);
    for (const one of [stranger, late]) {
      await one.goto(links[0] ?? '');
      await heading(one, 'Choose a new password');
      assert.equal(await one.getByLabel('Code').inputValue(), code);
    }
    await stranger.getByLabel('Code').fill('aaaa-bbbb');
    await choosePassword(stranger);
    await stranger.getByText('That is not the code.').waitFor();
    await lookAt(stranger, 'wrong-code');
    await stranger.getByLabel('Code').fill(code.toUpperCase());
    await choosePassword(stranger);
    await heading(stranger, 'Welcome. Who gets mail here?');
    await choosePassword(late);
    await late.getByText('its ten minutes are over, or it was used already').waitFor();
    await lookAt(late, 'code-used');
    await stranger.context().close();
    await late.context().close();
    // Whoever was signed in is told at once, and signs in again.
    await page.locator('[data-stale=over]').getByText('You are signed out').waitFor();
    assert.equal(await page.locator('.dot.on, .dot.slow, .dot.fast, .dot.pulse').count(), 0);
    await lookAt(page, 'signed-out');
    await page.getByRole('link', { name: 'Sign in' }).click();
    await heading(page, 'Sign in');
    await signIn(page, site());
  });

  test('somebody who is locked out is let in again', async () => {
    await box.person('ann', user);
    await box.person('bob');
    // The same wrong one again is a phone with an old password, and counts once.
    const tries = Array.from({ length: 12 }, (_, count) => signInByPop3('ann', `guess ${count}`));
    for (const said of await Promise.all(tries)) assert.match(said, /^-ERR/m);
    assert.match(await signInByPop3('ann', password), /^-ERR/m);
    await page.goto(site());
    await page.getByText(/Ann's password is being tried wrongly from 127\.0\.0\.1/).waitFor();
    await lookAt(page, 'locked-out');
    await page.getByRole('link', { name: /^A Ann|^Ann/ }).click();
    await page.getByRole('button', { name: 'Unlock now' }).click();
    await page.getByText('Signing in works again from everywhere.').waitFor();
    assert.doesNotMatch(await signInByPop3('ann', password), /^-ERR/m);
    await page.goto(site());
    assert.equal(await page.getByText(/tried wrongly/).count(), 0);
  });

  async function signInByPop3(name: string, secret: string): Promise<string> {
    const peer = await NetPeer.dial(box.box.ports.pop3);
    // Whoever guesses is kept waiting for some seconds.
    const closed = once(peer.socket, 'close');
    peer.say(`USER ${name}\r\nPASS ${secret}\r\nQUIT\r\n`);
    await closed;
    return peer.heard;
  }

  describe('a mailbox that is collected from', () => {
    const card = (): Locator => page.locator('#source-ann-localhost');

    test('is connected', async () => {
      await dovecot.fill(user, [letter('Tea on Sunday')]);
      await page.goto(`${site()}/providers/add?provider=other`);
      await page.getByLabel('For whom').selectOption('ann');
      await page.getByLabel('Mail address').fill(user);
      await page.getByLabel('Password there').fill(providerPassword);
      await page.getByLabel('Server for collecting (IMAP)').fill('localhost');
      await page.locator('#imap-port').fill(String(dovecot.port('imaps')));
      await page.getByRole('button', { name: 'Connect and test' }).click();
      await heading(page, 'That works');
      await box.untilMail('ann', /Tea on Sunday/);
    });

    test('is tested, paused, and collects again', async () => {
      await page.getByRole('link', { name: 'To the providers' }).click();
      await card().getByRole('button', { name: 'Test' }).click();
      await card().getByRole('status').getByText('It works').waitFor();
      await lookAt(page, 'source-tested');
      await card().getByRole('button', { name: 'Pause' }).click();
      await page.getByText('Nothing is collected from there until you say so.').waitFor();
      await card().getByText('paused').waitFor();
      await lookAt(page, 'source-paused');
      assert.equal(await card().getByRole('button', { name: 'Collect now' }).count(), 0);
      await card().getByRole('button', { name: 'Go on' }).click();
      await page.getByText('Mail is collected from there again.').waitFor();
      await card().getByRole('button', { name: 'Collect now' }).click();
      await card().getByText('Nothing new lies there.').waitFor();
    });

    test('gets another password, and a wrong one is told by its test', async () => {
      const give = async (secret: string) => {
        await card().locator('summary').click();
        await card().getByLabel('New password at the provider').fill(secret);
        await card().getByRole('button', { name: 'Use it' }).click();
        await page.getByText('Kept. Now test it.').waitFor();
        await card().getByRole('button', { name: 'Test' }).click();
      };
      await give('a-slip');
      // The box may have found it out by itself already, and say so on the same card.
      const tested = card().getByRole('status');
      await tested.getByText(/refuses the user or the password/).waitFor();
      assert.doesNotMatch(await card().innerText(), /restante/, 'no command on a page');
      await lookAt(page, 'source-refused');
      await give(providerPassword);
      await card().getByRole('status').getByText('It works').waitFor();
    });

    test('is removed after a yes, and its mail stays', async () => {
      await card().locator('summary').click();
      await card().getByRole('button', { name: 'Remove' }).click();
      await heading(page, 'Are you sure?');
      await lookAt(page, 'sure');
      await page.getByRole('link', { name: 'No, go back' }).click();
      await card().locator('summary').click();
      await card().getByRole('button', { name: 'Remove' }).click();
      await page.getByRole('button', { name: 'Yes, do it' }).click();
      await page.getByText('It is gone, and the box has forgotten its password.').waitFor();
      await whole(page);
      assert.equal(await card().count(), 0);
      const subjects = (await box.inbox('ann')).join('').match(/^Subject: Tea on Sunday/gm);
      assert.equal(subjects?.length, 1);
    });
  });

  test('a wrong port is put right, an unknown authority is trusted, and the password is typed once', async () => {
    const bridge = parts.use(await ProviderDovecot.open());
    const file = join(folder, 'bridge.pem');
    await writeFile(file, bridge.ca);
    await page.goto(`${site()}/providers/add?provider=other`);
    await page.getByLabel('For whom').selectOption('bob');
    await page.getByLabel('Mail address').fill('bob@bridge.example');
    await page.getByLabel('Password there').fill(providerPassword);
    await page.getByLabel('Server for collecting (IMAP)').fill('localhost');
    await page.locator('#imap-port').fill(String(bridge.port('imap')));
    await page.getByRole('button', { name: 'Connect and test' }).click();
    await heading(page, 'Not quite');
    await page.getByText('does not begin with TLS').waitFor();
    assert.equal(await page.locator('[type=password], #smtp-host').count(), 0);
    assert.equal(await page.locator('#imap-host').inputValue(), 'localhost');
    await lookAt(page, 'wrong-port');
    await page.locator('#imap-port').fill(String(bridge.port('imaps')));
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('give its certificate below').waitFor();
    await lookAt(page, 'not-trusted');
    assert.equal(await page.locator('[type=password]').count(), 0);
    await page.getByLabel('The certificate of the server').fill('hello');
    await page.getByRole('button', { name: 'Look at it' }).click();
    await page.getByText('The CA is no certificate in PEM form').waitFor();
    await lookAt(page, 'no-certificate');
    await page.getByLabel('Or choose the file').setInputFiles(file);
    await page.waitForFunction('document.querySelector("#ca").value.includes("BEGIN CERT")');
    await page.getByRole('button', { name: 'Look at it' }).click();
    await heading(page, 'Is this the certificate?');
    const { fingerprint256 } = new X509Certificate(bridge.ca);
    assert.equal(await page.locator('.print').innerText(), fingerprint256);
    await lookAt(page, 'trust');
    await page.getByRole('button', { name: 'Trust it, and connect' }).click();
    await heading(page, 'That works');
    await lookAt(page, 'trusted');
    assert.ok(!box.box.log.join('').includes(providerPassword));
  });

  test('a message that waits is tried by hand, says why, and goes', async () => {
    await box.uplink('post', smtp.port);
    mailAnswer = '451 4.3.2 Come back later';
    const to = ['friend@example.net'];
    const id = await box.submit({ to, text: letter('Yes, gladly') });
    await box.untilNoted(id, /Come back later/);
    await page.goto(`${site()}/queue`);
    await page.getByRole('link', { name: /^To friend@example\.net/ }).click();
    await heading(page, 'One message');
    await lookAt(page, 'waits');
    await page.getByRole('button', { name: 'Try now' }).click();
    await page.getByText('Not sent yet. What was answered stands below').waitFor();
    await lookAt(page, 'tried');
    mailAnswer = undefined;
    await page.getByRole('button', { name: 'Try now' }).click();
    await page.getByText('Sent.', { exact: true }).waitFor();
    await page.getByText('It does not wait any more.').waitFor();
    await lookAt(page, 'sent');
    assert.match(smtp.taken[0]?.octets.toString() ?? '', /Subject: Yes, gladly/);
  });

  test('the log knows where a message is, and says when it knows of none', async () => {
    await page.getByRole('link', { name: 'Box', exact: true }).click();
    await page.getByRole('link', { name: 'Log', exact: true }).last().click();
    await heading(page, 'Where is my message?');
    const search = async (address: string) => {
      await page.getByLabel('An address it came from, or went to').fill(address);
      await page.getByRole('button', { name: 'Look' }).click();
    };
    await search('friend@example.net');
    await page
      .getByText(/Come back later/)
      .first()
      .waitFor();
    await lookAt(page, 'log-hit');
    await search('nobody@example.net');
    await page.getByText('The box knows of no mail from or to nobody@example.net.').waitFor();
    await lookAt(page, 'log-none');
  });

  test('backups: scheduled, made by hand, tried out, and no more', async () => {
    await page.goto(`${site()}/box`);
    await page.getByText('Set backups up').click();
    await page.getByLabel('Folder').fill(join(folder, 'nowhere'));
    await page.getByLabel('Every').fill('often');
    await page.getByLabel('Passphrase').fill('to be written down');
    await page.getByRole('button', { name: 'Save' }).click();
    assert.match(await page.locator('#disk ~ .fault').innerText(), /often/);
    assert.equal(await page.getByLabel('Folder').inputValue(), join(folder, 'nowhere'));
    await lookAt(page, 'backups-wrong');
    await page.getByLabel('Folder').fill(folder);
    await page.getByLabel('Every').fill('7d');
    await page.getByLabel('Passphrase').fill('to be written down');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('the first one at once').waitFor();
    await untilBackups(1);
    await page.goto(`${site()}/box`);
    await page.getByText('every 7 days').waitFor();
    await page.getByRole('button', { name: 'Back up now' }).click();
    await untilBackups(2);
    await page.getByText(/^The last one, .*restored for a trial, and found whole/).waitFor();
    await lookAt(page, 'backups');
    await page.getByText('Change the schedule').click();
    await page.getByRole('button', { name: 'Make no more backups' }).click();
    await page.getByText('No more backups are made. Those that are there stay.').waitFor();
    await page.getByText('No backup is made by itself yet.').waitFor();
  });

  function untilBackups(count: number): Promise<unknown> {
    return box.until(`backup ${count}`, async () => {
      const { state, history } = await box.command<BackupStatusReport>(['backup', 'status']);
      return state === 'waiting' && history.length >= count;
    });
  }

  test('a sign-in on the provider’s pages, with its address, its code and a picture of it', async () => {
    await page.goto(`${site()}/providers/add`);
    await page.getByRole('link', { name: 'Outlook.com', exact: false }).first().click();
    await page.getByLabel('For whom').selectOption('bob');
    await page.getByLabel('Mail address').fill('bob@outlook.com');
    await page.getByLabel('Collect mail from there').uncheck();
    await page.getByRole('button', { name: 'Connect and test' }).click();
    await heading(page, 'Sign in at the provider');
    await page.getByRole('link', { name: oauth.address('activate') }).waitFor();
    await page.getByRole('img', { name: /QR code/ }).waitFor();
    await lookAt(page, 'device-code');
    const code = await page.locator('.code').innerText();
    oauth.decline(code);
    await page.getByRole('button', { name: 'I have typed it' }).click();
    await page.getByText('The sign-in was declined at Microsoft.').waitFor();
    await lookAt(page, 'device-declined');
    assert.equal(await page.locator('[type=password]').count(), 0, 'there is no password');
    await page.getByRole('button', { name: 'Try again' }).click();
    await heading(page, 'Sign in at the provider');
    oauth.approve(await page.locator('.code').innerText());
    await page.getByRole('button', { name: 'I have typed it' }).click();
    // Outlook itself cannot be reached from a test.
    await page.getByText('It was kept, and is tried again by itself.').waitFor();
    await lookAt(page, 'device-done');
    await page.getByRole('link', { name: 'To the providers' }).click();
    await page.getByRole('button', { name: 'Sign in anew' }).click();
    oauth.approve(await page.locator('.code').innerText());
    await page.getByRole('button', { name: 'I have typed it' }).click();
    await heading(page, 'That works');
  });

  test('a way out is removed, and then a person, each after a yes', async () => {
    await page.goto(`${site()}/providers`);
    const card = page.locator('#uplink-post');
    mailAnswer = '451 4.3.2 Come back later';
    await box.submit({ to: ['friend@example.net'], text: letter('And again') });
    await card.locator('summary').click();
    await card.getByRole('button', { name: 'Remove' }).click();
    // Only because mail waits for it.
    await heading(page, 'Are you sure?');
    await lookAt(page, 'sure-uplink');
    await page.getByRole('button', { name: 'Yes, do it' }).click();
    await page.getByText('It is gone, and the box has forgotten its password.').waitFor();
    await whole(page);
    assert.equal(await card.count(), 0);
    await page.goto(`${site()}/people/ann`);
    await page.getByRole('button', { name: 'Remove Ann', exact: true }).click();
    await heading(page, 'Are you sure?');
    await lookAt(page, 'sure-person');
    await page.getByRole('link', { name: 'No, go back' }).click();
    await heading(page, 'People');
    await page.goto(`${site()}/people/ann`);
    await page.getByRole('button', { name: 'Remove Ann', exact: true }).click();
    await page.getByRole('button', { name: 'Yes, do it' }).click();
    await page.getByText('The account ann and its mail are gone.').waitFor();
    const { accounts } = await box.status();
    assert.deepEqual(
      accounts.map(({ name }) => name),
      ['bob'],
    );
  });

  test('when the power goes, the lamps go out with a word, and come back with a sign-in', async () => {
    await page.goto(site());
    await page.locator('.bulb.status.on, .bulb.status.slow, .bulb.status.fast').waitFor();
    await box.box.kill('SIGKILL');
    await page.locator('[data-stale=away]').getByText('cannot be reached').waitFor();
    assert.equal(await page.locator('.bulb.on, .bulb.slow, .bulb.fast, .bulb.pulse').count(), 0);
    await page.getByText('not known just now').first().waitFor();
    await lookAt(page, 'away');
    await box.box.start();
    await page.locator('[data-stale=over]').waitFor();
    await page.getByRole('link', { name: 'Sign in' }).click();
    await heading(page, 'Sign in');
    await signIn(page, site());
    await page.locator('.bulb.status.on, .bulb.status.slow, .bulb.status.fast').waitFor();
    assert.equal(await page.locator('[data-stale]:visible').count(), 0);
  });

  test('nobody but the box was asked, and no page complained', () => {
    // The session that ended, and the box that was off: how a connection to it ends, or does not
    // come about, is a matter of the moment.
    const expected =
      /^401 .*\/live$|net::ERR_(CONNECTION_(REFUSED|RESET|CLOSED)|INCOMPLETE_CHUNKED_ENCODING|EMPTY_RESPONSE)$/;
    const complaints = chromium.complaints.filter((line) => !expected.test(line));
    assert.deepEqual(complaints, []);
    assert.deepEqual([...chromium.asked], [site()]);
  });
});

const microsoftScope = ['SMTP.Send', 'IMAP.AccessAsUser.All', 'POP.AccessAsUser.All']
  .map((right) => `https://outlook.office.com/${right}`)
  .concat('offline_access')
  .join(' ');

function letter(subject: string): Buffer {
  const from = 'From: Ann <ann@restante.local>\r\nTo: friend@example.net\r\n';
  return Buffer.from(`${from}Message-ID: <1@example.net>\r\nSubject: ${subject}\r\n\r\nHello.\r\n`);
}
