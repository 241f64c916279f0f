/*
 * Fills Restante's mailboxes through the store's own port, with the box stopped: the same rows and
 * chunks that mail by SMTP makes, in a fraction of the time.
 */
import { SystemClock } from '#base/clock';
import { Log } from '#base/log';
import { SystemRandom } from '#base/random';
import type { AccountId, MailboxId } from '#mail/ids';
import { SqliteStore } from '#mail/store/sqlite/sqlite-store';
import type { Restante } from './restante.ts';
import { withServer } from './rig.ts';

/** Commits under way at once, so that they share their fsyncs. */
const atOnce = 128;

/** Makes the accounts and puts the letters into the inbox of each; leaves the box stopped. */
export async function fill(
  restante: Restante,
  accounts: number,
  letters: () => Iterable<Buffer>,
): Promise<void> {
  await withServer(restante, () => restante.addAccounts(accounts));
  const clock = new SystemClock();
  const log = new Log(
    (line) => console.error(line.say),
    clock,
    () => 'warn',
  );
  const parts = { clock, log, random: new SystemRandom() };
  const store = worked(
    await SqliteStore.open(restante.folder, parts, () => ({
      lowWater: 0,
      shelfDays: 0,
      clockIsSaneFrom: 0,
    })),
  );
  try {
    for (let account = 1; account <= accounts; account += 1) {
      const inbox = worked(await store.inbox(account as AccountId));
      await fillMailbox(store, inbox.mailbox, letters());
    }
  } finally {
    await store.close();
  }
}

async function fillMailbox(
  store: SqliteStore,
  mailbox: MailboxId,
  letters: Iterable<Buffer>,
): Promise<void> {
  const source = letters[Symbol.iterator]();
  const internalDate = Date.UTC(2026, 10, 23);
  const deliver = async () => {
    for (let next = source.next(); next.done !== true; next = source.next()) {
      const incoming = store.incoming();
      await incoming.write(next.value);
      worked(await incoming.commit([{ mailbox, internalDate }]));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, deliver));
}

function worked<T>(result: { ok: true; value: T } | { ok: false; error: { say: string } }): T {
  if (!result.ok) throw new Error(result.error.say);
  return result.value;
}
