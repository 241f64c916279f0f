/*
 * The whole box in a real browser: a newcomer with a phone sets it up, a second person is added
 * without script, and then daily life. Debian's Dovecot and Postfix are the provider. Every page is
 * looked at by axe-core, light and dark, on a phone and on a desk; strangers' mail tries to be more
 * than text; and nothing but the box is ever asked for anything.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import type { BackupStatusReport } from '#control/types';
import { graveFaults } from '../support/axe.ts';
import { type Chromium, desk, type Look, missingChromium, phone } from '../support/chromium.ts';
import { NetPeer } from '../support/net-peer.ts';
import { type OutgoingBox, password } from '../support/outgoing-box.ts';
import { boxInBrowser, heading, ownerPassword, signIn } from '../support/owner-window.ts';
import { missingDovecot, ProviderDovecot, providerPassword } from '../support/provider-dovecot.ts';
import { missingPostfix, ProviderPostfix, user } from '../support/provider-postfix.ts';
import { SmtpSender } from '../support/smtp-peer.ts';

const skip = missingChromium() ?? missingDovecot() ?? missingPostfix() ?? false;

describe('in a real browser', { skip, timeout: 900_000 }, () => {
  let box: OutgoingBox;
  let chromium: Chromium;
  let dovecot: ProviderDovecot;
  let postfix: ProviderPostfix;
  let folder: string;
  let page: Page;
  const parts = new AsyncDisposableStack();

  before(async () => {
    const postfixStarts = ProviderPostfix.start({ password: providerPassword });
    dovecot = parts.use(await ProviderDovecot.open());
    postfix = parts.use(await postfixStarts);
    const authorities = [dovecot.ca, postfix.ca];
    ({ box, chromium, page, folder } = await boxInBrowser(parts, authorities));
  });

  after(async () => {
    await parts.disposeAsync();
  });

  const site = () => `https://localhost:${box.box.ports.webs}`;

  /** A window in which the owner is signed in. */
  async function signedIn(look: Look): Promise<Page> {
    const fresh = await chromium.window(look);
    await signIn(fresh, site());
    return fresh;
  }

  /** As a mail program does it. */
  async function deleteAll(name: string): Promise<void> {
    const peer = await NetPeer.dial(box.box.ports.pop3);
    const { length } = await box.inbox(name);
    const numbers = Array.from({ length }, (_, index) => `DELE ${index + 1}\r\n`);
    peer.say(`USER ${name}\r\nPASS ${password}\r\n${numbers.join('')}QUIT\r\n`);
    assert.doesNotMatch(await peer.hearEnd(), /^-ERR/m);
  }

  test('somebody with a phone makes the box theirs', async () => {
    await page.goto(`http://localhost:${box.box.ports.web}/`);
    await heading(page, 'Your mail box is here');
    const faults = [...(await graveFaults(page))];
    await page.getByRole('link', { name: 'Go to my mail box' }).click();
    await heading(page, 'Welcome to your mail box');
    const [, code = ''] = /\?code=([a-z-]+)/.exec(await box.box.said(/^Set this box up/)) ?? [];
    const make = async (typed: string, again = ownerPassword) => {
      await page.getByLabel('Code').fill(typed);
      await page.getByLabel('Password', { exact: true }).fill(ownerPassword);
      await page.getByLabel('The same once more').fill(again);
      await page.getByRole('button', { name: 'Make this box mine' }).click();
    };
    await make('aaaa-bbbb');
    await page.getByText('That is not the code').waitFor();
    await make(code, 'three big boats');
    await page.getByText('These two are not the same').waitFor();
    // With what is wrong beside its field.
    faults.push(...(await graveFaults(page)));
    await page.emulateMedia({ colorScheme: 'dark' });
    faults.push(...(await graveFaults(page, 'colours')));
    await page.emulateMedia({ colorScheme: 'light' });
    assert.deepEqual(faults, []);
    await make(code);
    await heading(page, 'Welcome. Who gets mail here?');
  });

  test('the first person, with a provider that is really tried', async () => {
    await page.getByLabel('A short name').fill('ann');
    await page.getByLabel('A password for it').fill(password);
    await page.getByRole('button', { name: 'Go on' }).click();
    await heading(page, 'Where does Ann have mail?');
    await page.getByRole('link', { name: 'Another one' }).click();
    await heading(page, 'Ann at another provider');
    await connect(page, 'no-horse');
    await heading(page, 'Not quite');
    const said = await page.getByRole('listitem').allInnerTexts();
    assert.match(said.join('\n'), /refuses the user or the password/);
    await page.getByLabel(/^The password for .*, once more$/).fill(providerPassword);
    await page.getByRole('button', { name: 'Try again' }).click();
    await heading(page, 'That works');
    // The slip of the finger left nothing behind, no mail about it either.
    const { accounts } = await box.status();
    assert.deepEqual(
      accounts.map(({ name, messages }) => [name, messages]),
      [['ann', 0]],
    );
    await page.getByRole('link', { name: 'Now the phone' }).click();
    await heading(page, 'Mail on Ann’s phone');
    await page.getByRole('img', { name: /QR code/ }).waitFor();
  });

  /** The provider that nobody has heard of: Dovecot and Postfix. */
  async function connect(at: Page, secret: string, as = user): Promise<void> {
    await at.getByLabel('Mail address').fill(as);
    await at.getByLabel('Password there').fill(secret);
    // Postfix knows nobody else.
    if (as === user) {
      await at.getByLabel('Server for sending (SMTP)').fill('localhost');
      await at.locator('#smtp-port').fill(String(postfix.port('tls')));
    }
    await at.getByLabel('Server for collecting (IMAP)').fill('localhost');
    await at.locator('#imap-port').fill(String(dovecot.port('imaps')));
    await at.getByRole('button', { name: 'Connect and test' }).click();
  }

  test('a second person, on a desk, without script', async () => {
    const plain = await signedIn({ ...desk, script: false });
    await plain.getByRole('link', { name: 'People' }).click();
    await plain.getByRole('link', { name: 'Add a person' }).click();
    await heading(plain, 'Who else gets mail here?');
    await plain.getByLabel('A short name').fill('ann');
    await plain.getByLabel('A password for it').fill(password);
    await plain.getByRole('button', { name: 'Go on' }).click();
    assert.match(await plain.getByRole('alert').innerText(), /ann/);
    await plain.getByLabel('A short name').fill('bob');
    await plain.getByLabel('A password for it').fill(password);
    await plain.getByRole('button', { name: 'Go on' }).click();
    await heading(plain, 'Where does Bob have mail?');
    await plain.getByRole('link', { name: 'Gmail' }).click();
    await heading(plain, 'Bob at Gmail');
    await plain.getByText('app password', { exact: false }).first().waitFor();
    await plain.getByRole('link', { name: 'Choose another' }).click();
    await plain.getByRole('link', { name: 'Another one' }).click();
    await connect(plain, providerPassword, 'bob@example.org');
    await heading(plain, 'That works');
    await plain.getByRole('link', { name: 'Now the phone' }).click();
    await heading(plain, 'Mail on Bob’s phone');
    await plain.getByRole('link', { name: 'Done' }).click();
    await heading(plain, 'Home');
    await plain.getByRole('link', { name: /^Bob/ }).waitFor();
    // Daily life needs no script either.
    await plain.getByRole('button', { name: 'Hold' }).click();
    await plain.getByText('On hold: nothing goes out until you end it.').waitFor();
    await plain.getByRole('button', { name: 'End hold' }).click();
    await plain.getByText('Mail goes out again.').waitFor();
    await plain.context().close();
  });

  test('the help page of a person needs no sign-in', async () => {
    const address = await page.getByRole('link', { name: /\/join\// }).innerText();
    const stranger = await chromium.window(phone);
    await stranger.goto(address);
    await heading(stranger, 'Your mail on your devices');
    await stranger.getByText('ann@restante.local').first().waitFor();
    assert.deepEqual(await graveFaults(stranger), []);
    await stranger.emulateMedia({ colorScheme: 'dark' });
    assert.deepEqual(await graveFaults(stranger), []);
    await stranger.setViewportSize({ width: 320, height: 640 });
    for (const light of [address, `${site()}/sign-in`, `${site()}/setup`]) {
      await stranger.goto(light);
      assert.equal(await stranger.evaluate('document.documentElement.scrollWidth'), 320, light);
      assert.deepEqual(await graveFaults(stranger), []);
    }
    await stranger.context().close();
  });

  test('whoever comes again by the plain page is still signed in', async () => {
    await page.goto(`http://localhost:${box.box.ports.web}/`);
    await page.getByRole('link', { name: 'Go to my mail box' }).click();
    await heading(page, 'Home');
  });

  test('somebody without a mouse finds the way', async () => {
    await page.keyboard.press('Tab');
    await page.getByRole('link', { name: 'To the content' }).and(page.locator(':focus')).waitFor();
    await page.keyboard.press('Enter');
    await page.locator('main:focus').waitFor();
    await page.keyboard.press('Tab');
    await page.getByRole('button', { name: 'send now' }).and(page.locator(':focus')).waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('status').filter({ hasText: 'Nothing waits to go out.' }).waitFor();
  });

  test('mail is collected, and the lamp on the page goes on by itself', async () => {
    await page.getByRole('link', { name: /^Ann.*nothing new/ }).waitFor();
    await page.locator('.bulb.mail.off').waitFor();
    await dovecot.fill(user, [letter('Tea on Sunday', 'Dora <dora@example.net>')]);
    const other = await signedIn(desk);
    await other.getByRole('link', { name: 'Providers' }).click();
    await other.locator('#source-ann-localhost').getByText('Collect now').click();
    await other.getByText(/1 message collected|Nothing new lies there/).waitFor();
    await other.context().close();
    // Nobody has touched this page.
    await page.locator('.bulb.mail.on').waitFor();
    await page.getByRole('link', { name: /^Ann.*1 new/ }).waitFor();
    assert.match(await box.untilMail('ann', /Tea on Sunday/), /dora@example\.net/);
  });

  test('mail waits on hold, and the button on the page sends it', async () => {
    await page.getByRole('button', { name: 'Hold', exact: true }).click();
    await heading(page, 'Outgoing');
    await page.getByRole('link', { name: 'Home' }).click();
    await heading(page, 'Home');
    await box.submit({
      to: ['friend@example.net'],
      text: letter('Yes, gladly', 'Ann <ann@restante.local>'),
    });
    await page.getByText('1 message waits.').waitFor();
    await page.getByRole('button', { name: 'send now' }).click();
    await page.getByRole('status').filter({ hasText: '1 sent.' }).waitFor();
    const [sent = ''] = await postfix.delivered(1);
    assert.match(sent, /Subject: Yes, gladly/);
    assert.match(sent, /^From:.*ann@example\.org/m);
    await page.getByText('Nothing waits to go out.').waitFor();
  });

  test('a message that waits says why, and is dropped', async () => {
    await box.submit({
      to: ['nobody@example.net'],
      text: letter('Never mind', 'ann@restante.local'),
    });
    await page.getByRole('link', { name: 'Outgoing' }).first().click();
    await page.getByRole('link', { name: /^To nobody@example\.net/ }).click();
    await heading(page, 'One message');
    await page.getByRole('heading', { name: 'What happened so far' }).waitFor();
    await page.getByText('Drop it unsent').click();
    await page.getByRole('button', { name: 'Drop it' }).click();
    await heading(page, 'Are you sure?');
    await page.getByRole('button', { name: 'Yes, do it' }).click();
    await page.getByText('Dropped unsent').waitFor();
    await page.getByRole('button', { name: 'End hold' }).click();
    await page.getByText('Mail goes out again.').waitFor();
    assert.deepEqual(await box.queued(), []);
  });

  test('what was deleted comes back from the shelf', async () => {
    await box.untilMail('ann', /Never mind/); // the notice about it
    await deleteAll('ann');
    await page.goto(`${site()}/shelf`);
    await page.getByRole('checkbox', { name: /Tea on Sunday/ }).check();
    await page.getByRole('button', { name: 'Put back' }).click();
    await page.getByText('Put back: 1.').waitFor();
    const inbox = await box.inbox('ann');
    assert.equal(inbox.length, 1);
    assert.match(inbox[0] ?? '', /Tea on Sunday/);
  });

  test('a setting that is wrong says so beside its field', async () => {
    await page.goto(`${site()}/settings?open=queue`);
    const field = page.locator('#queue-windows-value');
    await field.fill('whenever');
    await page.locator('#queue-windows').getByRole('button', { name: 'Save' }).click();
    const fault = page.locator('#queue-windows').getByRole('alert');
    assert.match(await fault.innerText(), /07:00/);
    assert.equal(await field.inputValue(), 'whenever');
    await page.locator('#queue-windows-value:focus').waitFor();
    await field.fill('00:00-23:59');
    await page.locator('#queue-windows').getByRole('button', { name: 'Save' }).click();
    await page.getByText('queue.windows is 00:00-23:59, and holds from now on.').waitFor();
    await page.locator('#queue-windows').getByRole('button', { name: 'Back to the usual' }).click();
    await page.getByText('queue.windows is empty, and holds from now on.').waitFor();
  });

  test('a printer, and a password that is shown once', async () => {
    await page.getByRole('link', { name: 'People' }).click();
    await page.getByText('Add a device').click();
    await page.getByLabel('What it is called').fill('printer');
    await page.getByLabel('Its IP address').fill('192.168.300.1');
    await page.getByLabel('Whose mail it sends').selectOption('bob');
    await page.getByRole('button', { name: 'Add it' }).click();
    assert.match(await page.getByRole('alert').innerText(), /192\.168\.300\.1/);
    await page.getByLabel('Its IP address').fill('192.168.30.1');
    await page.getByRole('button', { name: 'Add it' }).click();
    await page.getByText('printer may send.').waitFor();
    await page.getByRole('link', { name: /^B Bob|^Bob/ }).click();
    await page.getByLabel('For which device').fill('tablet');
    await page.getByRole('button', { name: 'Make a password' }).click();
    const made = await page.locator('.code').innerText();
    assert.match(made, /^\S{12,}$/);
    await page.goto(page.url());
    await page.getByRole('button', { name: 'Revoke the password tablet' }).waitFor();
    assert.ok(!(await page.content()).includes(made));
    assert.ok(!box.box.log.join('').includes(made));
  });

  test('backups are set up, and the first one is tried', async () => {
    await page.goto(`${site()}/box`);
    await page.getByText('Set backups up').click();
    await page.getByLabel('Folder').fill(folder);
    await page.getByLabel('Passphrase').fill('to be written down');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('the first one at once').waitFor();
    await box.until('the first backup', async () => {
      const { state, history } = await box.command<BackupStatusReport>(['backup', 'status']);
      return state === 'waiting' && history.length === 1;
    });
    await page.getByRole('link', { name: 'Box', exact: true }).click();
    await page.getByText(/^The last one, .*restored for a trial/).waitFor();
    await page.getByRole('button', { name: 'Back up now' }).waitFor();
  });

  describe('what strangers write', () => {
    let id: string;

    before(async () => {
      const subjects = [
        nasty,
        turned,
        'm'.repeat(10_000),
        'a\0b\u001b[2Jc',
        `=?utf-8?q?${encoded}?=`,
      ];
      for (const subject of subjects) {
        const peer = await SmtpSender.dial(box.box.ports.smtp);
        const from = `From: "${nasty.replaceAll('"', '')}" <eve@example.com>`;
        const file = `Content-Disposition: attachment; filename="${turned}<b>.exe"`;
        const text = `${from}\r\nSubject: ${subject}\r\n${file}\r\n\r\nHello.`;
        assert.match(
          (await peer.send('ann@restante.local', text)) ?? '',
          /^250/,
          subject.slice(0, 40),
        );
        peer.hangUp();
      }
      await box.untilMail('ann', /a.?b/s);
      await deleteAll('ann');
      await box.command(['hold']);
      const to = ['"<script>alert(1)</script>"@example.net', `${'x'.repeat(60)}@example.net`];
      id = await box.submit({ to, text: letter(nasty, 'ann@restante.local') });
      await box.command(['account', 'passwords', 'add', 'bob', '<img src=x onerror=alert(1)>']);
    });

    const places = () => [
      ...['/', '/welcome', '/welcome/ann/provider', '/welcome/ann/provider?provider=gmail'],
      ...['/welcome/ann/provider?provider=other', '/welcome/ann/phone', '/people', '/people/ann'],
      ...['/people/bob', '/providers', '/providers/add?provider=outlook', '/queue', `/queue/${id}`],
      ...['/shelf', '/box', '/log', `/log?address=${encodeURIComponent('eve@example.com')}`],
      ...[`/log?address=${encodeURIComponent(nasty)}`, '/settings?open=queue', '/password'],
      ...['/people/nobody', '/nowhere'],
    ];

    test('stays text on every page, and fits on the smallest phone', async () => {
      await page.setViewportSize({ width: 320, height: 640 });
      for (const place of places()) {
        await page.goto(`${site()}${place}`);
        const seen = (await page.evaluate(`({
          wide: document.documentElement.scrollWidth,
          strange: document.querySelectorAll('main script, main img, iframe, [onerror], [onload]').length,
          text: document.body.innerText,
        })`)) as { wide: number; strange: number; text: string };
        assert.equal(seen.strange, 0, place);
        assert.ok(seen.wide <= 320, `${place} is ${seen.wide} wide`);
        assert.doesNotMatch(seen.text, /[\0\u001b\p{Bidi_Control}]/u, place);
      }
      await page.goto(`${site()}/shelf`);
      await page.getByText('<script>alert(1)</script>').first().waitFor();
      await page.setViewportSize(phone);
    });

    for (const look of [phone, desk]) {
      test(`everybody can use every page, ${look.width} px wide`, async () => {
        const faults: string[] = [];
        await page.setViewportSize(look);
        for (const place of places()) {
          await page.emulateMedia({ colorScheme: 'light' });
          await page.goto(`${site()}${place}`);
          faults.push(...(await graveFaults(page)));
          // The colours are the same at every width.
          if (look === desk) continue;
          await page.emulateMedia({ colorScheme: 'dark' });
          faults.push(...(await graveFaults(page, 'colours')));
        }
        assert.deepEqual(faults, []);
      });
    }
  });

  test('nobody but the box was asked, and no page complained', () => {
    assert.deepEqual(chromium.complaints, []);
    const own = [site(), `http://localhost:${box.box.ports.web}`];
    assert.deepEqual([...chromium.asked].sort(), own.sort());
  });
});

/** Tries to be more than text. */
const nasty = `<script>alert(1)</script>"><img src=x onerror=alert(1)>{{{x}}}</title><svg/onload=alert(1)>`;
/** Tries to be read from the other side. */
const turned = 'invoice\u202efdp.exe';
const encoded = '=3Cscript=3Ealert(1)=3C/script=3E=E2=80=AEabc';

function letter(subject: string, from: string): Buffer {
  const to = 'To: ann@example.org\r\nMessage-ID: <1@example.net>\r\n';
  return Buffer.from(`From: ${from}\r\n${to}Subject: ${subject}\r\n\r\nHello.\r\n`);
}
