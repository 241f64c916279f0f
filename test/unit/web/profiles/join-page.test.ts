/* The help page of one person, and the QR code in it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import qrcode from 'qrcode-generator';
import { html } from '#web/light/html';
import { type JoinFacts, joinPage } from '#web/profiles/join-page';
import { qrCode } from '#web/profiles/qr';

const facts: JoinFacts = {
  person: { login: 'ann', address: 'ann@restante.local' },
  offer: {
    server: 'restante.local',
    incoming: [{ protocol: 'pop3', port: 995, security: 'tls' }],
    outgoing: [{ protocol: 'smtp', port: 465, security: 'tls' }],
  },
  otherwise: '192.168.1.5',
  fingerprint: 'AA:BB',
  profile: '/join/x/profile.mobileconfig',
  elsewhere: { address: 'https://restante.local/join/x', code: html`<svg></svg>` },
};
const shown = (more: Partial<JoinFacts> = {}) => String(joinPage({ ...facts, ...more }).body);

test('says what to type, and where the page is for a phone', () => {
  const page = shown();
  assert.match(page, /<dt>Server<\/dt><dd>restante\.local<small>or 192\.168\.1\.5<\/small>/);
  assert.match(page, /<dt>Fetch by<\/dt><dd>POP3, port 995, SSL\/TLS<\/dd>/);
  assert.match(page, /<svg><\/svg>\s*<p class="soft"><code>https:\/\/restante\.local\/join\/x</);
  assert.match(page, /Then choose POP, and/);
});

test('says so where something is missing, and offers no profile then', () => {
  const less = shown({ offer: { ...facts.offer, outgoing: [] } });
  assert.match(less, /listens on no port to send mail by/);
  assert.doesNotMatch(less, /profile\.mobileconfig/);
  assert.match(shown({ offer: { server: 'x', incoming: [], outgoing: [] } }), /Nothing for mail/);
  assert.doesNotMatch(shown({ fingerprint: undefined }), /profile\.mobileconfig/);
  assert.doesNotMatch(shown({ elsewhere: undefined }), /<svg/);
});

test('names and addresses never become markup', () => {
  const evil = '<img src=x onerror=1>"\'&';
  const page = shown({
    person: { login: evil, address: evil },
    offer: { ...facts.offer, server: evil },
    otherwise: evil,
    elsewhere: { address: evil, code: html`` },
  });
  assert.doesNotMatch(page, /<img src=x/);
});

test('the code in the page is the one that the library made', async () => {
  const text = 'https://restante.local:8443/join/L7RDbhKdrsd0vzcbJLiF0g';
  const { text: svg } = await qrCode(text, 'a "label" & <more>');
  assert.match(svg, /aria-label="a &#34;label&#34; &#38; &#60;more&#62;"/);
  const made = qrcode(0, 'M');
  made.addData(text);
  made.make();
  const count = made.getModuleCount();
  assert.ok(svg.includes(`viewBox="-4 -4 ${count + 8} ${count + 8}"`));
  const dark = new Set<string>();
  for (const [, x = '', y = '', run = ''] of svg.matchAll(/M(\d+) (\d+)h(\d+)v1h-\3z/g)) {
    for (let step = 0; step < Number(run); step++) dark.add(`${Number(x) + step} ${y}`);
  }
  for (let row = 0; row < count; row++) {
    for (let column = 0; column < count; column++) {
      assert.equal(dark.has(`${column} ${row}`), made.isDark(row, column));
    }
  }
});
