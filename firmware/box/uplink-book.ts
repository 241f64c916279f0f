/*
 * The uplinks as the control door sees them: what the owner says becomes an uplink with the help of
 * the presets, and each is shown with how it is now. Tests and sign-ins are led through here; what
 * they do stands in uplink/ and provider/oauth/.
 */
import type { Clock } from '#base/clock';
import { failed, ok, type Result, refusal } from '#base/result';
import type { NewUplink, UplinkBook } from '#control/box';
import type { UplinkReport, UplinkSignInReport } from '#control/types';
import { counted } from '#control/words';
import type { QueueTimes } from '#mail/queue/box-time';
import type { Queue } from '#mail/queue/queue';
import type { HouseholdSignIns } from '#mail/sign-ins/household-sign-ins';
import { type SignInKey, uplinkKey } from '#mail/sign-ins/sign-in-key';
import type { Uplink, Uplinks } from '#mail/uplinks/uplinks';
import type { WantedUplink } from '#mail/uplinks/wanted';
import { presetNames } from '#provider/finding';
import type { SharedSignIns } from '#provider/oauth/shared-sign-ins';
import { oauthOf } from '#provider/signing-in';
import { fromHost, fromPreset, type UplinkFacts } from '#provider/uplink-facts';
import type { Dispatcher } from '#uplink/dispatcher';
import { type TargetPorts, targetOf } from '#uplink/target';
import type { UplinkTester } from '#uplink/tester';
import { loadWellKnown } from '#uplink/well-known';
import { resumesAt } from './next-try.ts';

export interface UplinkParts {
  readonly uplinks: Uplinks;
  readonly queue: Queue;
  readonly times: QueueTimes;
  readonly dispatcher: Dispatcher;
  readonly tester: UplinkTester;
  readonly signIns: HouseholdSignIns;
  readonly oauth: SharedSignIns;
  readonly targetPorts: TargetPorts;
  /** Somebody gave another secret: all who sign in with it try again. */
  readonly signedInAnew: (key: SignInKey) => Promise<void>;
  readonly clockIsSane: () => boolean;
  readonly clock: Clock;
}

export function uplinkBook(parts: UplinkParts): UplinkBook {
  const { uplinks, queue, dispatcher, tester, oauth, targetPorts, clockIsSane } = parts;
  const { signIns } = parts;
  return {
    providers: presetNames,
    async add(wanted) {
      const facts = await factsOf(wanted);
      if (!facts.ok) return facts;
      const before = wanted.isDefault
        ? uplinks.list().find(({ isDefault }) => isDefault)
        : undefined;
      const added = await signIns.addUplink(wantedUplink(wanted, facts.value));
      if (!added.ok) return added;
      await dispatcher.changed(added.value.id);
      const report = uplinkReport(added.value, 0, parts);
      const { first } = facts.value;
      const signedIn = report.signIn === 'password' || report.signIn === 'oauth';
      return ok({
        ...report,
        ...(first === undefined || signedIn ? {} : { first }),
        ...(before === undefined ? {} : { defaultBefore: before.name }),
      });
    },
    async list() {
      const waiting = await queue.waiting();
      if (!waiting.ok) return waiting;
      const counts = new Map(waiting.value.map(({ uplink, messages }) => [uplink, messages]));
      return ok(uplinks.list().map((one) => uplinkReport(one, counts.get(one.id) ?? 0, parts)));
    },
    async test(name) {
      const uplink = uplinks.byName(name);
      if (uplink === undefined) return failed(noSuchUplink(name));
      const target = await targetOf(uplink, targetPorts);
      if (!target.ok) {
        const say = `${target.error.say}.`;
        return ok({ name: uplink.name, works: false, kind: 'sign-in', say, answer: '' });
      }
      const byOauth = heldAs(signIns.secretOf(uplinkKey(uplink.id))) === 'oauth';
      const about = { ...uplink, oauth: byOauth, clockIsSane: clockIsSane() };
      const { works, say, answer, tls, kind } = await tester.test(target.value, about);
      // What was wrong may have been mended: waiting mail need not wait for its next turn.
      if (works) await dispatcher.changed(uplink.id);
      return ok({
        ...{ name: uplink.name, works, say, answer },
        ...(kind === undefined ? {} : { kind }),
        ...(tls === undefined ? {} : { tls }),
      });
    },
    async signIn(name, go) {
      const uplink = uplinks.byName(name);
      if (uplink === undefined) return failed(noSuchUplink(name));
      switch (go.step) {
        case 'begin': {
          const key = oauthOf(uplink.provider);
          if (key === undefined) return failed(takesPasswords(uplink.name));
          const begun = await oauth.begin(uplinkKey(uplink.id), key, uplink.user);
          return begun.ok ? ok({ ...begun.value, name: uplink.name }) : begun;
        }
        case 'wait':
          return signedIn(uplink, await oauth.wait(uplinkKey(uplink.id)), parts);
        case 'pasted':
          return signedIn(uplink, await oauth.finish(uplinkKey(uplink.id), go.text), parts);
      }
    },
    async setPassword(name, password) {
      const uplink = uplinks.byName(name);
      if (uplink === undefined) return failed(noSuchUplink(name));
      const key = uplinkKey(uplink.id);
      const set = await signIns.setSecret(key, { password });
      if (set.ok) await parts.signedInAnew(key);
      return set;
    },
    async lossOf(name) {
      const uplink = uplinks.byName(name);
      if (uplink === undefined) return failed(noSuchUplink(name));
      const waiting = await queue.waiting();
      if (!waiting.ok) return waiting;
      const row = waiting.value.find((one) => one.uplink === uplink.id);
      if (row === undefined) return ok(undefined);
      const waits = `${counted(row.messages, 'message')} ${row.messages === 1 ? 'waits' : 'wait'}`;
      return ok(
        `${waits} for ${uplink.name}. What waits stays in the queue until another uplink ` +
          'serves its senders, who are told.',
      );
    },
    async remove(name) {
      const uplink = uplinks.byName(name);
      const removed = await signIns.removeUplink(name);
      if (removed.ok && uplink !== undefined) await dispatcher.changed(uplink.id);
      return removed;
    },
  };
}

