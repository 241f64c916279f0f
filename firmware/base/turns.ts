/*
 * Jobs that take turns: each begins when those before it have ended, well or badly. So what a
 * change has checked stays true until it is done. It does not bound how many wait; whoever takes
 * jobs from strangers has to (mail/accounts/derivations.ts does).
 */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  /** Settles as the job does. */
  take<T>(job: () => Promise<T>): Promise<T> {
    const done = this.#last.then(job);
    this.#last = done.catch(() => {});
    return done;
  }
}
