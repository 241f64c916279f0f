/*
 * The sources as the control door sees them: what the owner says becomes a source with the help of
 * the presets, and each is shown with how it is now. Looking into them, and testing them, is the
 * collector's, behind the small port that stands here.
 */
import { failed, ok, type Result, refusal } from '#base/result';
import { noToken } from '#collector/source-target';
import type { NewSource, SourceBook, SourceWishes } from '#control/box';
import type {
  CollectProgress,
  SourceCollectReport,
  SourceReport,
  SourceTestReport,
  TroubleReport,
} from '#control/types';
import { counted, timeInWords } from '#control/words';
import type { Household } from '#mail/accounts/household';
import { foldCase } from '#mail/address';
import type { Collected } from '#mail/collected/collected';
import type { SourceId } from '#mail/ids';
import type { HouseholdSignIns } from '#mail/sign-ins/household-sign-ins';
import { memberOf, type SignInKey, sourceKey } from '#mail/sign-ins/sign-in-key';
import type { Source, SourceChange, Sources } from '#mail/sources/sources';
import { formatKeep, formatSince } from '#mail/sources/spans';
import { usualSpans } from '#mail/sources/wanted';
import type { StoreTrouble } from '#mail/store/store';
import type { SharedSignIns } from '#provider/oauth/shared-sign-ins';
import { oauthOf } from '#provider/signing-in';
import {
  type SourceFacts,
  sourceFromHost,
  sourceFromPreset,
  sourceMoved,
} from '#provider/source-facts';
import { loadWellKnown } from '#uplink/well-known';
import { heldAs } from './uplink-book.ts';

/** How a source is, as far as the collector knows. Times are wall clock. */
export interface SourceCondition {
  readonly kind: Exclude<SourceReport['condition'], 'paused'>;
  /** In words, '' when there is nothing to say. */
  readonly say: string;
  readonly lastAt?: number;
  readonly nextAt?: number;
}

/** What one look brought. `name` is the book's to add. */
export interface SourceLook extends Omit<SourceCollectReport, 'name'> {
  readonly source: SourceId;
}

export type SourceTested = Omit<SourceTestReport, 'name'>;

export interface LookProgress extends Omit<CollectProgress, 'name'> {
  readonly source: SourceId;
}

/** What the book asks of the collector. */
export interface Collecting {
  /** Looks into one source now, or into all that are not paused. One that was stopped is not asked
   * again: the look says why it was, and that `test` is what tries it. Resolves when that is done;
   * who asks while it is under way gets the same. */
  collect(
    source: SourceId | 'all',
    progress?: (so: LookProgress) => void,
  ): Promise<Result<readonly SourceLook[], StoreTrouble>>;
  test(source: SourceId): Promise<SourceTested>;
  /** Does the job while nobody is connected there. */
  between<T>(source: SourceId, job: () => Promise<T>): Promise<T>;
  conditionOf(source: SourceId): SourceCondition;
  /** A person has done something about it: it is looked into soon, however often it is said. */
  changed(source: SourceId): void;
}

const worrying: ReadonlySet<SourceReport['condition']> = new Set([
  ...(['sign-in', 'settings', 'unreachable', 'no-room'] as const),
]);

export interface SourceParts {
  readonly sources: Sources;
  readonly collected: Pick<Collected, 'count'>;
  readonly signIns: HouseholdSignIns;
  readonly oauth: SharedSignIns;
  readonly household: Pick<Household, 'byId'>;
  readonly collecting: Collecting;
  /** Somebody gave another secret: all who sign in with it try again. */
  readonly signedInAnew: (key: SignInKey) => Promise<void>;
}