/** An uplink as it is now; `waiting` messages. */
export function uplinkReport(
  uplink: Uplink,
  waiting: number,
  { signIns, dispatcher, oauth, times, clock }: UplinkParts,
): UplinkReport {
  const { id, name, provider, host, port, security, user, isDefault, addresses } = uplink;
  const lane = dispatcher.conditions().find((one) => one.uplink === id);
  const condition = lane?.condition ?? { kind: 'well' as const };
  const held = heldAs(signIns.secretOf(uplinkKey(id)));
  const health = held === 'oauth' ? oauth.health(uplinkKey(id)) : undefined;
  const endsAt = health !== undefined && 'endsAt' in health ? health.endsAt : undefined;
  const nextAt = resumesAt(condition, clock.now() - times.box());
  const refused = condition.kind === 'well' && health?.kind === 'refused';
  return {
    ...{ name, provider, host, port, security, isDefault, addresses, waiting },
    ...(user === undefined ? {} : { user }),
    signIn: user === undefined ? 'none' : held,
    connections: uplink.connections,
    condition: refused ? 'sign-in' : condition.kind,
    say: refused ? health.say : condition.kind === 'well' ? '' : condition.say,
    ...(nextAt === undefined ? {} : { nextAt }),
    ...(endsAt === undefined ? {} : { signInEndsAt: endsAt }),
  };
}

/** What somebody signs in with, for people. */
export function heldAs(
  secret: ReturnType<HouseholdSignIns['secretOf']>,
): 'missing' | 'password' | 'oauth' {
  if (typeof secret === 'string') return 'missing';
  return 'password' in secret ? 'password' : 'oauth';
}

async function factsOf(wanted: NewUplink): Promise<Result<UplinkFacts>> {
  const { provider, host, port, security, connections } = wanted;
  const said = {
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port }),
    ...(security === undefined ? {} : { security }),
    ...(connections === undefined ? {} : { connections }),
  };
  return provider === undefined ? fromHost(said) : fromPreset(provider, said, loadWellKnown);
}

function wantedUplink(wanted: NewUplink, facts: UplinkFacts): WantedUplink {
  const { provider, host, port, security, connections, needs } = facts;
  const { name, user, password, addresses, isDefault, ca } = wanted;
  return {
    ...{ name, provider, host, port, security, connections, addresses, isDefault },
    ...(needs === undefined ? {} : { needs }),
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password }),
    ...(ca === undefined ? {} : { ca }),
  };
}

async function signedIn(
  { id, name }: Uplink,
  done: Result<void>,
  { signedInAnew }: UplinkParts,
): Promise<Result<UplinkSignInReport>> {
  if (!done.ok) return done;
  await signedInAnew(uplinkKey(id));
  const works = `See whether it works: restante uplink test ${name}`;
  const say = `${name} is signed in, and stays so. ${works}`;
  return ok({ step: 'done', name, say });
}

function noSuchUplink(name: string) {
  return refusal('unknown', `There is no uplink ${name}; see: restante uplink list`);
}

function takesPasswords(name: string) {
  const say = `The provider of ${name} takes passwords only; give one with`;
  return refusal('no-oauth', `${say} "restante uplink password ${name}"`);
}
