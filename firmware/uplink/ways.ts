/*
 * What the dispatcher asks of its neighbours, as small ports: the uplinks of the house and how to
 * sign in at them, a queued message as octets for one of them, and what answers and failed
 * connections mean. main.ts fills them.
 */
import type { Readable } from 'node:stream';
import type { Result } from '#base/result';
import type { UplinkId } from '#mail/ids';
import type { QueueItem } from '#mail/queue/queue';
import type { StoreTrouble } from '#mail/store/store';
import type { UplinkDirectory } from '#mail/uplinks/directory';
import type { Answer } from '#provider/answer';
import type { Meaning } from '#provider/meaning';
import type { ConnectTrouble, UplinkFacts, UplinkTarget } from './connection.ts';
import type { Transaction } from './transactions.ts';

/** An uplink as the dispatcher needs it. */
export interface Way {
  readonly id: UplinkId;
  /** For people: 'gmail'. */
  readonly name: string;
  /** A preset of provider/, or ''. */
  readonly provider: string;
  /** Connections at the same time. */
  readonly connections: number;
  /** Until when (wall clock) its provider wants nothing more, as it was last kept. */
  readonly quota?: { readonly until: number; readonly say: string };
}

/** Why there is nothing to connect with. */
export interface NoTarget {
  /** `sign-in`: a person is needed. */
  readonly kind: 'sign-in' | 'unreachable';
  readonly say: string;
}

export interface Ways extends UplinkDirectory {
  all(): readonly Way[];
  way(uplink: UplinkId): Way | undefined;
  /** Where to connect and the secret to sign in with, refreshed where that is needed. */
  target(uplink: UplinkId): Promise<Result<UplinkTarget, NoTarget>>;
  /** Kept over a restart. */
  setQuota(uplink: UplinkId, quota: Way['quota']): Promise<Result<void, unknown>>;
}

/** A queued message as it would go to a certain server. */
export type Letter =
  | {
      readonly kind: 'ready';
      /** Octets on the wire, for SIZE. */
      readonly size: number;
      readonly eightBit: boolean;
      readonly utf8: boolean;
      /** CR LF line ends, before dot-stuffing. */
      readonly octets: () => Readable;
    }
  /** That server cannot take it (too large, no SMTPUTF8 ...): it goes back to its sender. */
  | {
      readonly kind: 'cannot';
      readonly why: string;
      readonly advice?: string;
      /** RFC 3463 */
      readonly status: string;
    };

export interface Letters {
  letter(
    item: QueueItem,
    transaction: Transaction,
    facts: UplinkFacts,
  ): Promise<Result<Letter, StoreTrouble>>;
}

/** What the world says, made sense of. */
export interface Sense {
  meaningOf(answer: Answer, provider: string): Meaning;
  /** Why connecting failed, in a sentence. `sign-in`: a person is needed. */
  explain(
    trouble: ConnectTrouble,
    way: Way,
  ): { readonly kind: 'sign-in' | 'unreachable'; readonly say: string };
}
