/*
 * A page of the boot log in main.ts: everything that sends mail out of the house, from the sense of
 * the clock to the dispatcher, in the order in which each part needs the ones before it. Nothing is
 * sent yet: main starts the dispatcher when the intake is there, too.
 */
import type { Clock } from '#base/clock';
import type { Log } from '#base/log';
import type { Random } from '#base/random';
import type { Seal } from '#base/seal';
import type { Build } from '#machine/build';
import { must } from '#machine/cannot-start';
import { kernelSynchronised } from '#machine/kernel-clock';
import type { Household } from '#mail/accounts/household';
import type { SqliteHistory } from '#mail/history/sqlite/sqlite-history';
import type { AccountId, UplinkId } from '#mail/ids';
import { postmasters } from '#mail/inboxes-of';
import type { LocalNotices } from '#mail/local-notices';
import { QueueTimes } from '#mail/queue/box-time';
import { ClockSense } from '#mail/queue/clock-sense';
import { Reports } from '#mail/queue/reports';
import { SqliteQueue } from '#mail/queue/sqlite/sqlite-queue';
import { HouseholdSignIns } from '#mail/sign-ins/household-sign-ins';
import { memberOf, type SignInKey, uplinkKey } from '#mail/sign-ins/sign-in-key';
import { Sources } from '#mail/sources/sources';
import { SqliteSourceRecords } from '#mail/sources/sqlite/sqlite-source-records';
import type { SqliteStore } from '#mail/store/sqlite/sqlite-store';
import { SqliteUplinkRecords } from '#mail/uplinks/sqlite/sqlite-uplink-records';
import { Uplinks } from '#mail/uplinks/uplinks';
import { NodeHttpsPost } from '#net/https-post';
import { AccessTokens } from '#provider/oauth/access-tokens';
import { HouseholdVault } from '#provider/oauth/household-vault';
import { SetProviders } from '#provider/oauth/providers';
import { SharedSignIns } from '#provider/oauth/shared-sign-ins';
import { SignIns } from '#provider/oauth/sign-ins';
import { meaningOf } from '#provider/refusals';
import { type Concerned, type SignInNews, tellOwners } from '#provider/sign-in-notice';
import type { LiveSettings } from '#settings/settings';
import { Dispatcher } from '#uplink/dispatcher';
import { HouseholdWays } from '#uplink/household-ways';
import { brisk } from '#uplink/limits';
import { NodemailerConnector } from '#uplink/nodemailer-connection';
import { OutgoingLetters } from '#uplink/outgoing';
import { ProviderSense } from '#uplink/provider-sense';
import { RenewingConnector } from '#uplink/renewing-connector';
import { UplinkTester } from '#uplink/tester';
import { oauthSlice } from './oauth-settings.ts';
import * as slice from './slices.ts';

/** What stands already. */
export interface Ground {
  readonly settings: LiveSettings;
  readonly build: Build;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly seal: Seal;
  readonly store: SqliteStore;
  readonly household: Household;
  readonly history: SqliteHistory;
  readonly notices: LocalNotices;
}

