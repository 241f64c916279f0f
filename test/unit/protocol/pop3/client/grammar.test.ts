/* What answers mean: listings, capabilities, the greeting's timestamp. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { timestampOf } from '#protocol/pop3/client/commands/connection';
import {
  readScanListing,
  readStat,
  readUniqueIdListing,
} from '#protocol/pop3/client/commands/listing';
import { apop, auth } from '#protocol/pop3/client/commands/sign-in';
import { offersOf } from '#protocol/pop3/client/offers';
import { ClientExchange } from '#protocol/sasl/client/exchange';
import { ClientXoauth2 } from '#protocol/sasl/client/xoauth2';

test('STAT', () => {
  assert.deepEqual(readStat('2 320'), { messages: 2, octets: 320 });
  assert.deepEqual(readStat('0 0 nothing'), { messages: 0, octets: 0 });
  for (const text of ['', '2', 'two 320', '2  320', '99999999999999999999 1', '-1 5']) {
    assert.equal(readStat(text), undefined, text);
  }
});

test('LIST', () => {
  assert.deepEqual(readScanListing('1 120'), { number: 1, octets: 120 });
  assert.deepEqual(readScanListing('17   120 and more'), { number: 17, octets: 120 });
  for (const line of ['', '1', '1 ', '0 5', 'x 5', '1 x', ' 1 5', '1 99999999999999999999']) {
    assert.equal(readScanListing(line), undefined, line);
  }
});

test('UIDL', () => {
  const rows: [string, string | RegExp | undefined][] = [
    ['1 whqtswO00WBw418f9t5JxYwZ', 'whqtswO00WBw418f9t5JxYwZ'],
    ['1   padded ', 'padded'],
    [`1 ${'x'.repeat(255)}`, 'x'.repeat(255)],
    // These cannot be compared with what other programs say, but tell messages apart.
    [`1 ${'x'.repeat(256)}`, /^odd: [\w-]{43}$/],
    ['1 two words', /^odd: [\w-]{43}$/],
    ['1 caf\xe9', /^odd: [\w-]{43}$/],
    ['1', undefined],
    ['1 ', undefined],
    ['x y', undefined],
    ['0 y', undefined],
    ['', undefined],
  ];
  for (const [line, wanted] of rows) {
    const found = readUniqueIdListing(line)?.uniqueId;
    if (wanted instanceof RegExp) assert.match(found ?? '', wanted, line);
    else assert.equal(found, wanted, line);
  }
  assert.notDeepEqual(readUniqueIdListing('1 a b'), readUniqueIdListing('1 a c'));
});

test('CAPA', () => {
  const gmail = ['USER', 'RESP-CODES', 'EXPIRE 0', 'LOGIN-DELAY 300', 'TOP', 'UIDL'];
  assert.deepEqual(offersOf([...gmail, 'X-GOOGLE-RICO', 'SASL PLAIN XOAUTH2 OAUTHBEARER']), {
    user: true,
    mechanisms: new Set(['PLAIN', 'XOAUTH2', 'OAUTHBEARER']),
    top: true,
    uidl: true,
    pipelining: false,
    loginDelay: 300,
    differs: false,
  });
  const none = { user: false, mechanisms: new Set(), top: false, uidl: false, pipelining: false };
  assert.deepEqual(offersOf([]), { ...none, differs: false });
  assert.deepEqual(offersOf(['login-delay x', ' pipelining ']), {
    ...none,
    pipelining: true,
    differs: false,
  });
  assert.deepEqual(offersOf(['LOGIN-DELAY 0 USER']), { ...none, loginDelay: 0, differs: true });
});

test("the greeting's timestamp, and what only looks like one (CVE-2007-1558)", () => {
  const rows: [string, string | undefined][] = [
    ['POP3 ready <1896.697170952@dbc.mtview.ca.us>', '<1896.697170952@dbc.mtview.ca.us>'],
    ['<a@b> <c@d>', '<a@b>'],
    ['POP3 ready', undefined],
    ['<pop.example.net>', undefined],
    ['<a b@c>', undefined],
    ['<a\xff@c>', undefined],
    ['<@c>', undefined],
    ['<a@b@c>', undefined],
    [`<${'a'.repeat(300)}@c>`, undefined],
  ];
  for (const [words, wanted] of rows) assert.equal(timestampOf(words), wanted, words);
});

test("APOP: the RFC's own example", () => {
  const { line, shown } = apop('mrose', '<1896.697170952@dbc.mtview.ca.us>', 'tanstaaf');
  assert.equal(line, 'APOP mrose c4c9334bac560ecc979e58001b3e22fb');
  assert.equal(shown, 'APOP *****');
});

test('AUTH: an initial response that makes the command too long is kept back', () => {
  const line = (token: string) => auth(new ClientExchange(new ClientXoauth2('ann', token))).line;
  assert.match(line('short'), /^AUTH XOAUTH2 [\w+/=]+$/);
  for (let length = 100; length < 300; length++) {
    const said = line('x'.repeat(length));
    assert.ok(said.length + 2 <= 255, `${length}`);
  }
  assert.equal(line('x'.repeat(300)), 'AUTH XOAUTH2');
});
