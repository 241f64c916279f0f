/* Which recipients of a queued message are at a domain, whatever the spelling of either. Pure. */
import { domainKey, parseAddress } from '../address.ts';
import type { QueueItem } from './queue.ts';

/** The item with those recipients only; nothing when it has none there. */
export function atDomain(item: QueueItem, domain: string): QueueItem[] {
  const recipients = item.recipients.filter(({ address }) => {
    const parsed = parseAddress(address);
    return parsed !== undefined && domainKey(parsed.domain) === domain;
  });
  return recipients.length === 0 ? [] : [{ ...item, recipients }];
}
