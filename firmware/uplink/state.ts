/*
 * How an uplink is, as the plan, `status` and the lamps see it. `plan.ts` moves between these.
 */

export type UplinkCondition =
  /** Never tried since the start, or all is well. */
  | { readonly kind: 'well' }
  /** It cannot be reached: nothing goes there until box time `until`, then one probe. */
  | {
      readonly kind: 'paused';
      readonly until: number;
      readonly failures: number;
      readonly say: string;
    }
  /** Its provider wants nothing more until this wall-clock time. */
  | { readonly kind: 'quota'; readonly until: number; readonly say: string }
  /** It refuses the password or the sign-in has died: a person is needed; tried again on a flush,
   * after `uplink add|signin`, and otherwise rarely (`until`, box time). */
  | { readonly kind: 'sign-in'; readonly until: number; readonly say: string };

/** What a flush did. */
export interface FlushReport {
  /** Another flush was under way; this is what it came to. */
  readonly joined: boolean;
  /** Messages that were queued when it began. */
  readonly messages: number;
  /** Recipients, by what became of them. */
  readonly sent: number;
  readonly later: number;
  readonly gaveUp: number;
  /** Not tried, because the uplink could not be reached or its quota is used up. */
  readonly untried: number;
  /** A sentence for each uplink, e.g. "gmail: 3 sent". */
  readonly uplinks: readonly { readonly name: string; readonly say: string }[];
}

export interface FlushProgress {
  readonly messages: number;
  readonly done: number;
}

export interface FlushWishes {
  /** Also against a provider's stated quota time. */
  readonly force?: boolean;
  /** Only recipients at this domain (as `domainKey` has it). */
  readonly domain?: string;
  /** Only one message (`queue retry`). */
  readonly queued?: number;
}
