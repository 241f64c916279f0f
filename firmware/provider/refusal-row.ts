/*
 * A row of the table of refusals: which answers it is about, what they mean, where that was read,
 * and an answer as it really comes. All of it is data; refusals.ts looks it up.
 */
import type { Answer } from './answer.ts';
import type { Resumes } from './meaning.ts';

/** All that is given must hold. */
export interface When {
  /** Presets; undefined: any, also a host of one's own. */
  readonly providers?: readonly string[];
  /** Reply codes, or their first digit. */
  readonly code?: number | '4yz' | '5yz' | readonly number[];
  /** Status codes (RFC 3463), whole ('5.4.5'), or for any class ('x.4.5'). */
  readonly enhanced?: readonly string[];
  /** True: the answer has no status code at all. */
  readonly bare?: true;
  /** Matched without case against the first thousand characters. No nested repeats. */
  readonly says?: RegExp;
  readonly to?: readonly Answer['to'][];
}

/**
 * As a Meaning, but %provider stands for the provider's name and %passwords for where its app
 * passwords are made; the status of `never` is the answer's own, unless it is given.
 */
export type Means =
  | { readonly kind: 'later' | 'pause'; readonly say: string }
  | { readonly kind: 'quota'; readonly say: string; readonly resumes: Resumes }
  | { readonly kind: 'sign-in'; readonly say: string; readonly advice: string }
  | {
      readonly kind: 'never';
      readonly say: string;
      readonly advice?: string;
      readonly status?: string;
    };

export interface RefusalRow {
  /** Unlike any other. */
  readonly name: string;
  readonly when: When;
  readonly means: Means;
  /** A page, or a standard. */
  readonly source: string;
  /** A whole reply, to what, and from whose server ('': some host). */
  readonly example: {
    readonly reply: string;
    readonly to: Answer['to'];
    readonly provider: string;
  };
}
