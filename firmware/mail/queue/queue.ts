/*
 * The port to the queue of mail that is to leave the house. A message enters it in the commit that
 * takes it in (`Along.queued` of the store's `Incoming.commit`), so what was answered with 250 is
 * queued on disk; it leaves recipient by recipient, as sent, given up or dropped. The queue keeps
 * and gives back; when to try is schedule.ts's, who tries is uplink/dispatcher.ts.
 *
 * Times: `due` is box time, which only ever grows (box-time.ts); `born` and ages are ageing time,
 * which stands still while nothing may be sent; `queuedAt` is the wall clock, for people only.
 *
 * Adapters: SqliteQueue (the product) and MemoryQueue (tests). One contract suite
 * (test/contract/queue.ts) runs on both.
 */
import type { Result } from '#base/result';
import type { AccountId, MessageId, QueuedId, QueuedRecipientId, UplinkId } from '../ids.ts';
import type { RecipientRequest, StoreTrouble } from '../store/store.ts';

/** Milliseconds of box time. */
export type BoxTime = number;
/** Milliseconds of ageing time. */
export type AgeingTime = number;

/** How the From field is to be changed on the way out: the account is known by another address. */
export interface Rewrite {
  /** Addresses of this house, as `addressKey` has them, that are the account's own. */
  readonly from: readonly string[];
  /** What stands in their place. */
  readonly to: string;
}

/** An outgoing copy as it is committed with the message's arrival. */
export interface NewQueued {
  /** The receipt's id: names the message in history, log and `queue why`. */
  readonly name: string;
  /** The reverse-path as it goes out; '' for the null sender. */
  readonly sender: string;
  /** Whose mail it is, and who is told what becomes of it. */
  readonly account: AccountId;
  /** The address whose uplink is taken, in the spelling of `addressKey`. */
  readonly via: string;
  /** The uplink that serves `via` now; undefined: none, so it waits for one. */
  readonly uplink?: UplinkId;
  /** Declared by the sender (RFC 6152). */
  readonly body?: '7bit' | '8bitmime';
  /** Declared by the sender (RFC 6531). */
  readonly utf8?: boolean;
  /** RFC 3461 §4.3, §4.4 */
  readonly reportWith?: 'full' | 'headers';
  readonly envelopeId?: string;
  readonly rewrite?: Rewrite;
  readonly queuedAt: number;
  readonly due: BoxTime;
  readonly born: AgeingTime;
  readonly recipients: readonly RecipientRequest[];
}

/** A recipient that has not got the message yet. */
export interface QueuedRecipient extends RecipientRequest {
  readonly id: QueuedRecipientId;
  readonly due: BoxTime;
  /** Attempts that the provider answered or that broke off; waiting for a paused uplink is none. */
  readonly attempts: number;
  /** All octets were sent and the answer was not recorded: it may have arrived. */
  readonly doubt: boolean;
  /** Its sender has been told that it takes long. */
  readonly delayTold: boolean;
  /** What happened last, in words; '' before the first attempt. */
  readonly last: string;
}

/** An outgoing copy with its recipients (all of them, or those that were asked for). */
export interface QueueItem extends Omit<NewQueued, 'recipients' | 'due'> {
  readonly id: QueuedId;
  readonly message: MessageId;
  /** Of the message, as kept. */
  readonly octets: number;
  readonly canonical: boolean;
  readonly recipients: readonly QueuedRecipient[];
}

/** What became of a recipient after an attempt. */
export type Outcome =
  | { readonly kind: 'sent'; readonly recipient: QueuedRecipientId }
  | {
      readonly kind: 'again';
      readonly recipient: QueuedRecipientId;
      readonly due: BoxTime;
      /** This was an attempt of this recipient, rather than one of its uplink. */
      readonly counts: boolean;
      readonly last: string;
      /** It may have arrived: a doubt stays. Otherwise a doubt goes, for the server has answered. */
      readonly doubtStays?: boolean;
    }
  /** Leaves the queue untold: NOTIFY=NEVER, dropped by a person. Who is told leaves it in the
   * commit of the report instead (`Along.ends`). */
  | { readonly kind: 'ended'; readonly recipient: QueuedRecipientId };

/** A line for the history of the message, written with the outcomes. */
export interface Told {
  readonly message: MessageId;
  readonly say: string;
}

/** What waits for one uplink, or (undefined) for none. */
export interface Waiting {
  readonly uplink: UplinkId | undefined;
  readonly messages: number;
  readonly recipients: number;
  /** Of the messages. */
  readonly octets: number;
  /** The soonest due of its recipients. */
  readonly due: BoxTime;
  /** When the oldest was queued: the wall clock, and ageing time. */
  readonly oldest: number;
  readonly born: AgeingTime;
}

/** Which items to list, in order of their ids. */
export interface ItemFilter {
  readonly uplink?: UplinkId;
  readonly account?: AccountId;
  /** Only recipients at this domain (as `domainKey` has it). */
  readonly domain?: string;
  /** Only copies of the message with this receipt's id. */
  readonly name?: string;
  /** Only items with a greater id, and with one up to `upTo`. */
  readonly after?: QueuedId;
  readonly upTo?: QueuedId;
}

/** What outlives a restart beside the items. */
export interface QueueState {
  readonly held: boolean;
  readonly box: BoxTime;
  readonly ageing: AgeingTime;
  /** The wall clock when the two were noted; 0 when it was not to be trusted. An adapter that
   * raises the two, because its rows prove more, moves this on by as much. */
  readonly wall: number;
  /** Held since a backup was restored: what is queued may have been sent after the backup was made,
   * so each recipient is in doubt. An adapter forgets it with the hold. */
  readonly restored?: boolean;
}

type Done<T = void> = Promise<Result<T, StoreTrouble>>;

export interface Queue {
  /** Items of an uplink with recipients due by `until`, soonest first, those recipients only, none
   * of `except`. */
  due(
    uplink: UplinkId,
    until: BoxTime,
    count: number,
    except: ReadonlySet<QueuedRecipientId>,
  ): Done<QueueItem[]>;
  /** Items whatever their due, in order of id. */
  list(filter: ItemFilter, count: number): Done<QueueItem[]>;
  /** One row for each uplink that something waits for. */
  waiting(): Done<Waiting[]>;
  /** Does something wait that no uplink serves? */
  unserved(): Done<boolean>;
  /** The highest id in the queue; undefined when it is empty. */
  last(): Done<QueuedId | undefined>;
  /** Everything of the message has been sent to these, the end not yet: on disk when it resolves. */
  doubt(recipients: readonly QueuedRecipientId[]): Done;
  /** What attempts came to, with words for the history, in one commit. */
  record(outcomes: readonly Outcome[], told: readonly Told[]): Done;
  /** Mail of these addresses (`addressKey`) goes by this uplink from now on, or by none. */
  assign(vias: readonly string[], uplink: UplinkId | undefined): Done;
  /** The different `via` in the queue, with how many messages each has. */
  vias(): Done<{ readonly via: string; readonly account: AccountId; readonly messages: number }[]>;
  state(): Done<QueueState>;
  saveState(state: QueueState): Done;
}
