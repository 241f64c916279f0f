/*
 * A page of the boot log in main.ts: what collects mail from elsewhere. The registry of sources and
 * the sign-ins stand already (way-out.ts), for an uplink may share one with a source.
 */
import { SqliteCollected } from '#mail/collected/sqlite/sqlite-collected';
import type { HouseholdSignIns } from '#mail/sign-ins/household-sign-ins';
import { memberOf, type SignInKey } from '#mail/sign-ins/sign-in-key';
import type { SqliteStore } from '#mail/store/sqlite/sqlite-store';
import type { Dispatcher } from '#uplink/dispatcher';
import { notCollecting } from './not-collecting.ts';
import type { Collecting } from './source-book.ts';

/** What stands already. */
export interface WayInGround {
  readonly store: SqliteStore;
  readonly signIns: HouseholdSignIns;
  readonly dispatcher: Dispatcher;
}

export function openWayIn({ store, signIns, dispatcher }: WayInGround) {
  const collected = new SqliteCollected(store.database);
  const collecting: Collecting = notCollecting;
  /** All who sign in with the same secret try again. */
  const signedInAnew = async (key: SignInKey) => {
    for (const one of signIns.members(key)) {
      const member = memberOf(one);
      if ('uplink' in member) await dispatcher.changed(member.uplink);
      else collecting.changed(member.source);
    }
  };
  return { collected, collecting, signedInAnew };
}
