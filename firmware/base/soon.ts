/*
 * Values that are often there at once. `await` gives way to every other session even when there is
 * nothing to wait for; on the paths that run thousands of times a second a value that is there is
 * used on the spot.
 */

export type Soon<T> = T | Promise<T>;

/** Uses the value: now when it is there, later when it is promised. */
export function whenThere<T, U>(soon: Soon<T>, use: (value: T) => Soon<U>): Soon<U> {
  return soon instanceof Promise ? soon.then(use) : use(soon);
}