/** `parts`: what is to be stopped at the end, in its order. */
export async function openWayOut(ground: Ground, parts: AsyncDisposableStack) {
  const { settings, build, clock, random, log, seal, store, household, history, notices } = ground;
  const hostName = () => settings.current['host.name'];

  const clockSense = new ClockSense({
    ...{ clock, builtAt: build.builtAt, kernelSynchronised },
    newest: () => history.newest(),
  });
  await clockSense.start();
  parts.defer(() => clockSense.stop());
  const clockIsSane = () => clockSense.sane;
  const queue = new SqliteQueue(store.database, clock);
  const windows = () => slice.sendingWindows(settings.current);
  const times = new QueueTimes({ queue, clock, clockIsSane, windows, log: log.of('queue') });
  must(await times.start());
  parts.defer(() => times.stop());

  const uplinks = new Uplinks({ records: new SqliteUplinkRecords(store.database), seal });
  await uplinks.start();
  const accounts = {
    idOf: (login: string) => household.byLogin(login)?.record.id,
    isThere: (id: AccountId) => household.byId(id) !== undefined,
  };
  const sourceRecords = new SqliteSourceRecords(store.database);
  const sources = new Sources({ records: sourceRecords, seal, clock, accounts });
  await sources.start();
  const signIns = new HouseholdSignIns({ uplinks, sources });
  const asking = {
    ...{ clock, random, clockIsSane, log: log.of('oauth') },
    https: new NodeHttpsPost(clock),
    providers: new SetProviders(() => oauthSlice(settings.current)),
  };
  /** Whoever has the postmaster's mail sees to what is nobody's in particular. */
  const ownersOf = (uplink: UplinkId): readonly AccountId[] => {
    const own = ways.owners(uplink);
    return own.length > 0 ? own : postmasters(household);
  };
  const concerned = (key: SignInKey): Concerned[] => {
    const member = memberOf(key);
    if ('uplink' in member) {
      const name = uplinks.nameOf(member.uplink) ?? '';
      return [{ key, name, owners: ownersOf(member.uplink) }];
    }
    const source = sources.byId(member.source);
    return source === undefined ? [] : [{ key, name: source.name, owners: [source.account] }];
  };
  const tellAll = (keys: readonly SignInKey[], news: SignInNews) =>
    tellOwners({ notices, log: log.of('oauth') }, keys.flatMap(concerned), news);
  const tokens: AccessTokens<SignInKey> = new AccessTokens({
    ...asking,
    vault: new HouseholdVault(signIns),
    warn: ({ id, kind, say }) => void tellAll(signIns.members(id), { kind, say }),
  });
  /** Where the provider has ended the sign-in, that is news for all who go by it, and one mail; a
   * server that refuses one of them says nothing of the others. */
  const tellOfSignIn = (key: SignInKey, say: string) => {
    const isOver = tokens.health(signIns.holder(key)).kind === 'refused';
    return tellAll(isOver ? signIns.members(key) : [key], { kind: 'refused', say });
  };
  tokens.start();
  parts.defer(() => tokens.stop());
  const oauth = new SharedSignIns({
    house: signIns,
    tokens,
    signIns: new SignIns<SignInKey>({ ...asking, adopt: (key, got) => tokens.adopt(key, got) }),
  });
  const targetPorts = {
    signIns,
    accessTokenFor: (key: SignInKey) => oauth.accessTokenFor(key, 'smtp'),
    helloName: hostName,
  };
  const renewing = (connector: NodemailerConnector) =>
    new RenewingConnector(connector, (access) => tokens.inPlaceOf(access));
  const connector = new NodemailerConnector(clock);
  const ways = new HouseholdWays({
    ...targetPorts,
    uplinks,
    ownersOf: (address) => household.ownersOf(address),
  });
  const reporting = new Reports({
    ...{ store, directory: household, notices, queue, history, clock, random, hostName },
    log: log.of('queue'),
  });
  const dispatcher = new Dispatcher({
    ...{ queue, ways, reporting, notices, history, times, clockIsSane, clock, random },
    tellOfSignIn: (uplink, say) => tellOfSignIn(uplinkKey(uplink), say),
    connector: renewing(connector),
    letters: new OutgoingLetters(store),
    sense: new ProviderSense({ uplinks, signIns, meaningOf, clockIsSane }),
    schedule: () => slice.scheduleSlice(settings.current),
    log: log.of('queue'),
  });
  const tester = new UplinkTester(renewing(new NodemailerConnector(clock, brisk)), meaningOf);

  /** Something waits: what sends it is loaded before it is wanted, for a flush is not to wait. */
  const queued = () => {
    void connector.load().catch(() => {});
    dispatcher.wake();
  };
  const last = await queue.last();
  if (last.ok && last.value !== undefined) void connector.load().catch(() => {});
  return {
    ...{ clockSense, clockIsSane, queue, times, uplinks, sources, signIns, oauth, targetPorts },
    ...{ reporting, dispatcher, tester, queued, tellOfSignIn },
  };
}
