/*
 * Mail addresses as values (RFC 5321 §2.3.11, RFC 6531 §3.3). A local part keeps its spelling for
 * display and is compared without case; a domain is kept in lower case.
 */

/** A mailbox at a domain. `local` is unquoted: quoting is a matter of writing it down. */
export interface Address {
  readonly local: string;
  readonly domain: string;
}

/** RFC 5321 §4.5.5: the empty reverse-path `<>` of notifications. */
export type ReversePath = Address | 'null';
