/*
 * Who asks for a flush, and when it runs. One runs at a time. Whoever asks for what the running one
 * does anyway joins it, and hears the same report; whoever asks for more waits for it to end.
 */

import { covers } from './flush.ts';
import type { FlushProgress, FlushReport, FlushWishes } from './state.ts';

type Progress = (so: FlushProgress) => void;
export type Flushed = Omit<FlushReport, 'joined'>;

/** Performs a flush; `progress` is called as it goes on. */
export type PerformFlush = (wishes: FlushWishes, progress: Progress) => Promise<Flushed>;

interface Asked {
  readonly wishes: FlushWishes;
  readonly listeners: Progress[];
  readonly report: Promise<Flushed>;
}

export class Flushes {
  readonly #perform: PerformFlush;
  #asked: Asked[] = [];

  constructor(perform: PerformFlush) {
    this.#perform = perform;
  }

  get running(): boolean {
    return this.#asked.length > 0;
  }

  async ask(wishes: FlushWishes, progress?: Progress): Promise<FlushReport> {
    const other = this.#asked.find((one) => covers(one.wishes, wishes));
    if (other !== undefined) {
      if (progress !== undefined) other.listeners.push(progress);
      return { ...(await other.report), joined: true };
    }
    const listeners = progress === undefined ? [] : [progress];
    const tell: Progress = (so) => {
      for (const listener of listeners) listener(so);
    };
    const before = this.#asked.at(-1)?.report;
    const report = this.#after(before, () => this.#perform(wishes, tell));
    const asked: Asked = { wishes, listeners, report };
    this.#asked.push(asked);
    try {
      return { ...(await report), joined: false };
    } finally {
      this.#asked = this.#asked.filter((one) => one !== asked);
    }
  }

  async #after(
    before: Promise<Flushed> | undefined,
    perform: () => Promise<Flushed>,
  ): Promise<Flushed> {
    await before?.catch(() => {});
    return perform();
  }
}
