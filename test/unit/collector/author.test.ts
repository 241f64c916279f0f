/* By which addresses a collected message is found in the log. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { authorKeys } from '#collector/author';

const rows: readonly [string, string, readonly string[]][] = [
  ['one', 'From: Bob <Bob@Example.ORG>\r\n', ['bob@example.org']],
  [
    'folded, and not the first field',
    'To: a@b.c\r\nFROM:\r\n\tbob@example.org\r\n',
    ['bob@example.org'],
  ],
  ['two', 'From: a@example.org, B <b@example.org>\r\n', ['a@example.org', 'b@example.org']],
  ['no From', 'Subject: x\r\n\r\nFrom: bob@example.org\r\n', []],
  ['nonsense', 'From: "bob <@\r\n', []],
  ['a blank that would make two of it', 'From: " ann@restante.local "@example.org\r\n', []],
  ['far too long', `From: ${'x'.repeat(300)}@example.org\r\n`, []],
  ['a crowd', `From: ${'a@b.example, '.repeat(500)}\r\n`, Array(4).fill('a@b.example')],
];

for (const [what, header, keys] of rows) {
  test(`authors: ${what}`, () => {
    assert.deepEqual(authorKeys(Buffer.from(header)), keys);
  });
}