export function sourceBook(parts: SourceParts): SourceBook {
  const { sources, signIns, oauth, collecting } = parts;
  return {
    async add(wanted) {
      const facts = await factsOf(wanted);
      if (!facts.ok) return facts;
      const { provider, host, first, needs } = facts.value;
      const hasSecret = signIns.knows({ provider, host, user: wanted.user });
      if (needs === 'password' && wanted.password === undefined && !hasSecret) {
        const say = 'This provider wants a password: give it with --password-stdin';
        return failed(refusal('bad-password', say));
      }
      const added = await signIns.addSource({ ...sourceWanted(wanted), ...placeOf(facts.value) });
      if (!added.ok) return added;
      if (wanted.password !== undefined) await parts.signedInAnew(sourceKey(added.value.id));
      collecting.changed(added.value.id);
      const report = await sourceReport(added.value, parts);
      if (!report.ok) return report;
      const alike = sources.list().filter((one) => isAlike(one, added.value));
      return ok({
        ...report.value,
        ...(first === undefined || report.value.signIn !== 'missing' ? {} : { first }),
        ...(alike.length === 0 ? {} : { alike: alike.map(({ name }) => name) }),
      });
    },
    async change(name, changes) {
      const source = sources.byName(name);
      if (source === undefined) return failed(noSuchSource(name));
      const place = await movedTo(source, changes);
      if (!place.ok) return place;
      const wanted = { ...changesOf(changes), ...place.value };
      // A round that was begun under the former --since must not settle what is sorted anew.
      const changed = await collecting.between(source.id, async () => {
        const done = await signIns.changeSource(name, wanted);
        if (!done.ok) return done;
        if (changes.password !== undefined) await parts.signedInAnew(sourceKey(source.id));
        collecting.changed(source.id);
        return done;
      });
      return changed.ok ? sourceReport(changed.value, parts) : changed;
    },
    list: () => sourceReports(parts),
    async test(name) {
      const source = sources.byName(name);
      if (source === undefined) return failed(noSuchSource(name));
      const tested = await collecting.test(source.id);
      if (tested.works) {
        // What was wrong has been mended.
        const cleared = await sources.clearStop(source.id);
        if (!cleared.ok) return cleared;
      }
      return ok({ ...tested, name: source.name });
    },
    async collect(name, progress) {
      const source = name === undefined ? undefined : sources.byName(name);
      if (name !== undefined && source === undefined) return failed(noSuchSource(name));
      const nameOf = (id: SourceId) => sources.byId(id)?.name ?? 'a source that was removed';
      const tell =
        progress &&
        (({ source: id, ...so }: LookProgress) => progress({ ...so, name: nameOf(id) }));
      const looks = await collecting.collect(source?.id ?? 'all', tell);
      if (!looks.ok) return looks;
      return ok(looks.value.map(({ source: id, ...look }) => ({ ...look, name: nameOf(id) })));
    },
    async pause(name) {
      const paused = await sources.pause(name);
      if (!paused.ok) return paused;
      collecting.changed(paused.value.id);
      return ok(undefined);
    },
    async resume(name) {
      const resumed = await sources.resume(name);
      if (!resumed.ok) return resumed;
      collecting.changed(resumed.value.id);
      return ok(undefined);
    },
    async signIn(name, go) {
      const source = sources.byName(name);
      if (source === undefined) return failed(noSuchSource(name));
      const key = sourceKey(source.id);
      if (go.step === 'begin') {
        const provider = oauthOf(source.provider);
        if (provider === undefined) return failed(takesPasswords(source.name));
        const begun = await oauth.begin(key, provider, source.user);
        return begun.ok ? ok({ ...begun.value, name: source.name }) : begun;
      }
      const done = await (go.step === 'wait' ? oauth.wait(key) : oauth.finish(key, go.text));
      if (!done.ok) return done;
      await parts.signedInAnew(key);
      const works = `See whether it works: restante source test ${source.name}`;
      const say = `${source.name} is signed in, and stays so. ${works}`;
      return ok({ step: 'done', name: source.name, say });
    },
    async setPassword(name, password) {
      const source = sources.byName(name);
      if (source === undefined) return failed(noSuchSource(name));
      const set = await signIns.setSecret(sourceKey(source.id), { password });
      if (set.ok) await parts.signedInAnew(sourceKey(source.id));
      return set;
    },
    async lossOf(name, forget) {
      const source = sources.byName(name);
      if (source === undefined) {
        if (!forget || !sources.remembers(name)) return failed(noSuchSource(name));
        return ok(`What came from ${name} stays here, and is forgotten: ${anew}.`);
      }
      const count = await parts.collected.count(source.id);
      if (!count.ok) return count;
      const here = counted(count.value, 'message');
      return ok(
        `Nothing more is collected from ${source.name}. What was collected (${here}) stays here, ` +
          `and what lies at ${source.host} stays there.${forget ? ` It is forgotten: ${anew}.` : ''}`,
      );
    },
    async remove(name, forget) {
      const source = sources.byName(name);
      const removed = await signIns.removeSource(name, forget);
      if (removed.ok && source !== undefined) collecting.changed(source.id);
      return removed;
    },
  };
}

