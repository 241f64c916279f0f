/*
 * What everybody who knows of collected messages does, whatever he keeps that in. Messages arrive
 * by the store that he belongs to, as in life.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Result } from '#base/result';
import type { Collected, CollectedRecord, Fate, SourceFolder } from '#mail/collected/collected';
import type { AccountId, MailboxId, SourceFolderId, SourceId } from '#mail/ids';
import type { Store, Stored, StoreTrouble } from '#mail/store/store';
import { look, take } from './store.ts';

export interface CollectedUnderTest extends AsyncDisposable {
  readonly store: Store;
  readonly collected: Collected;
  readonly account: AccountId;
  readonly inbox: MailboxId;
  /** A new source. */
  source(): Promise<SourceId>;
  remove(source: SourceId): Promise<void>;
}

export const octets = Buffer.from('Subject: collected\r\n\r\nHello\r\n');

export function collectedContract(name: string, open: () => Promise<CollectedUnderTest>): void {
  describe(`${name} keeps the contract of what is known of collected messages`, () => {
    test('a folder is made once under each identity, and comes back as it was settled', async () => {
      await using at = await open();
      const [one, other] = [await at.source(), await at.source()];
      const inbox = take(await at.collected.folder(one, 'INBOX', '17'));
      assert.deepEqual(inbox, { id: inbox.id, source: one, name: 'INBOX', identity: '17' });
      assert.deepEqual(take(await at.collected.folder(one, 'INBOX', '17')), inbox);
      const changed = take(await at.collected.folder(one, 'INBOX', '18'));
      const pop = take(await at.collected.folder(other, '', ''));
      take(await at.collected.settle(inbox.id, { settled: 4_294_967_295, modseq: '99' }));
      take(await at.collected.settle(changed.id, { settled: 3 }));
      assert.deepEqual(take(await at.collected.folders(one)), [
        { ...inbox, settled: 4_294_967_295, modseq: '99' },
        { ...changed, settled: 3 },
      ]);
      assert.deepEqual(take(await at.collected.folders(other)), [pop]);
      take(await at.collected.settle(inbox.id, {}));
      assert.deepEqual(take(await at.collected.folder(one, 'INBOX', '17')), inbox);
    });

    test('what is noted is known, field by field, and the rest is not', async () => {
      await using at = await open();
      const folder = await folderIn(at);
      const records: CollectedRecord[] = [
        record(folder, '1', { digest: digest(1), headDigest: head(1), octets: 123 }),
        record(folder, '01', { fate: 'skipped' }),
        record(folder, '4294967295', { fate: 'too-large', headDigest: head(2) }),
        record(folder, '123456789012345678901234567890', { fate: 'twin', digest: digest(3) }),
        record(folder, "!~' %|\\", { removedAt: 1_800_000_000_001 }),
        record(folder, '0', {}),
      ];
      take(await at.collected.note(records));
      const asked = [...records.map(({ uid }) => uid), '2', '001', ''];
      const known = take(await at.collected.known(folder.id, asked));
      for (const one of records) assert.deepEqual(known.get(one.uid), one);
      assert.equal(known.size, records.length);
      const elsewhere = await folderIn(at);
      assert.equal(take(await at.collected.known(elsewhere.id, asked)).size, 0);
    });

    test('a message and its record arrive together, in place of an earlier record', async () => {
      await using at = await open();
      const folder = await folderIn(at);
      take(await at.collected.note([record(folder, 'a', { fate: 'skipped' })]));
      const arrived = record(folder, 'a', { digest: digest(1), headDigest: head(1), octets: 30 });
      take(await arrive(at, arrived));
      assert.deepEqual(take(await at.collected.known(folder.id, ['a'])).get('a'), arrived);
      assert.equal((await look(at.store, at.account)).state.messages, 1);
      assert.equal(take(await at.collected.count(folder.source)), 1);
    });

    test('nothing arrives from a source that is gone, and nothing is noted of it', async () => {
      await using at = await open();
      const folder = await folderIn(at);
      take(await at.collected.note([record(folder, 'before', {})]));
      await at.remove(folder.source);
      assert.equal(codeOf(await arrive(at, record(folder, 'a', {}))), 'lost');
      assert.equal(codeOf(await at.collected.note([record(folder, 'b', {})])), 'lost');
      assert.equal(codeOf(await at.collected.folder(folder.source, 'new', '1')), 'lost');
      const unknown = { ...folder, id: 987_654 as SourceFolderId };
      assert.equal(codeOf(await arrive(at, record(unknown, 'a', {}))), 'lost');
      assert.equal((await look(at.store, at.account)).state.messages, 0);
      const known = take(await at.collected.known(folder.id, ['before', 'a', 'b']));
      assert.deepEqual([...known.keys()], ['before'], 'what was known is still known');
    });

    test('one lost source spoils no other delivery of its group', async () => {
      await using at = await open();
      const [gone, there] = [await folderIn(at), await folderIn(at)];
      await at.remove(gone.source);
      const folders = [there, gone, there, there, gone];
      const results = await Promise.all(
        folders.map((folder, index) => arrive(at, record(folder, `${index}`, {}))),
      );
      assert.deepEqual(
        results.map((result) => result.ok),
        [true, false, true, true, false],
      );
      assert.equal(take(await at.collected.count(there.source)), 3);
    });

    test('records of a source are found by digest, oldest first, with where they were', async () => {
      await using at = await open();
      const one = await folderIn(at);
      const former = take(await at.collected.folder(one.source, one.name, 'former'));
      const stranger = await folderIn(at);
      take(
        await at.collected.note([
          record(one, 'b', { digest: digest(1), at: 20 }),
          record(former, 'a', { digest: digest(1), at: 10, removedAt: 15 }),
          record(one, 'c', { digest: digest(2) }),
          // Alike in its first octets.
          record(one, 'd', { digest: Buffer.concat([digest(1).subarray(0, 15), Buffer.of(9)]) }),
          record(one, 'e', { fate: 'skipped' }),
          record(stranger, 'f', { digest: digest(1) }),
        ]),
      );
      const found = take(await at.collected.matching(one.source, digest(1)));
      assert.deepEqual(
        found.map((match) => [match.uid, match.in, match.removedAt]),
        [
          ['a', { name: one.name, identity: 'former' }, 15],
          ['b', { name: one.name, identity: one.identity }, undefined],
        ],
      );
      assert.deepEqual(take(await at.collected.matching(one.source, digest(7))), []);
    });

    test('of very many alike at most a hundred are told', async () => {
      await using at = await open();
      const folder = await folderIn(at);
      const alike = Array.from({ length: 150 }, (_, index) =>
        record(folder, `${index}`, { digest: digest(1), at: index }),
      );
      take(await at.collected.note(alike));
      const found = take(await at.collected.matching(folder.source, digest(1)));
      assert.equal(found.length, 100);
    });

    test('a record moves to another unique-id in one step', async () => {
      await using at = await open();
      const folder = await folderIn(at);
      take(await arrive(at, record(folder, 'old', { digest: digest(1) })));
      const moved = record(folder, 'new', { digest: digest(1) });
      take(await at.collected.note([moved], [{ folder: folder.id, uid: 'old' }]));
      const known = take(await at.collected.known(folder.id, ['old', 'new']));
      assert.deepEqual([...known.values()], [moved]);
      assert.equal(take(await at.collected.count(folder.source)), 1, 'nothing more arrived');
    });

    test('what may be removed at the source is here, old enough and still there', async () => {
      await using at = await open();
      const folder = await folderIn(at);
      take(
        await at.collected.note([
          record(folder, '5', { at: 30 }),
          record(folder, '6', { at: 10 }),
          record(folder, '7', { at: 20, fate: 'twin' }),
          record(folder, '8', { at: 5, fate: 'skipped' }),
          record(folder, '9', { at: 5, fate: 'too-large' }),
          record(folder, '10', { at: 5, removedAt: 6 }),
          record(folder, '11', { at: 31 }),
          record(await folderIn(at), '12', { at: 1 }),
        ]),
      );
      const uids = async (until: number, count: number) =>
        take(await at.collected.removable(folder.id, until, count)).map(({ uid }) => uid);
      assert.deepEqual(await uids(30, 10), ['6', '7', '5']);
      assert.deepEqual(await uids(30, 2), ['6', '7']);
      assert.deepEqual(await uids(4, 10), []);
      take(await at.collected.removed([{ folder: folder.id, uid: '6' }], 40));
      assert.deepEqual(await uids(30, 10), ['7', '5']);
      const known = take(await at.collected.known(folder.id, ['6']));
      assert.equal(known.get('6')?.removedAt, 40);
    });

    test('what is not known to be gone at the source is told page by page', async () => {
      await using at = await open();
      const folder = await folderIn(at);
      const other = await folderIn(at);
      const uids = ['7', '10', 'b', 'a c', '123456789012345678901', '0'];
      take(
        await at.collected.note([
          ...uids.map((uid) => record(folder, uid, { fate: 'skipped', octets: 17 })),
          record(folder, 'gone', { removedAt: 5 }),
          record(other, 'x', {}),
        ]),
      );
      const found: string[] = [];
      for (let after: string | undefined; ; after = found.at(-1)) {
        const page = take(await at.collected.present(folder.id, after, 2));
        if (page.length === 0) break;
        assert.ok(page.length <= 2);
        const { uid = '' } = page[0] ?? {};
        assert.deepEqual(page[0], { folder: folder.id, uid, fate: 'skipped', octets: 17 });
        found.push(...page.map(({ uid }) => uid));
      }
      assert.deepEqual(found.sort(), uids.sort());
    });

    test('what was removed long ago at the source is forgotten, and still counted', async () => {
      await using at = await open();
      const folder = await folderIn(at);
      const other = await folderIn(at);
      take(await arrive(at, record(folder, 'a', {})));
      const many = Array.from({ length: 1_200 }, (_, index) =>
        record(folder, `${index}`, { removedAt: 10 }),
      );
      take(
        await at.collected.note([
          ...many,
          record(folder, 'late', { removedAt: 20 }),
          record(other, 'x', { removedAt: 10 }),
        ]),
      );
      take(await at.collected.removed([{ folder: folder.id, uid: 'a' }], 10));
      take(await at.collected.prune(folder.source, 20));
      const known = take(await at.collected.known(folder.id, ['a', 'late', '0', '1199']));
      assert.deepEqual([...known.keys()], ['late']);
      assert.equal(take(await at.collected.known(other.id, ['x'])).size, 1);
      assert.equal(take(await at.collected.count(folder.source)), 1);
    });
  });
}

let folders = 0;

export async function folderIn(at: CollectedUnderTest): Promise<SourceFolder> {
  folders += 1;
  return take(await at.collected.folder(await at.source(), `folder ${folders}`, '1'));
}

export function record(
  folder: Pick<SourceFolder, 'id'>,
  uid: string,
  more: Partial<CollectedRecord>,
): CollectedRecord {
  const fate: Fate = 'here';
  return { folder: folder.id, uid, fate, octets: 0, at: 1_800_000_000_000, ...more };
}

async function arrive(
  at: Pick<CollectedUnderTest, 'store' | 'inbox'>,
  collected: CollectedRecord,
): Promise<Result<Stored, StoreTrouble>> {
  const incoming = at.store.incoming();
  await incoming.write(octets);
  return incoming.commit([{ mailbox: at.inbox, internalDate: 0 }], { collected });
}

function digest(seed: number): Buffer {
  return Buffer.alloc(16, seed);
}

function head(seed: number): Buffer {
  return Buffer.alloc(8, seed);
}

function codeOf(result: Result<unknown, StoreTrouble>): string {
  return result.ok ? 'done' : result.error.code;
}
