/*
 * The inboxes in which mail of the box itself lies: an account's own, or the postmaster's. Where
 * somebody has such mail forwarded elsewhere is not asked: it stays in the house.
 */
import type { Directory } from './accounts/accounts.ts';
import type { AccountId, MailboxId } from './ids.ts';

/** When the account is gone, the postmaster's; empty when nobody lives here. */
export function inboxesOf(
  directory: Pick<Directory, 'inbox' | 'route'>,
  account: AccountId | 'postmaster',
): readonly MailboxId[] {
  const own = account === 'postmaster' ? undefined : directory.inbox(account);
  if (own !== undefined) return [own];
  return postmasters(directory).flatMap((one) => directory.inbox(one) ?? []);
}

/** Whoever has the mail of the postmaster (RFC 5321 §4.5.1). */
export function postmasters(directory: Pick<Directory, 'route'>): readonly AccountId[] {
  const route = directory.route({ local: 'postmaster', domain: '' });
  if (route.kind !== 'local') return [];
  const { inboxes, forwards } = route;
  return (inboxes.length > 0 ? inboxes : forwards).map(({ account }) => account);
}
