/*
 * SIGUSR2 flushes the queue: for scripts, cron and a button of one's own (`pkill -USR2 ...`). What
 * it did is in the log.
 */
import type { Log } from '#base/log';
import type { HouseFlush } from './house-flush.ts';

/** Listens until it is disposed of. */
export function flushBySignal(everything: HouseFlush, log: Log): Disposable {
  const flush = () => {
    log.info('SIGUSR2: everything that waits is tried now, and all sources are collected');
    void everything({}).then(
      ({ messages, sent, later, gaveUp, untried, collected }) =>
        log.info('The flush is done', { messages, sent, later, gaveUp, untried, collected }),
      (defect: unknown) => log.error('A flush met a defect', { defect: String(defect) }),
    );
  };
  process.on('SIGUSR2', flush);
  return { [Symbol.dispose]: () => void process.off('SIGUSR2', flush) };
}
