/* Addresses: the grammar as a table, comparison as a table, and parse(format(x)) is x. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Cursor } from '#base/cursor';
import {
  type Address,
  addressKey,
  formatAddress,
  formatPath,
  isAscii,
  parseAddress,
  parseForwardPath,
  parsePath,
  parseReversePath,
} from '#mail/address';

const label63 = 'a'.repeat(63);

/** text -> local part and domain, or undefined */
const mailboxes: [string, Address | undefined][] = [
  ['ann@restante.local', { local: 'ann', domain: 'restante.local' }],
  ['Ann.Lee@RESTANTE.Local', { local: 'Ann.Lee', domain: 'restante.local' }],
  ["o'hara+list/x=y@a-b.example", { local: "o'hara+list/x=y", domain: 'a-b.example' }],
  ['scanner@MY_PRINTER', { local: 'scanner', domain: 'my_printer' }],
  ['"ann lee"@restante.local', { local: 'ann lee', domain: 'restante.local' }],
  ['"a\\"b\\\\c"@restante.local', { local: 'a"b\\c', domain: 'restante.local' }],
  ['"ann"@restante.local', { local: 'ann', domain: 'restante.local' }],
  ['"a@b>"@restante.local', { local: 'a@b>', domain: 'restante.local' }],
  ['""@restante.local', { local: '', domain: 'restante.local' }],
  ['jürgen@bücher.example', { local: 'jürgen', domain: 'bücher.example' }],
  ['用户@例子.广告', { local: '用户', domain: '例子.广告' }],
  ['ann@[192.168.1.23]', { local: 'ann', domain: '[192.168.1.23]' }],
  ['ann@[192.168.001.023]', { local: 'ann', domain: '[192.168.1.23]' }],
  ['ann@[ipv6:FE80:0:0::1]', { local: 'ann', domain: '[IPv6:fe80::1]' }],
  ['ann@[IPv6:::ffff:192.0.2.1]', { local: 'ann', domain: '[IPv6:::ffff:c000:201]' }],
  [`${'l'.repeat(64)}@x.example`, { local: 'l'.repeat(64), domain: 'x.example' }],
  [
    `a@${label63}.${label63}.${label63}`,
    { local: 'a', domain: `${label63}.${label63}.${label63}` },
  ],
  ['', undefined],
  ['ann', undefined],
  ['ann@', undefined],
  ['@restante.local', undefined],
  ['ann@@restante.local', undefined],
  ['.ann@restante.local', undefined],
  ['ann.@restante.local', undefined],
  ['a..b@restante.local', undefined],
  ['ann lee@restante.local', undefined],
  ['"ann@restante.local', undefined],
  ['"ann\\', undefined],
  ['"a\u0001b"@restante.local', undefined],
  ['ann@restante..local', undefined],
  ['ann@restante.local.', undefined],
  ['ann@-restante.local', undefined],
  ['ann@restante-.local', undefined],
  ['ann@restante.local ', undefined],
  ['ann\r\n@restante.local', undefined],
  ['j\ufffdrgen@restante.local', undefined],
  ['ann@b\ufffdcher.example', undefined],
  ['ann@[192.168.1]', undefined],
  ['ann@[192.168.1.256]', undefined],
  ['ann@[1.2.3.4', undefined],
  ['ann@[IPv6:fe80::1%eth0]', undefined],
  ['ann@[IPv6:1.2.3.4]', undefined],
  ['ann@[::1]', undefined],
  ['ann@[X.400:c=de]', undefined],
  [`${'l'.repeat(256)}@x.example`, undefined],
  [`a@${label63}a.example`, undefined],
  [`a@${Array(5).fill(label63).join('.')}`, undefined],
  [`a@${'ü'.repeat(60)}.example`, undefined],
];

for (const [text, wanted] of mailboxes) {
  test(`${wanted === undefined ? 'is no address' : 'is an address'}: ${text.slice(0, 60)}`, () => {
    const address = parseAddress(text);
    assert.deepEqual(address, wanted);
    if (address !== undefined) assert.deepEqual(parseAddress(formatAddress(address)), address);
  });
}

