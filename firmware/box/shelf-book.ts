/* Deleted mail as the control door sees it: whose it is, who wrote it, and about what. */
import { failed, ok, type Result } from '#base/result';
import type { ShelfBook } from '#control/box';
import type { ShelvedReport } from '#control/types';
import type { Household } from '#mail/accounts/household';
import { noSuchAccount } from '#mail/accounts/obstacles';
import type { AccountId, EntryId } from '#mail/ids';
import { summaryOf } from '#mail/message/summary';
import type { Shelf, ShelvedMessage } from '#mail/store/shelf';

export function shelfBook(household: Household, shelf: Shelf): ShelfBook {
  /** The account of this name, or every one. */
  const concerned = (name: string | undefined): Result<readonly Owner[]> => {
    if (name === undefined) return ok(household.list());
    const account = household.byLogin(name)?.record;
    return account === undefined ? failed(noSuchAccount(name)) : ok([account]);
  };
  return {
    async list(name, count) {
      const owners = concerned(name);
      if (!owners.ok) return owners;
      const found: ShelvedReport[] = [];
      for (const owner of owners.value) {
        const shelved = await shelf.list(owner.id, count);
        if (!shelved.ok) return shelved;
        found.push(...shelved.value.map((one) => report(owner.name, one)));
      }
      return ok(found.sort((one, other) => other.deletedAt - one.deletedAt).slice(0, count));
    },
    async restore(name, ids) {
      const owners = concerned(name);
      if (!owners.ok) return owners;
      let restored = 0;
      for (const { id } of owners.value) {
        const done =
          ids === 'all'
            ? await shelf.restoreAll(id)
            : await shelf.restore(id, ids as readonly EntryId[]);
        if (!done.ok) return done;
        restored += done.value;
      }
      return ok({ restored });
    },
  };
}

interface Owner {
  readonly id: AccountId;
  readonly name: string;
}

function report(account: string, shelved: ShelvedMessage): ShelvedReport {
  return {
    id: shelved.entry,
    account,
    octets: shelved.octets,
    arrivedAt: shelved.internalDate,
    deletedAt: shelved.shelved,
    ...summaryOf(shelved.beginning),
  };
}
