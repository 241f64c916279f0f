/* Names of folders on one line, typed and shown. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { joinFolders, splitFolders } from '#mail/sources/folder-names';

const rows: readonly [string, readonly string[]][] = [
  ['INBOX, Archive', ['INBOX', 'Archive']],
  ['A\\,B, Work', ['A,B', 'Work']],
  ['\\,', [',']],
];

for (const [line, names] of rows) {
  test(`what is shown can be typed: ${line}`, () => {
    assert.equal(joinFolders(names), line);
    assert.deepEqual(splitFolders(line), names);
  });
}
