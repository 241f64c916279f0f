/*
 * A page of the boot log in main.ts: what collects mail from elsewhere. The registry of sources and
 * the sign-ins stand already (way-out.ts), for an uplink may share one with a source. Nothing is
 * collected yet: main starts the collector when the rest of the box is there.
 */
import type { Clock } from '#base/clock';
import type { Log } from '#base/log';
import type { Random } from '#base/random';
import { failed, type Result } from '#base/result';
import { collecting } from '#box/collecting';
import { Collector } from '#collector/collector';
import { brisk as briskImap } from '#collector/imap/limits';
import { ImapConnector } from '#collector/imap-upstream';
import { brisk as briskPop3 } from '#collector/pop3/limits';
import { Pop3Connector } from '#collector/pop3-upstream';
import { noToken, sourceTargetOf } from '#collector/source-target';
import type { UpstreamConnector } from '#collector/upstream';
import type { Household } from '#mail/accounts/household';
import { SqliteCollected } from '#mail/collected/sqlite/sqlite-collected';
import type { LocalNotices } from '#mail/local-notices';
import type { HouseholdSignIns } from '#mail/sign-ins/household-sign-ins';
import { memberOf, type SignInKey, sourceKey } from '#mail/sign-ins/sign-in-key';
import type { Sources } from '#mail/sources/sources';
import type { SqliteStore } from '#mail/store/sqlite/sqlite-store';
import type { SharedSignIns } from '#provider/oauth/shared-sign-ins';
import { collectingManners } from '#provider/signing-in';
import type { LiveSettings } from '#settings/settings';
import type { Dispatcher } from '#uplink/dispatcher';
import * as slice from './slices.ts';

/** What stands already. */
export interface WayInGround {
  readonly settings: LiveSettings;
  readonly clock: Clock;
  readonly clockIsSane: () => boolean;
  readonly random: Random;
  readonly log: Log;
  readonly store: SqliteStore;
  readonly household: Household;
  readonly notices: LocalNotices;
  readonly sources: Sources;
  readonly signIns: HouseholdSignIns;
  readonly oauth: SharedSignIns;
  readonly dispatcher: Dispatcher;
  /** The sign-in is at its end: all whom it concerns. */
  readonly tellOfSignIn: (key: SignInKey, say: string) => Promise<Result<void, unknown>>;
}

/** `parts`: what is to be stopped at the end, in its order. */
export function openWayIn(ground: WayInGround, parts: AsyncDisposableStack) {
  const { settings, clock, clockIsSane, random, store, household, notices } = ground;
  const { sources, signIns, oauth, dispatcher, tellOfSignIn } = ground;
  const log = ground.log.of('collector');
  const collected = new SqliteCollected(store.database);
  const slices = () => slice.collectSlice(settings.current);
  const collector = new Collector({
    ...{ clock, clockIsSane, random, log, store, collected, notices, sources },
    directory: household,
    hostName: () => settings.current['host.name'],
    hasRoom: (octets) => store.roomAbove(slices().lowWater) > octets,
    largest: () => slices().largest,
    connections: () => slices().connections,
    connector: byProtocol({
      pop3: new Pop3Connector({ clock, random, log }),
      imap: new ImapConnector(clock),
    }),
    briskConnector: byProtocol({
      pop3: new Pop3Connector({ clock, random, log }, briskPop3),
      imap: new ImapConnector(clock, briskImap),
    }),
    target: (source) =>
      sourceTargetOf(source, {
        signIns,
        accessTokenFor: (key, protocol) => oauth.accessTokenFor(key, protocol),
      }),
    async tokenInPlaceOf({ id, protocol, name }, token) {
      const anew = await oauth.inPlaceOf(sourceKey(id), protocol, token);
      return anew.ok ? anew : failed(noToken(anew.error, name));
    },
    tellOfSignIn: (id, say) => tellOfSignIn(sourceKey(id), say),
    mannersOf: ({ provider, protocol }) => collectingManners(provider, protocol),
  });
  const asked = collecting(collector, clock);
  parts.use(sources.watch((source) => asked.changed(source)));
  parts.defer(() => collector.stop());
  /** All who sign in with the same secret try again. */
  const signedInAnew = async (key: SignInKey) => {
    for (const one of signIns.members(key)) {
      const member = memberOf(one);
      if ('uplink' in member) await dispatcher.changed(member.uplink);
      else {
        // Before, too: what a visit meets meanwhile must not stop it anew.
        asked.changed(member.source);
        await sources.clearStop(member.source);
        asked.changed(member.source);
      }
    }
  };
  return { collected, collector, collecting: asked, signedInAnew };
}

function byProtocol(connectors: {
  readonly pop3: UpstreamConnector;
  readonly imap: UpstreamConnector;
}): UpstreamConnector {
  return { connect: (target, signal) => connectors[target.protocol].connect(target, signal) };
}
