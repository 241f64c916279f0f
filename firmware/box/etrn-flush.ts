/*
 * What ETRN (RFC 1985) asks of the queue: say how much waits, and begin to send it. The answer does
 * not wait for the sending; what that came to stands in `queue list` and in each message's history.
 */
import type { Log } from '#base/log';
import { ok, type Result } from '#base/result';
import type { QueuedId } from '#mail/ids';
import type { Queue } from '#mail/queue/queue';
import type { StoreTrouble } from '#mail/store/store';
import type { Flush } from '#protocol/smtp/state';
import type { FlushWishes } from '#uplink/state';

/** The part of the dispatcher that is wanted. */
export interface Flusher {
  flush(wishes: FlushWishes): Promise<unknown>;
}

type Waiting = Pick<Queue, 'waiting' | 'list'>;
type Counted = Promise<Result<{ readonly messages?: number }, StoreTrouble>>;

const page = 100;
/** Messages for one domain that are counted; nobody who asks waits for more. */
const mostCounted = 1_000;

export function etrnFlush(queue: Waiting, flusher: Flusher, log: Log): Flush {
  return async (domain) => {
    // Counted first: what has been sent already would be missing.
    const counted = domain === undefined ? await countAll(queue) : await countFor(queue, domain);
    if (!counted.ok) return counted;
    const wishes = domain === undefined ? {} : { domain };
    void flusher.flush(wishes).catch((defect: unknown) => {
      log.error('A flush that ETRN asked for met a defect.', { defect: String(defect) });
    });
    return counted;
  };
}

async function countAll(queue: Waiting): Counted {
  const rows = await queue.waiting();
  if (!rows.ok) return rows;
  return ok({ messages: rows.value.reduce((sum, { messages }) => sum + messages, 0) });
}

/** Undefined: more than anybody wants counted. */
async function countFor(queue: Waiting, domain: string): Counted {
  let after: QueuedId | undefined;
  for (let messages = 0; messages < mostCounted; ) {
    const filter = { domain, ...(after === undefined ? {} : { after }) };
    const found = await queue.list(filter, page);
    if (!found.ok) return found;
    messages += found.value.length;
    if (found.value.length < page) return ok({ messages });
    after = found.value.at(-1)?.id;
  }
  return ok({});
}
