/*
 * What a person means by "flush", whether by the verb, the button or a signal: everything that
 * waits goes out now, and everything that lies at the sources comes in. Sending and collecting go
 * side by side, and neither waits for the other's trouble.
 */
import type { Collector } from '#collector/collector';
import type { Dispatcher } from '#uplink/dispatcher';
import type { FlushProgress, FlushReport, FlushWishes } from '#uplink/state';

export interface HouseFlushReport extends FlushReport {
  /** Messages that came in. */
  readonly collected: number;
}

export type HouseFlush = (
  wishes: FlushWishes,
  progress?: (so: FlushProgress) => void,
) => Promise<HouseFlushReport>;

export function houseFlush({
  dispatcher,
  collector,
}: {
  readonly dispatcher: Pick<Dispatcher, 'flush'>;
  readonly collector: Pick<Collector, 'collect'>;
}): HouseFlush {
  return async (wishes, progress) => {
    const [report, came] = await Promise.all([
      dispatcher.flush(wishes, progress),
      collector.collect('all'),
    ]);
    // What is wrong with a source is said by `status`; sending has its own trouble to tell.
    const collected = came.reduce((sum, { counts }) => sum + counts.delivered, 0);
    return { ...report, collected };
  };
}
