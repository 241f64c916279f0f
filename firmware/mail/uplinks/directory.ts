/* What the intake asks of the uplinks during a session: is there a way out for this sender? */
import type { UplinkId } from '../ids.ts';

/** Looked up during SMTP sessions and by the queue; answers at once. */
export interface UplinkDirectory {
  /** The uplink for mail of this address (`addressKey`): its own, else the default one. */
  serving(via: string): UplinkId | undefined;
  /** 'gmail'; undefined when it is gone. */
  nameOf(uplink: UplinkId): string | undefined;
}
