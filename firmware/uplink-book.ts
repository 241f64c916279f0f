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
import type { UplinkId } from '#mail/ids';
import type { QueueTimes } from '#mail/queue/box-time';
import type { Queue } from '#mail/queue/queue';
import type { Uplink, Uplinks } from '#mail/uplinks/uplinks';
import type { WantedUplink } from '#mail/uplinks/wanted';
import { presetNames } from '#provider/finding';
import type { AccessTokens } from '#provider/oauth/access-tokens';
import type { SignIns } from '#provider/oauth/sign-ins';
import { fromHost, fromPreset, oauthOf, type UplinkFacts } from '#provider/uplink-facts';
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
  readonly tokens: AccessTokens<UplinkId>;
  readonly signIns: SignIns<UplinkId>;
  readonly targetPorts: TargetPorts;
  readonly clockIsSane: () => boolean;
  readonly clock: Clock;
}

export function uplinkBook(parts: UplinkParts): UplinkBook {
  const { uplinks, queue, dispatcher, tester, signIns, targetPorts, clockIsSane } = parts;
  return {
    providers: presetNames,
    async add(wanted) {
      const facts = await factsOf(wanted);
      if (!facts.ok) return facts;
      const added = await uplinks.add(wantedUplink(wanted, facts.value));
      if (!added.ok) return added;
      await dispatcher.changed(added.value.id);
      const report = uplinkReport(added.value, 0, parts);
      const { first } = facts.value;
      return ok(
        first === undefined || wanted.password !== undefined ? report : { ...report, first },
      );
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
      const oauth = uplink.secretKind === 'oauth';
      const about = { ...uplink, oauth, clockIsSane: clockIsSane() };
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
          const begun = await signIns.begin(uplink.id, key, uplink.user);
          return begun.ok ? ok({ ...begun.value, name: uplink.name }) : begun;
        }
        case 'wait':
          return signedIn(uplink, await signIns.wait(uplink.id), dispatcher);
        case 'pasted':
          return signedIn(uplink, await signIns.finish(uplink.id, go.text), dispatcher);
      }
    },
    async setPassword(name, password) {
      const set = await uplinks.setSecret(name, { password });
      const uplink = uplinks.byName(name);
      if (set.ok && uplink !== undefined) await dispatcher.changed(uplink.id);
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
        `${waits} for ${uplink.name}. They stay in the queue until another uplink serves their ` +
          'senders, who are told.',
      );
    },
    async remove(name) {
      const uplink = uplinks.byName(name);
      const removed = await uplinks.remove(name);
      if (removed.ok && uplink !== undefined) await dispatcher.changed(uplink.id);
      return removed;
    },
  };
}

/** An uplink as it is now; `waiting` messages. */
export function uplinkReport(
  uplink: Uplink,
  waiting: number,
  { uplinks, dispatcher, tokens, times, clock }: UplinkParts,
): UplinkReport {
  const { id, name, provider, host, port, security, user, isDefault, addresses } = uplink;
  const lane = dispatcher.conditions().find((one) => one.uplink === id);
  const condition = lane?.condition ?? { kind: 'well' as const };
  const secret = uplinks.secretOf(id);
  const held = secret === 'none' || secret === 'unreadable' ? 'missing' : kindOf(secret);
  const health = held === 'oauth' ? tokens.health(id) : undefined;
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

function kindOf(secret: { readonly password: string } | object): 'password' | 'oauth' {
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
  dispatcher: Dispatcher,
): Promise<Result<UplinkSignInReport>> {
  if (!done.ok) return done;
  await dispatcher.changed(id);
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
