/*
 * Those who want to be told of something whenever it happens. Each watch stands for itself, also
 * two with one function. Nothing is kept for whoever comes later, and nobody waits for anybody:
 * who is told has to be quick, and not to throw.
 */
export class Watchers<News extends unknown[] = []> {
  readonly #watchers = new Set<(...news: News) => void>();

  /** Calls `told` each time, until the answer is disposed of. */
  add(told: (...news: News) => void): Disposable {
    const own = (...news: News) => told(...news);
    this.#watchers.add(own);
    return { [Symbol.dispose]: () => void this.#watchers.delete(own) };
  }

  tell(...news: News): void {
    for (const told of this.#watchers) told(...news);
  }
}
