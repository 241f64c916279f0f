/*
 * Who says to have written a collected message (RFC 5322 §3.6.2), so that `log ADDRESS` finds it by
 * whom it came from: a source tells no envelope. Anybody may write anything there; nothing is decided
 * by it.
 */
import { addressKey } from '#mail/address';
import { addressesIn } from '#mail/message/from-field';
import { writtenField } from './written-field.ts';

/** RFC 5321 §4.5.3.1.3: a path has 256 octets at most. */
const longestKey = 256;

/** From may name any number; a person asks for one of the first. */
const mostAuthors = 4;

/** The authors' addresses, as the history has addresses. */
export function authorKeys(beginning: Buffer): string[] {
  const authors = addressesIn(writtenField(beginning, 'from') ?? '').slice(0, mostAuthors);
  // A blank would make two of one.
  return authors.map(addressKey).filter((key) => key.length <= longestKey && !/\s/.test(key));
}
