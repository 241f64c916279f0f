/*
 * Who lives here: accounts, their addresses and their passwords, as the rest of the firmware sees
 * them. A household is small, so all of it is in memory and looked up without waiting; changes are
 * on disk before they are answered.
 */
import type { Failure, Result } from '#base/result';
import type { Address } from '../address.ts';
import type { AccountId, MailboxId } from '../ids.ts';

/** Somebody who has signed in. */
export interface Identity {
  readonly account: AccountId;
  /** The account's name, e.g. 'ann'. */
  readonly login: string;
  /** Which of the account's passwords it was, e.g. 'main' or 'Ann's iPad'. */
  readonly password: string;
}

/** Where mail to an address goes. */
export type Route =
  | {
      readonly kind: 'local';
      readonly inboxes: readonly { account: AccountId; inbox: MailboxId }[];
      /** Addresses elsewhere that get a copy, and the account whose alias says so. */
      readonly forwards: readonly { account: AccountId; to: Address }[];
    }
  | { readonly kind: 'outside' }
  | { readonly kind: 'unknown' };

/** Looked up during SMTP sessions; answers at once. */
export interface Directory {
  route(address: Address): Route;
  /** May the account use this address as sender (its local and outside addresses,
   * plus-addressing)? */
  maySendAs(account: AccountId, address: Address): boolean;
  /** Are the account and the password it signed in with still there? A session may outlive both. */
  stillHas(identity: Identity): boolean;
  /** The account's inbox, while the account exists. */
  inbox(account: AccountId): MailboxId | undefined;
  /** The account's own address in this house. */
  homeAddress(account: AccountId): Address | undefined;
  /** The outside address that the account is known by, when it named one. */
  knownAs(account: AccountId): Address | undefined;
  /** The account's addresses in this house, as `addressKey` has them; see also `isAmong`. */
  ownLocal(account: AccountId): readonly string[];
}

/** Where a sign-in comes from and how. */
export interface SignInContext {
  readonly session: string;
  readonly address: string;
  /** 'smtp', 'pop3', ... */
  readonly protocol: string;
}

/** One password's SCRAM-SHA-256 keys (RFC 5802 §3). */
export interface ScramKeys {
  /** The password's name. */
  readonly password: string;
  readonly storedKey: Buffer;
  readonly serverKey: Buffer;
}

/** What a SCRAM exchange needs for a login.
 * An unknown login gets an invented, steady salt and no keys. */
export interface ScramRecord {
  readonly salt: Buffer;
  readonly rounds: number;
  readonly keys: readonly ScramKeys[];
}

/** Checks passwords. The answer to a wrong one may come late on purpose. Refusals: 'password' (the
 * name or the password is wrong), 'locked' (for a while). Trouble: 'busy' (too many at once). */
export interface SignIn {
  /** PLAIN, LOGIN, USER/PASS: the password itself. One derivation runs at a time in the process. */
  withPassword(login: string, password: string, context: SignInContext): Promise<Result<Identity>>;
  /** CRAM-MD5, APOP: `proves` says whether the client's answer was made with this secret. It is
   * tried on the recoverable passwords of the login, and on invented ones when there are none. */
  withSecret(
    login: string,
    proves: (secret: string) => boolean,
    context: SignInContext,
  ): Promise<Result<Identity>>;
  /** SCRAM, first half: what to send for this login. */
  scramRecord(login: string): ScramRecord;
  /** SCRAM, second half: `password` names the keys that matched, undefined when none did. */
  scramDone(
    login: string,
    password: string | undefined,
    context: SignInContext,
  ): Promise<Result<Identity, Failure>>;
}
