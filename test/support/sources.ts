/* Sources for tests that need one to be there and ask no more of it. */
import { Seal } from '#base/seal';
import type { AccountId, SourceId } from '#mail/ids';
import { MemorySourceRecords } from '#mail/sources/memory/memory-source-records';
import { Sources } from '#mail/sources/sources';
import type { SqliteStore } from '#mail/store/sqlite/sqlite-store';
import { FakeClock } from './fake-clock.ts';

let names = 0;

/** A source of an account, as a row. */
export async function addSource(store: SqliteStore, account: AccountId): Promise<SourceId> {
  names += 1;
  const made = await store.database.write((sql) =>
    sql.run(
      `INSERT INTO source (name, account, provider, protocol, host, port, security, user, folders,
                           since_days, keep_days, every, added_at)
       VALUES (?, ?, '', 'pop3', 'pop.a.example', 995, 'tls', 'ann', '[]', -1, -1, 300000, 0)`,
      [`source${names}`, account],
    ),
  );
  if (!made.ok) throw new Error(made.error.say);
  return made.value.lastID as SourceId;
}

/** A registry with nothing in it yet; everybody has an account. */
export function noSources(seal = new Seal(Buffer.alloc(32, 7))): Sources {
  const accounts = { idOf: () => 1 as AccountId, isThere: () => true };
  return new Sources({
    records: new MemorySourceRecords(),
    seal,
    clock: new FakeClock(),
    accounts,
  });
}
