/* Under which identity unique-ids are good, and when they are not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { identityOf, isInDoubt, nextIdentity } from '#collector/identity';
import type { SourceFolder } from '#mail/collected/collected';
import type { SourceFolderId, SourceId } from '#mail/ids';

const source = { protocol: 'imap', host: 'IMAP.example', user: 'ann' } as const;
const inbox = { name: 'INBOX', identity: '17' };
const folder = (name: string, identity: string): SourceFolder => ({
  ...{ id: 1 as SourceFolderId, source: 1 as SourceId, name, identity },
});

test('it is the UIDVALIDITY, and whose mailbox on which host', () => {
  const first = identityOf(inbox, source, []);
  assert.equal(first, '17 imap ann@imap.example');
  const others = [
    identityOf({ ...inbox, identity: '18' }, source, []),
    identityOf(inbox, { ...source, host: 'imap.elsewhere' }, []),
    identityOf(inbox, { ...source, user: 'bob' }, []),
    identityOf(inbox, { ...source, protocol: 'pop3' }, []),
    identityOf({ ...inbox, identity: '' }, source, []),
  ];
  assert.equal(new Set([first, ...others]).size, 6);
});

test('ids in doubt get a further one, which stays', () => {
  for (const identity of ['17', '']) {
    const first = identityOf({ name: 'INBOX', identity }, source, []);
    const second = nextIdentity(first);
    const third = nextIdentity(second);
    assert.equal(new Set([first, second, third]).size, 3);
    const rows = [folder('INBOX', first), folder('INBOX', third), folder('INBOX', second)];
    assert.equal(identityOf({ name: 'INBOX', identity }, source, rows), third);
    assert.equal(identityOf({ name: 'Sent', identity }, source, rows), first);
    assert.equal(identityOf({ name: 'INBOX', identity: '9' }, source, rows).includes('+'), false);
  }
});

test('what goes back is in doubt', () => {
  const rows: readonly [Partial<SourceFolder>, object, boolean][] = [
    [{ settled: 10 }, { uidNext: 9 }, true],
    [{ settled: 10 }, { uidNext: 10 }, false],
    [{}, { uidNext: 1 }, false],
    [{ settled: 10 }, {}, false],
    [{ modseq: '18446744073709551615' }, { modseq: '18446744073709551614' }, true],
    [{ modseq: '9' }, { modseq: '10' }, false],
    [{ modseq: '9' }, { modseq: 'nonsense' }, false],
    [{ modseq: '9' }, {}, false],
  ];
  for (const [row, open, doubt] of rows) assert.equal(isInDoubt(row, open), doubt);
});
