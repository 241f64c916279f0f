/*
 * The states of a session (RFC 1939 §3), each with exactly what is true in it. UPDATE is entered
 * by QUIT in TRANSACTION and by nothing else; `over` is what remains when the line is to be closed.
 */
import type { Identity } from '#mail/accounts/accounts';
import type { Maildrop } from '#mail/maildrop';
import type { Exchange } from '../sasl/exchange.ts';
import type { Marks } from './marks.ts';

export type Authorization = { readonly kind: 'authorization' } & (
  | { readonly step: 'open' }
  /** RFC 1939 §7 PASS: only immediately after a successful USER. */
  | { readonly step: 'named'; readonly login: string }
  /** RFC 5034 §4: a challenge was sent, the next line is the response. */
  | { readonly step: 'challenged'; readonly exchange: Exchange }
);

export interface Transaction {
  readonly kind: 'transaction';
  readonly identity: Identity;
  readonly maildrop: Maildrop;
  readonly marks: Marks;
}

export interface Update {
  readonly kind: 'update';
}

export interface Over {
  readonly kind: 'over';
}

export type State = Authorization | Transaction | Update | Over;