/** Does another one bring the same mail to the same account? */
function isAlike(one: Source, other: Source): boolean {
  if (one.id === other.id || one.account !== other.account) return false;
  if (foldCase(one.user) !== foldCase(other.user) || one.provider !== other.provider) return false;
  if (one.provider === '' && one.host !== other.host) return false;
  const folders = new Set(inboxOr(one));
  return inboxOr(other).some((folder) => folders.has(folder));
}

/** What POP3 gives out is what IMAP has as INBOX. */
function inboxOr({ protocol, folders }: Source): readonly string[] {
  return protocol === 'pop3' ? ['INBOX'] : folders;
}

const anew = 'added again, it brings everything once more';

/** Every source as it is now. */
export async function sourceReports(parts: SourceParts): Promise<Result<SourceReport[]>> {
  const reports: SourceReport[] = [];
  for (const source of parts.sources.list()) {
    const report = await sourceReport(source, parts);
    if (!report.ok) return report;
    reports.push(report.value);
  }
  return ok(reports);
}

async function sourceReport(
  source: Source,
  { collected, collecting, signIns, oauth, household }: SourceParts,
): Promise<Result<SourceReport>> {
  const { id, name, provider, protocol, host, port, security, user, folders } = source;
  const count = await collected.count(id);
  if (!count.ok) return count;
  const held = heldAs(signIns.secretOf(sourceKey(id)));
  const health = held === 'oauth' ? oauth.health(sourceKey(id)) : undefined;
  const endsAt = health !== undefined && 'endsAt' in health ? health.endsAt : undefined;
  const condition = collecting.conditionOf(id);
  const { lastAt, nextAt } = condition;
  return ok({
    ...{ name, account: household.byId(source.account)?.record.name ?? '', provider, protocol },
    ...{ host, port, security, user, folders },
    ...{ since: formatSince(source.since), keep: formatKeep(source.keep) },
    everySeconds: Math.round(source.every / 1000),
    ...conditionNow(source, condition, { signIns, oauth }),
    ...(lastAt === undefined ? {} : { lastAt }),
    ...(nextAt === undefined || source.paused ? {} : { nextAt }),
    ...{ messages: count.value, signIn: held },
    ...(endsAt === undefined ? {} : { signInEndsAt: endsAt }),
  });
}

/** What a person said goes before what the source was stopped for, and that before all else. */
function conditionNow(
  source: Source,
  { kind, say }: SourceCondition,
  signedIn: SignedIn,
): Pick<SourceReport, 'condition' | 'say'> {
  const { paused, stopped } = source;
  const lack = lackIn(source, signedIn);
  if (paused) return { condition: 'paused', say: lack ?? '' };
  if (stopped !== undefined) {
    return { condition: stopped.code === 'sign-in' ? 'sign-in' : 'settings', say: stopped.say };
  }
  return lack === undefined ? { condition: kind, say } : { condition: 'sign-in', say: lack };
}

