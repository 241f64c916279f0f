/*
 * How the box is, as far as its lamps care. main puts it together from the parts and tells when it
 * changed; nobody asks it again and again. Times are the wall clock, milliseconds since 1970.
 */

/** `needy`: it goes on only when a person does something. */
export type Health = 'starting' | 'well' | 'degraded' | 'needy';

export interface BoxState {
  readonly health: Health;
  /** Troubles came thick and fast: taken for degraded until then (see storm.ts). */
  readonly stormUntil?: number;
  /** By account name: messages that were not retrieved, without those whose retrieval is noted in
   * memory and not written yet. */
  readonly unretrieved: ReadonlyMap<string, number>;
  readonly queue: QueueState;
  /** Somebody has opened set-up by the button. Who has a link with a code needs no lamp. */
  readonly setUp?: true;
}

export interface QueueState {
  /** Messages that wait to go out. */
  readonly waiting: number;
  /** Something is being sent, or a flush is under way. */
  readonly busy: boolean;
  readonly held: boolean;
  /** An uplink refuses the sign-in. */
  readonly refused: boolean;
  /** The soonest moment at which a sign-in is so near its end that a person should act. */
  readonly urgentFrom?: number;
}

export interface StateSource {
  current(): BoxState;
  /** Calls `changed` after each change, at once. */
  watch(changed: () => void): Disposable;
}
