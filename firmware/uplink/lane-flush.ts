/*
 * A flush at one uplink: it walks through what was queued when the flush began, in the order in
 * which it was queued, whatever is due. What was being sent at that moment is tried already.
 */

import { ok, type Result } from '#base/result';
import type { QueuedId, QueuedRecipientId, UplinkId } from '#mail/ids';
import type { Queue, QueueItem } from '#mail/queue/queue';
import type { StoreTrouble } from '#mail/store/store';
import type { Flush } from './flush.ts';
import type { FlushView } from './plan.ts';

export class LaneFlush implements FlushView {
  readonly flush: Flush;
  /** It has met the uplink's trouble. */
  probed = false;
  readonly #uplink: UplinkId;
  readonly #already: ReadonlySet<QueuedRecipientId>;
  #after: QueuedId | undefined;
  #exhausted = false;

  /** `already`: recipients that are being tried. */
  constructor(flush: Flush, uplink: UplinkId, already: ReadonlySet<QueuedRecipientId>) {
    this.flush = flush;
    this.#uplink = uplink;
    this.#already = already;
  }

  get force(): boolean {
    return this.flush.wishes.force === true;
  }

  /** Nothing more is to be claimed. */
  get exhausted(): boolean {
    return this.#exhausted;
  }

  /** The next messages; none of the recipients whose outcome is known and `unwritten`. */
  async next(
    queue: Pick<Queue, 'list'>,
    count: number,
    unwritten: ReadonlySet<QueuedRecipientId>,
  ): Promise<Result<QueueItem[], StoreTrouble>> {
    const known = new Set([...unwritten, ...this.#already]);
    const page = await queue.list(this.flush.filter(this.#uplink, this.#after), count);
    // While the store cannot be read, nothing more can be tried: the flush ends and says so.
    this.#exhausted = !page.ok || page.value.length < count;
    if (!page.ok) return page;
    this.#after = page.value.at(-1)?.id ?? this.#after;
    const items = page.value.map((item) => ({
      ...item,
      recipients: item.recipients.filter(({ id }) => !known.has(id)),
    }));
    return ok(items.filter(({ recipients }) => recipients.length > 0));
  }
}
