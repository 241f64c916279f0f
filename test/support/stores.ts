/*
 * Stores for tests: a SQLite store in a folder of its own, and accounts in it, which are rows and
 * no more: they have no password and no address (small-household.ts has people).
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SystemClock } from '#base/clock';
import { Log, type LogLine } from '#base/log';
import { SystemRandom } from '#base/random';
import type { AccountId, MailboxId } from '#mail/ids';
import { SqliteStore, type StoreSettings } from '#mail/store/sqlite/sqlite-store';

export interface OpenStore extends AsyncDisposable {
  readonly store: SqliteStore;
  readonly directory: string;
  readonly log: readonly LogLine[];
  account(): Promise<{ account: AccountId; inbox: MailboxId }>;
}

export const storeSettings: StoreSettings = {
  lowWater: 1_048_576,
  shelfDays: 0,
  clockIsSaneFrom: 0,
};

/** Opens a SQLite store in `directory`, or in a new folder that goes with it. */
export async function openStore(
  directory?: string,
  settings: StoreSettings = storeSettings,
): Promise<OpenStore> {
  const folder = directory ?? (await mkdtemp(join(tmpdir(), 'restante-store-')));
  const clock = new SystemClock();
  const lines: LogLine[] = [];
  const log = new Log((line) => void lines.push(line), clock);
  const parts = { clock, random: new SystemRandom(), log };
  const opened = await SqliteStore.open(folder, parts, () => settings);
  if (!opened.ok) throw new Error(opened.error.say);
  const store = opened.value;
  return {
    store,
    directory: folder,
    log: lines,
    account: () => makeAccount(store),
    async [Symbol.asyncDispose]() {
      await store.close();
      if (directory === undefined) await rm(folder, { recursive: true });
    },
  };
}

let names = 0;

async function makeAccount(store: SqliteStore): Promise<{ account: AccountId; inbox: MailboxId }> {
  names += 1;
  const made = await store.database.write(async (sql) => {
    const account = await sql.run(
      `INSERT INTO account (name, salt, rounds, created) VALUES (?, x'00', 15000, 0)`,
      [`person${names}`],
    );
    const inbox = await sql.run(
      `INSERT INTO mailbox (account, name, uidvalidity) VALUES (?, 'INBOX', 1)`,
      [account.lastID],
    );
    return { account: account.lastID as AccountId, inbox: inbox.lastID as MailboxId };
  });
  if (!made.ok) throw new Error(made.error.say);
  return made.value;
}
