/*
 * The port to where accounts are kept. It keeps and gives back; every rule (who may be called
 * what, which address leads where) is the household's. Changes are on disk when they resolve.
 * Adapters: SqliteAccountRecords (the product) and MemoryAccountRecords (tests).
 * One contract suite (test/contract/accounts.ts) runs on both.
 */
import type { Result } from '#base/result';
import type { AccountId, MailboxId } from '../ids.ts';
import type { StoreTrouble } from '../store/store.ts';

export interface AccountRecord {
  readonly id: AccountId;
  /** In lower case. */
  readonly name: string;
  /** Of all its passwords' derivations (RFC 5802 §2.2), so that each of them works with SCRAM. */
  readonly salt: Buffer;
  readonly rounds: number;
  /** Milliseconds since 1970, as all times here. */
  readonly created: number;
  readonly inbox: MailboxId;
  /** The key of the outside address it is known by. */
  readonly knownAs?: string;
}

export interface PasswordRecord {
  readonly account: AccountId;
  /** 'main', or what the owner called it: 'Ann's iPad'. */
  readonly name: string;
  /** The SCRAM keys under the device key. */
  readonly sealed: Buffer;
  /** The password itself under the device key, where its owner chose so (secrets.ts). */
  readonly secret?: Buffer;
  readonly created: number;
  readonly lastUsed?: number;
  /** The client's IP address then. */
  readonly lastAddress?: string;
}

/** Local: delivered here. Outside: she may send as it; mail to it goes out. */
export type AddressKind = 'local' | 'outside';

export interface AddressRecord {
  readonly account: AccountId;
  /** `addressKey` of the address. Several accounts may have the same one. */
  readonly key: string;
  readonly spelling: string;
  readonly kind: AddressKind;
}

/** Mail to an address of this house is sent to an address elsewhere, too, in an account's name. */
export interface ForwardRecord {
  readonly account: AccountId;
  /** `addressKey` of the address here. It need not be one of `AddressRecord`. */
  readonly key: string;
  readonly spelling: string;
  /** `addressKey` of the address elsewhere. */
  readonly targetKey: string;
  readonly target: string;
}

export interface AllRecords {
  /** In the order in which they were made, which is the order of their ids. */
  readonly accounts: AccountRecord[];
  readonly passwords: PasswordRecord[];
  readonly addresses: AddressRecord[];
  readonly forwards: ForwardRecord[];
}

/** Comes to pass as a whole, or not at all. What is added takes the place of what it repeats. */
export interface AddressChange {
  readonly add?: readonly AddressRecord[];
  readonly remove?: readonly AddressRecord[];
  readonly forward?: readonly ForwardRecord[];
  readonly unforward?: readonly ForwardRecord[];
  /** By which address (its key) accounts are known from now on; undefined: by none elsewhere. */
  readonly knownAs?: readonly { readonly account: AccountId; readonly key: string | undefined }[];
}

export type NewAccount = Omit<AccountRecord, 'id' | 'inbox' | 'knownAs'> &
  Pick<PasswordRecord, 'sealed' | 'secret'>;

/** A password was used: `at` last, from `address`. */
export interface PasswordUse {
  readonly account: AccountId;
  readonly name: string;
  readonly at: number;
  readonly address: string;
}

/** On disk when it resolves, or the disk's trouble. */
export type Saved<T = void> = Promise<Result<T, StoreTrouble>>;

export interface AccountRecords {
  load(): Promise<AllRecords>;
  /** The account, its INBOX and its main password, together. The name must be free. */
  addAccount(account: NewAccount): Saved<AccountRecord>;
  /** With its passwords, addresses and forwards.
   * Its mailboxes are left without owner, for the store to sweep. */
  removeAccount(account: AccountId): Saved;
  /** Adds it, or puts it in the place of the one of that name. */
  putPassword(password: PasswordRecord): Saved;
  removePassword(account: AccountId, name: string): Saved;
  changeAddresses(change: AddressChange): Saved;
  /** Notes last uses. Unknown passwords are passed over: they were revoked meanwhile. */
  noteUses(uses: readonly PasswordUse[]): Saved;
}
