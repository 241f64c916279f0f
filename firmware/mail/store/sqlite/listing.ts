/*
 * A mailbox's entries in compact arrays: 100,000 of them take some 4 MB here, and would take ten
 * times that as rows. SQLite hands each column of a page over as one JSON array.
 */
import type { Listing } from '../store.ts';

/** Columns of some entries, each a JSON array; `last` is the page's highest uid. */
export interface ListingPage {
  readonly length: number;
  readonly last: number | null;
  readonly entries: string;
  readonly messages: string;
  readonly octets: string;
  readonly wireOctets: string;
  readonly shapes: string;
  readonly generations: string;
}

/** One page of entries, uid above the second and below the third parameter. */
export const listingSql = `
  SELECT count(*) AS length, max(uid) AS last,
    json_group_array(id) AS entries, json_group_array(message) AS messages,
    json_group_array(octets) AS octets, json_group_array(wire_octets) AS wireOctets,
    json_group_array(shape) AS shapes, json_group_array(generation) AS generations
  FROM (SELECT * FROM entry WHERE mailbox = ? AND uid > ? AND uid < ? ORDER BY uid LIMIT ?)`;

export class ListingBuilder {
  readonly #entries: number[][] = [];
  readonly #messages: number[][] = [];
  readonly #octets: number[][] = [];
  readonly #wireOctets: number[][] = [];
  readonly #shapes: number[][] = [];
  readonly #generations: number[][] = [];
  readonly #names: ReadonlyMap<number, string>;
  #length = 0;

  /** `names`: the generations' names by their ids. */
  constructor(names: ReadonlyMap<number, string>) {
    this.#names = names;
  }

  add(page: ListingPage): void {
    this.#length += page.length;
    this.#entries.push(numbers(page.entries));
    this.#messages.push(numbers(page.messages));
    this.#octets.push(numbers(page.octets));
    this.#wireOctets.push(numbers(page.wireOctets));
    this.#shapes.push(numbers(page.shapes));
    this.#generations.push(numbers(page.generations));
  }

  listing(): Listing {
    const entries = join(this.#entries, new Float64Array(this.#length));
    const generations = join(this.#generations, new Uint16Array(this.#length));
    const names = this.#names;
    return {
      length: this.#length,
      entries,
      messages: join(this.#messages, new Float64Array(this.#length)),
      octets: join(this.#octets, new Float64Array(this.#length)),
      wireOctets: join(this.#wireOctets, new Float64Array(this.#length)),
      shapes: join(this.#shapes, new Uint8Array(this.#length)),
      uniqueId: (index) => uniqueId(names.get(generations[index] ?? 0), entries[index] ?? 0),
    };
  }
}

/** A generation's random name and the entry's number: never the same twice, not even after a
 * restore went back in time, for that begins another generation. */
export function uniqueId(generation: string | undefined, entry: number): string {
  return `${generation ?? 'unknown'}.${entry.toString(36)}`;
}

function numbers(json: string): number[] {
  return JSON.parse(json) as number[];
}

function join<A extends Float64Array | Uint16Array | Uint8Array>(pages: number[][], into: A): A {
  let at = 0;
  for (const page of pages) {
    into.set(page, at);
    at += page.length;
  }
  return into;
}
