/*
 * Who lives here, as the household has them in memory and as `account list` shows them. A resident
 * is the record of an account with its passwords opened; what is shown leaves keys and secrets out.
 */
import { foldCase } from '../address.ts';
import type { AccountId } from '../ids.ts';
import type { Keys } from './keys.ts';
import type { AccountRecord, AddressKind, PasswordRecord } from './records.ts';

/** One of an account's passwords. Made anew when the password changes. */
export interface ResidentPassword {
  readonly name: string;
  /** Undefined when the device key does not open it: it was kept by another box. */
  readonly keys: Keys | undefined;
  /** The password itself, sealed, when its owner made it recoverable. */
  readonly secret: Buffer | undefined;
  readonly created: number;
  lastUsed: number | undefined;
  /** The client's IP address then. */
  lastAddress: string | undefined;
}

/** An account, as it is now. */
export interface Resident {
  readonly record: AccountRecord;
  readonly passwords: readonly ResidentPassword[];
}

/** An account as `account list` shows it. */
export interface AccountView {
  readonly id: AccountId;
  readonly name: string;
  readonly created: number;
  readonly addresses: readonly AddressView[];
  readonly passwords: readonly PasswordView[];
}

export interface AddressView {
  readonly address: string;
  /** 'forward': its mail is only sent elsewhere. */
  readonly kind: AddressKind | 'forward';
  /** The account is known by it. */
  readonly knownAs?: true;
  /** Where a copy of its mail is sent. */
  readonly forwardTo?: readonly string[];
}

export interface PasswordView extends Omit<ResidentPassword, 'keys' | 'secret'> {
  readonly usable: boolean;
  /** CRAM-MD5 and APOP work with it. */
  readonly recoverable: boolean;
}

/** What is kept of a password, and what is written down of it. */
export interface Kept {
  readonly keys: Keys;
  readonly written: Pick<PasswordRecord, 'sealed' | 'secret'>;
}

/** A password that has just been made: nobody has used it. */
export function freshPassword(name: string, kept: Kept, created: number): ResidentPassword {
  const { secret } = kept.written;
  return { name, keys: kept.keys, secret, created, lastUsed: undefined, lastAddress: undefined };
}

/** Another box's key sealed the keys and the secret alike. */
export function isRecoverable({ keys, secret }: ResidentPassword): boolean {
  return keys !== undefined && secret !== undefined;
}

export function viewOf(password: ResidentPassword): PasswordView {
  const { keys, secret, ...shown } = password;
  return { ...shown, usable: keys !== undefined, recoverable: isRecoverable(password) };
}

/** By its name, whatever the case. */
export function findPassword(
  { passwords }: Pick<Resident, 'passwords'>,
  name: string,
): ResidentPassword | undefined {
  const key = foldCase(name.trim());
  return passwords.find((password) => foldCase(password.name) === key);
}
