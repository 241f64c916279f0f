/*
 * What an answer of a provider means for the mail it was given to. The meanings; which answer has
 * which stands in the table refusals.ts.
 */

export type Meaning =
  | { readonly kind: 'sent' }
  /** This message, or this recipient, later, by the usual schedule. */
  | { readonly kind: 'later'; readonly say: string }
  /** The provider wants nothing more from this account for a while: wait, for all its mail. */
  | { readonly kind: 'quota'; readonly say: string; readonly resumes: Resumes }
  /** The server is going away or too busy: the uplink as a whole later. */
  | { readonly kind: 'pause'; readonly say: string }
  /** The provider refuses the sign-in: a person is needed; the mail waits. */
  | { readonly kind: 'sign-in'; readonly say: string; readonly advice: string }
  /** Never: back to the sender. `status` is RFC 3463. */
  | {
      readonly kind: 'never';
      readonly say: string;
      readonly advice?: string;
      readonly status: string;
    };

/** When a quota is over: after so long, or at the next such time of day (local, 'HH:MM'). */
export type Resumes = { readonly afterMs: number } | { readonly at: string };
