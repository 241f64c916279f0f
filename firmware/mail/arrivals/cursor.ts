/*
 * Where a reader of arrivals stands, in a text that it keeps. Entries are numbered in the order in
 * which they were committed, so a number would do, were it not for restores: they go back in time,
 * and give the same numbers again, to other messages, in another generation. So a cursor names for
 * each generation that its reader has seen the last number it saw of it, oldest generation first.
 *
 *   cursor = place *( "~" place )
 *   place  = generation "." number        ; number in base 36
 *
 * Then a reader gets what it has not seen, also on a box that was restored, and restored again.
 */

export interface Place {
  /** The generation's name. */
  readonly generation: string;
  /** The last entry's number that was seen of it. */
  readonly entry: number;
}

export type Cursor = readonly Place[];

/** Restores that a cursor remembers; one that forgot the oldest repeats nothing but their mail. */
const mostPlaces = 16;

const form = /^[\w-]{1,32}\.[0-9a-z]{1,11}(?:~[\w-]{1,32}\.[0-9a-z]{1,11}){0,31}$/;

/** Undefined: this is none. '' is the beginning of all. */
export function parseCursor(text: string): Cursor | undefined {
  if (text === '') return [];
  if (!form.test(text)) return undefined;
  return text.split('~').map((place) => {
    const dot = place.indexOf('.');
    return {
      generation: place.slice(0, dot),
      entry: Number.parseInt(place.slice(dot + 1), 36),
    };
  });
}

export function formatCursor(cursor: Cursor): string {
  return cursor.map(({ generation, entry }) => `${generation}.${entry.toString(36)}`).join('~');
}

/** The cursor of a reader that has seen this one, too. */
export function advanced(cursor: Cursor, seen: Place): Cursor {
  const others = cursor.filter(({ generation }) => generation !== seen.generation);
  return [...others, seen].slice(-mostPlaces);
}

/** A generation as the store knows it. `id` grows from one to the next. */
export interface Generation {
  readonly id: number;
  readonly name: string;
}

/** Where to go on: behind entry `entry` of generation `generation`, and with all of later ones. */
export interface Resume {
  readonly generation: number;
  readonly entry: number;
}

/** What a reader has not seen, in a store with these generations. In one store, numbers grow with
 * the generations; so the last place that this store knows decides, and what the reader saw in a
 * time that was undone does not count. */
export function resume(cursor: Cursor, generations: readonly Generation[]): Resume {
  const known = cursor.flatMap(({ generation, entry }) => {
    const found = generations.find(({ name }) => name === generation);
    return found === undefined ? [] : [{ generation: found.id, entry }];
  });
  return known.reduce((one, other) => (other.generation > one.generation ? other : one), start);
}

const start: Resume = { generation: 0, entry: 0 };