test('paths: brackets, source routes, and where the cursor stands after them', () => {
  const cursor = new Cursor('<@one.example,@two.example:ann@restante.local> SIZE=1');
  assert.deepEqual(parsePath(cursor), { local: 'ann', domain: 'restante.local' });
  assert.equal(cursor.rest(), ' SIZE=1');
  for (const bad of [
    'ann@a.b',
    '<ann@a.b',
    '<@one.example ann@a.b>',
    '<@one,:a@b>',
    '<@a:>',
    '<>',
  ]) {
    const wrong = new Cursor(bad);
    assert.equal(parsePath(wrong), undefined, bad);
    assert.notEqual(wrong.complaint, undefined, bad);
  }
});

test('the empty reverse-path is a sender, never a recipient', () => {
  assert.equal(parseReversePath(new Cursor('<>')), 'null');
  assert.equal(parseForwardPath(new Cursor('<>')), undefined);
  assert.equal(formatPath('null'), '<>');
});

test('the postmaster needs no domain as a recipient, only there', () => {
  const address = parseForwardPath(new Cursor('<PostMaster>'));
  assert.deepEqual(address, { local: 'PostMaster', domain: '' });
  assert.equal(formatPath(address ?? 'null'), '<PostMaster>');
  assert.equal(parseReversePath(new Cursor('<postmaster>')), undefined);
  assert.equal(parseForwardPath(new Cursor('<ann>')), undefined);
});

const same: [string, string][] = [
  ['Ann@restante.local', 'aNN@RESTANTE.local'],
  ['"ann"@a.example', 'ann@a.example'],
  ['"Ann Lee"@a.example', '"ann lee"@a.example'],
  ['JÜRGEN@a.example', 'jürgen@a.example'],
  ['ju\u0308rgen@a.example', 'jürgen@a.example'],
  ['ΟΔΟΣ@a.example', 'οδος@a.example'],
  ['straße@a.example', 'STRASSE@a.example'],
  ['ann@bücher.example', 'ann@xn--bcher-kva.example'],
  ['ann@BÜCHER.example', 'ann@XN--BCHER-KVA.example'],
];
const different: [string, string][] = [
  ['ann@a.example', 'anne@a.example'],
  ['ann@a.example', 'ann@b.example'],
  ['a.b@a.example', 'ab@a.example'],
  ['"a b"@a.example', 'ab@a.example'],
  ['ınes@a.example', 'ines@a.example'],
];

test('addresses that are the same mailbox', () => {
  for (const [one, two] of same) assert.equal(key(one), key(two), one);
});

test('addresses that are not', () => {
  for (const [one, two] of different) assert.notEqual(key(one), key(two), one);
});

test('an address beyond ASCII says so', () => {
  assert.ok(isAscii({ local: 'ann lee', domain: 'a.example' }));
  assert.equal(isAscii({ local: 'jürgen', domain: 'a.example' }), false);
  assert.equal(isAscii({ local: 'ann', domain: 'bücher.example' }), false);
});

test('parse(format(x)) is x for every local part that can be written', () => {
  let state = 20_261_123;
  const next = (below: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >> 8) % below;
  };
  const alphabet = [...Array(95).keys()]
    .map((i) => String.fromCharCode(i + 32))
    .concat('ü', '例', '😀');
  for (let round = 0; round < 5000; round++) {
    const local = Array.from({ length: next(12) }, () => alphabet[next(alphabet.length)]).join('');
    const domain = ['a.example', '[127.0.0.1]', '[IPv6:::1]', '例子.example'][next(4)] ?? '';
    const address = { local, domain };
    assert.deepEqual(parseAddress(formatAddress(address)), address);
    assert.deepEqual(parsePath(new Cursor(formatPath(address))), address);
  }
});

function key(text: string): string {
  const address = parseAddress(text);
  assert.ok(address, text);
  return addressKey(address);
}
