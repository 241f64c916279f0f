/*
 * Under which identity the unique-ids of a folder are good. IMAP's is its UIDVALIDITY
 * (RFC 9051 §2.3.1.1); ours also has whose mailbox it is, on which host, because two hosts may have
 * the same UIDVALIDITY, and both give the UIDs 1, 2, 3. And it has a count, for ids that are
 * found to name other messages than they did: UIDNEXT went down under the same UIDVALIDITY (a
 * restored backup), or a POP3 server reused an id. Under another identity nothing is known by its id,
 * and everything by its digest.
 */
import type { SourceFolder } from '#mail/collected/collected';
import type { SourceRecord } from '#mail/sources/records';
import type { OpenFolder } from './upstream.ts';

/** The identity that was last in use, or the first one. */
export function identityOf(
  { name, identity }: { readonly name: string; readonly identity: string },
  source: Pick<SourceRecord, 'host' | 'user' | 'protocol'>,
  folders: readonly SourceFolder[],
): string {
  const house = `${source.protocol} ${source.user}@${source.host.toLowerCase()}`;
  const counts = folders
    .filter((one) => one.name === name && foundation(one.identity) === `${identity} ${house}`)
    .map((one) => countOf(one.identity));
  return written(identity, Math.max(0, ...counts), house);
}

/** The one to be used when the ids of this one are in doubt. */
export function nextIdentity(identity: string): string {
  const [validity = '', house = ''] = split(foundation(identity));
  return written(validity, countOf(identity) + 1, house);
}

/** The folder has gone back in time. */
export function isInDoubt(
  { settled, modseq }: Pick<SourceFolder, 'settled' | 'modseq'>,
  open: Pick<OpenFolder, 'uidNext' | 'modseq'>,
): boolean {
  if (open.uidNext !== undefined && settled !== undefined && open.uidNext < settled) return true;
  // RFC 7162 §3.1: HIGHESTMODSEQ never goes down either.
  return isLess(open.modseq, modseq);
}

function isLess(one: string | undefined, other: string | undefined): boolean {
  const number = /^\d{1,20}$/;
  if (one === undefined || other === undefined) return false;
  return number.test(one) && number.test(other) && BigInt(one) < BigInt(other);
}

function written(validity: string, count: number, house: string): string {
  return `${validity}${count === 0 ? '' : `+${count}`} ${house}`;
}

function foundation(identity: string): string {
  const [validity = '', house = ''] = split(identity);
  return `${validity.replace(/\+\d+$/, '')} ${house}`;
}

function countOf(identity: string): number {
  const [validity = ''] = split(identity);
  return Number(/\+(\d+)$/.exec(validity)?.[1] ?? 0);
}

function split(identity: string): [string, string] {
  const blank = identity.indexOf(' ');
  return blank < 0 ? [identity, ''] : [identity.slice(0, blank), identity.slice(blank + 1)];
}
