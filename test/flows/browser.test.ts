/*
 * The whole box in a real browser: a newcomer with a phone sets it up, a second person is added
 * without script, and then daily life. Debian's Dovecot and Postfix are the provider. Every page is
 * looked at by axe-core, light and dark, on a phone and on a desk; strangers' mail tries to be more
 * than text; and nothing but the box is ever asked for anything.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Page } from 'playwright-core';
import { graveFaults } from '../support/axe.ts';
import { startBox } from '../support/box.ts';
import { Chromium, desk, type Look, missingChromium, phone } from '../support/chromium.ts';
import { NetPeer } from '../support/net-peer.ts';
import { OutgoingBox, password } from '../support/outgoing-box.ts';
import { missingDovecot, ProviderDovecot, providerPassword } from '../support/provider-dovecot.ts';
import { missingPostfix, ProviderPostfix, user } from '../support/provider-postfix.ts';

const skip = missingChromium() ?? missingDovecot() ?? missingPostfix() ?? false;
const checkout = fileURLToPath(new URL('../../', import.meta.url));
const ownerPassword = 'three small boats';

describe('in a real browser', { skip, timeout: 300_000 }, () => {
  let box: OutgoingBox;
  let chromium: Chromium;
  let dovecot: ProviderDovecot;
  let postfix: ProviderPostfix;
  let folder: string;
  let page: Page;
  const parts = new AsyncDisposableStack();

  before(async () => {
    await promisify(execFile)(join(checkout, 'scripts/build'));
    folder = await mkdtemp(join(tmpdir(), 'browser-'));
    parts.defer(() => rm(folder, { recursive: true, force: true }));
    dovecot = parts.use(await ProviderDovecot.open());
    postfix = parts.use(await ProviderPostfix.start({ password: providerPassword }));
    const authorities = join(folder, 'providers.pem');
    await writeFile(authorities, `${dovecot.ca}\n${postfix.ca}\n`);
    const env = {
      NODE_EXTRA_CA_CERTS: authorities,
      RESTANTE_FLOWS_PROGRAM: join(checkout, 'dist/flows/start.js'),
    };
    box = parts.use(new OutgoingBox(await startBox({ env })));
    chromium = parts.use(await Chromium.open(box.box.caFile));
    page = await chromium.window(phone);
  });

  after(async () => {
    await page.screenshot({ path: '/tmp/br7-last.png', fullPage: true }); // TRY
    console.log(page.url(), chromium.complaints, box.box.log.slice(-10)); // TRY
    await parts.disposeAsync();
  });

  const site = () => `https://localhost:${box.box.ports.webs}`;

  /** A window in which the owner is signed in. */
  async function signedIn(look: Look): Promise<Page> {
    const fresh = await chromium.window(look);
    await fresh.goto(`${site()}/sign-in`);
    await fresh.getByLabel('The owner’s password').fill(ownerPassword);
    await fresh.getByRole('button', { name: 'Sign in' }).click();
    await heading(fresh, /Home|ready/);
    return fresh;
  }

  test('somebody with a phone makes the box theirs', async () => {
    await page.goto(`http://localhost:${box.box.ports.web}/`);
    await heading(page, 'Your mail box is here');
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

  async function connect(at: Page, secret: string): Promise<void> {
    await at.getByLabel('Mail address').fill(user);
    await at.getByLabel('Password there').fill(secret);
    for (const [label, port] of [
      ['Server for sending (SMTP)', postfix.port('tls')],
      ['Server for collecting (IMAP)', dovecot.port('imaps')],
    ] as const) {
      await at.getByLabel(label).fill('localhost');
      const kind = label.includes('SMTP') ? '#smtp-port' : '#imap-port';
      await at.locator(kind).fill(String(port));
    }
    await at.getByRole('button', { name: 'Connect and test' }).click();
  }

  test('nobody but the box was asked, and no page complained', () => {
    assert.deepEqual(chromium.complaints, []);
    const own = [site(), `http://localhost:${box.box.ports.web}`];
    assert.deepEqual([...chromium.asked].sort(), own.sort());
  });
});

async function heading(page: Page, name: string | RegExp): Promise<void> {
  await page
    .getByRole('heading', { level: 1, name })
    .waitFor({ state: 'attached', timeout: 15_000 });
}
