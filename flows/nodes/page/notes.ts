/*
 * What is said on the next page, after a form has done something and the browser was sent on (303):
 * kept here for a minute under a key that nobody can guess, so that no link can make a page say
 * something. Each note is read once, and there are never more than a few.
 */
import { randomBytes } from 'node:crypto';

export interface Note {
  readonly say: string;
  readonly mood: 'well' | 'wrong';
}

const most = 64;
const lifetime = 60_000;

export class Notes {
  readonly #kept = new Map<string, { readonly note: Note; readonly until: number }>();

  keep(note: Note, now: number): string {
    for (const [key, { until }] of this.#kept) {
      if (until <= now || this.#kept.size >= most) this.#kept.delete(key);
    }
    const key = randomBytes(12).toString('base64url');
    this.#kept.set(key, { note, until: now + lifetime });
    return key;
  }

  take(key: string, now: number): Note | undefined {
    const kept = this.#kept.get(key);
    this.#kept.delete(key);
    return kept !== undefined && kept.until > now ? kept.note : undefined;
  }
}