type SignedIn = Pick<SourceParts, 'signIns' | 'oauth'>;

/** Somebody has signed in, and not for collecting: known before anybody has connected. */
function lackIn({ id, name, protocol }: Source, { signIns, oauth }: SignedIn): string | undefined {
  if (heldAs(signIns.secretOf(sourceKey(id))) !== 'oauth') return undefined;
  const lack = oauth.lack(sourceKey(id), protocol);
  return lack && noToken(lack, name).say;
}

/** Sources that something is wrong with now. */
export function sourceTroubles({
  sources,
  collecting,
  ...signedIn
}: Pick<SourceParts, 'sources' | 'collecting'> & SignedIn): TroubleReport[] {
  return sources.list().flatMap((source) => {
    const { condition, say } = conditionNow(source, collecting.conditionOf(source.id), signedIn);
    return worrying.has(condition) ? [{ about: 'source', name: source.name, say }] : [];
  });
}

/** Whose sign-in is about to end. One that an uplink shares is told with the uplink. */
export function endingSignIns({
  sources,
  signIns,
  oauth,
}: Pick<SourceParts, 'sources' | 'signIns' | 'oauth'>): string[] {
  return sources.list().flatMap(({ id, name }) => {
    const key = sourceKey(id);
    const isShared = signIns.members(key).some((one) => 'uplink' in memberOf(one));
    const health = oauth.health(key);
    if (isShared || health.kind !== 'dying') return [];
    const how = `sign in anew before then: restante source signin ${name}`;
    return [`The sign-in of ${name} ends at ${timeInWords(health.endsAt)}; ${how}`];
  });
}

/** What a person should look at. */
export function sourceWarnings(sources: readonly SourceReport[]): string[] {
  return sources.flatMap(({ name, condition, say }) =>
    worrying.has(condition) ? [`Collecting from ${name}: ${say}`] : [],
  );
}

function factsOf(wanted: NewSource): Promise<Result<SourceFacts>> | Result<SourceFacts> {
  const { provider } = wanted;
  const said = saidOf(wanted);
  return provider === undefined
    ? sourceFromHost(said)
    : sourceFromPreset(provider, said, loadWellKnown);
}

async function movedTo(source: Source, changes: SourceWishes): Promise<Result<SourceChange>> {
  const { provider } = changes;
  const said = { ...saidOf(changes), ...(provider === undefined ? {} : { provider }) };
  if (Object.keys(said).length === 0) return ok({});
  const moved = await sourceMoved(source, said, loadWellKnown);
  return moved.ok ? ok(placeOf(moved.value)) : moved;
}

function saidOf({ protocol, host, port, security }: SourceWishes) {
  return {
    ...(protocol === undefined ? {} : { protocol }),
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port }),
    ...(security === undefined ? {} : { security }),
  };
}

function placeOf({ provider, protocol, host, port, security }: SourceFacts) {
  return { provider, protocol, host, port, security };
}

function sourceWanted({ name, account, user, password, ca, ...wanted }: NewSource) {
  const { folders = [], since = usualSpans.since, keep = usualSpans.keep } = wanted;
  const { every = usualSpans.every, paused = false } = wanted;
  return {
    ...{ name, account, user, folders, since, keep, every, paused },
    ...(password === undefined ? {} : { password }),
    ...(ca === undefined ? {} : { ca }),
  };
}

function changesOf(changes: SourceWishes): SourceChange {
  const { provider: _p, protocol: _q, host: _h, port: _o, security: _s, ...rest } = changes;
  return rest;
}

function noSuchSource(name: string) {
  return refusal('unknown', `There is no source ${name}; see: restante source list`);
}

function takesPasswords(name: string) {
  const say = `The provider of ${name} takes passwords only; give one with`;
  return refusal('no-oauth', `${say} "restante source password ${name}"`);
}
