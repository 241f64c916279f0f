/* Accounts without a disk: for tests, and a readable model of what the SQLite adapter does. */
import { ok } from '#base/result';
import type { AccountId, MailboxId } from '../../ids.ts';
import type {
  AccountRecord,
  AccountRecords,
  AddressChange,
  AddressRecord,
  AllRecords,
  ForwardRecord,
  NewAccount,
  PasswordRecord,
  PasswordUse,
  Saved,
} from '../records.ts';

export class MemoryAccountRecords implements AccountRecords {
  readonly #makeInbox: (account: AccountId) => MailboxId;
  #accounts: AccountRecord[] = [];
  #passwords: PasswordRecord[] = [];
  #addresses: AddressRecord[] = [];
  #forwards: ForwardRecord[] = [];
  #last = 0;

  /** `makeInbox`: MemoryStore's, so that mail can be delivered; else the account's number. */
  constructor(makeInbox: (account: AccountId) => MailboxId = (id) => Number(id) as MailboxId) {
    this.#makeInbox = makeInbox;
  }

  async load(): Promise<AllRecords> {
    return {
      accounts: [...this.#accounts],
      passwords: [...this.#passwords],
      addresses: [...this.#addresses],
      forwards: [...this.#forwards],
    };
  }

  async addAccount(made: NewAccount): Saved<AccountRecord> {
    const { sealed, secret, ...account } = made;
    const id = ++this.#last as AccountId;
    const record = { ...account, id, inbox: this.#makeInbox(id) };
    this.#accounts.push(record);
    const main = { account: id, name: 'main', sealed, created: account.created };
    this.#passwords.push(secret === undefined ? main : { ...main, secret });
    return ok(record);
  }

  async removeAccount(account: AccountId): Saved {
    this.#accounts = this.#accounts.filter((one) => one.id !== account);
    this.#passwords = this.#passwords.filter((one) => one.account !== account);
    this.#addresses = this.#addresses.filter((one) => one.account !== account);
    this.#forwards = this.#forwards.filter((one) => one.account !== account);
    return ok(undefined);
  }

  async putPassword(password: PasswordRecord): Saved {
    await this.removePassword(password.account, password.name);
    this.#passwords.push(password);
    return ok(undefined);
  }

  async removePassword(account: AccountId, name: string): Saved {
    this.#passwords = this.#passwords.filter((one) => !isPassword(one, account, name));
    return ok(undefined);
  }

  async changeAddresses(change: AddressChange): Saved {
    const { add = [], remove = [], forward = [], unforward = [], knownAs = [] } = change;
    const gone = [...add, ...remove];
    this.#addresses = this.#addresses.filter(
      (one) => !gone.some((other) => one.key === other.key && one.account === other.account),
    );
    this.#addresses.push(...add);
    const ended = [...forward, ...unforward];
    this.#forwards = this.#forwards.filter((one) => !ended.some((other) => isSame(one, other)));
    this.#forwards.push(...forward);
    for (const { account, key } of knownAs) {
      this.#accounts = this.#accounts.map((one) => {
        const { knownAs: _before, ...rest } = one;
        if (one.id !== account) return one;
        return key === undefined ? rest : { ...rest, knownAs: key };
      });
    }
    return ok(undefined);
  }

  async noteUses(uses: readonly PasswordUse[]): Saved {
    this.#passwords = this.#passwords.map((one) => {
      const use = uses.find((each) => isPassword(one, each.account, each.name));
      return use === undefined ? one : { ...one, lastUsed: use.at, lastAddress: use.address };
    });
    return ok(undefined);
  }
}

function isPassword(one: PasswordRecord, account: AccountId, name: string): boolean {
  return one.account === account && one.name === name;
}

function isSame(one: ForwardRecord, other: ForwardRecord): boolean {
  return (
    one.key === other.key && one.account === other.account && one.targetKey === other.targetKey
  );
}
