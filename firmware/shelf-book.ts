/* Deleted mail as the control door sees it: by the account's name, with who wrote it about what. */
import { failed, ok } from '#base/result';
import type { ShelfBook } from '#control/box';
import type { Household } from '#mail/accounts/household';
import { noSuchAccount } from '#mail/accounts/obstacles';
import type { EntryId } from '#mail/ids';
import { summaryOf } from '#mail/message/summary';
import type { Shelf } from '#mail/store/shelf';

export function shelfBook(household: Household, shelf: Shelf): ShelfBook {
  const accountOf = (name: string) => household.byLogin(name)?.record;
  return {
    async list(name, count) {
      const account = accountOf(name);
      if (account === undefined) return failed(noSuchAccount(name));
      const shelved = await shelf.list(account.id, count);
      if (!shelved.ok) return shelved;
      return ok(
        shelved.value.map((one) => ({
          id: one.entry,
          octets: one.octets,
          arrivedAt: one.internalDate,
          deletedAt: one.shelved,
          ...summaryOf(one.beginning),
        })),
      );
    },
    async restore(name, ids) {
      const account = accountOf(name);
      if (account === undefined) return failed(noSuchAccount(name));
      const restored =
        ids === 'all'
          ? await shelf.restoreAll(account.id)
          : await shelf.restore(account.id, ids as readonly EntryId[]);
      return restored.ok ? ok({ account: account.name, restored: restored.value }) : restored;
    },
  };
}
