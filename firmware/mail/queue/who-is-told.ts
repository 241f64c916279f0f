/*
 * Who is told what became of mail that left the house or did not. Decisions only: what the sender
 * asked for (RFC 3461 §4.1), and whose inbox a report lies in. Nothing is ever reported to an
 * address elsewhere, so nobody gets a bounce of mail that he never sent, and no report has one.
 */
import type { Directory } from '../accounts/accounts.ts';
import type { AccountId } from '../ids.ts';
import { inboxesOf } from '../inboxes-of.ts';
import type { RecipientRequest } from '../store/store.ts';
import type { QueueItem } from './queue.ts';

export type ReportKind = 'failed' | 'delayed' | 'relayed';

/** Did the sender want to hear of this? Who said nothing wants failures, and delays, too. */
export function wants(kind: ReportKind, { notify }: Pick<RecipientRequest, 'notify'>): boolean {
  switch (kind) {
    case 'failed':
      return notify === undefined || notify.includes('failure');
    case 'delayed':
      return notify === undefined || notify.includes('delay');
    case 'relayed':
      return notify?.includes('success') === true;
  }
}

/** `stands`: why it is this one. */
export type Addressee =
  | { readonly to: AccountId; readonly stands: 'sender' }
  | { readonly to: 'postmaster'; readonly stands: 'for nobody' | 'for who left' };

/**
 * Undefined: nobody. The postmaster stands in only where mail is lost otherwise: for automatic mail
 * without a sender (RFC 5321 §4.5.5), and for an account that was removed.
 */
export function addressee(
  kind: ReportKind,
  { account, sender }: Pick<QueueItem, 'account' | 'sender'>,
  directory: Pick<Directory, 'inbox' | 'route'>,
): Addressee | undefined {
  const gone = directory.inbox(account) === undefined;
  if (sender !== '' && !gone) return { to: account, stands: 'sender' };
  if (kind !== 'failed' || inboxesOf(directory, 'postmaster').length === 0) return undefined;
  return { to: 'postmaster', stands: sender === '' ? 'for nobody' : 'for who left' };
}
