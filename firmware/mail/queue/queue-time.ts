/*
 * The two clocks of the queue, as a port. Box time only ever grows and survives restarts, whatever
 * the wall clock does; ageing time stands still while nothing may be sent (held, or outside the
 * sending windows), so that such time ages no mail.
 */
import type { AgeingTime, BoxTime } from './queue.ts';

export interface QueueTime {
  box(): BoxTime;
  ageing(): AgeingTime;
}
