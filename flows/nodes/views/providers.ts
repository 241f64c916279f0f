/* Providers: every way out and every mailbox that is collected from, and how each is. */
import type {
  SourceCollectReport,
  SourceReport,
  StatusReport,
  UplinkReport,
  UplinkTestReport,
} from '#control/types';
import type { Asked } from '../page/asked.ts';
import { faultOf } from './special.ts';
import { capital, counted, full, joined, when } from './words.ts';

export function providers(asked: Asked): object {
  const uplinks = (asked.box['uplinks'] ?? []) as readonly UplinkReport[];
  const sources = (asked.box['sources'] ?? []) as readonly SourceReport[];
  const status = asked.box['status'] as StatusReport | undefined;
  return {
    uplinks: uplinks.map((one) => uplinkView(one, asked)),
    sources: sources.map((one) => sourceView(one, asked)),
    hasUplinks: uplinks.length > 0,
    hasSources: sources.length > 0,
    isEmpty: uplinks.length + sources.length === 0,
    hasPeople: (status?.accounts.length ?? 1) > 0,
    fault: faultOf(asked, 'uplink list', 'source list', 'status'),
  };
}

function uplinkView(one: UplinkReport, asked: Asked): object {
  const secure = one.security === 'none' ? ', not encrypted' : '';
  const everybody = one.addresses.length === 0 ? 'everybody' : 'everybody who has no other';
  const serves = [...one.addresses, ...(one.isDefault ? [everybody] : [])];
  const isMissing = one.signIn === 'missing';
  return {
    id: `uplink-${one.name}`,
    name: one.name,
    title: capital(one.name),
    place: `${one.host}${secure}`,
    user: one.user ?? 'no sign-in',
    serves: serves.length === 0 ? 'nobody yet' : joined(serves),
    // Nobody looks whether it works before there is mail to send.
    ...stateOf(isMissing ? 'missing' : one.condition === 'well' ? 'ready' : one.condition),
    say: full(one.say),
    ...(one.nextAt === undefined ? {} : { next: `Tried again ${when(one.nextAt, asked.now)}.` }),
    ...(one.waiting === 0 ? {} : { waiting: counted(one.waiting, 'message') }),
    byOAuth: one.signIn === 'oauth' || isMissing,
    byPassword: one.signIn !== 'oauth',
    ...about('uplink', one.name, asked),
  };
}

function sourceView(one: SourceReport, asked: Asked): object {
  const isPaused = one.condition === 'paused';
  return {
    id: `source-${one.name}`,
    name: one.name,
    title: capital(one.name),
    account: capital(one.account),
    place: one.host,
    user: one.user,
    ...stateOf(one.signIn === 'missing' ? 'missing' : isPaused ? 'rests' : one.condition),
    say: full(one.say),
    collected: counted(one.messages, 'message'),
    ...(one.lastAt === undefined ? {} : { last: when(one.lastAt, asked.now) }),
    ...(one.nextAt === undefined || isPaused ? {} : { next: when(one.nextAt, asked.now) }),
    paused: isPaused,
    byOAuth: one.signIn === 'oauth' || one.signIn === 'missing',
    byPassword: one.signIn !== 'oauth',
    ...about('source', one.name, asked),
  };
}

function stateOf(condition: string): object {
  const states: Readonly<Record<string, readonly [string, string]>> = {
    well: ['well', 'works'],
    ready: ['well', 'ready'],
    rests: ['soft', 'paused'],
    paused: ['soft', 'cannot be reached'],
    quota: ['soft', 'at its limit'],
    collecting: ['well', 'collecting'],
    waiting: ['soft', 'waits'],
    unreachable: ['soft', 'cannot be reached'],
    settings: ['wrong', 'needs you'],
    'no-room': ['wrong', 'no room'],
    'sign-in': ['wrong', 'wants a sign-in'],
    missing: ['wrong', 'not signed in yet'],
  };
  const [mood, state] = states[condition] ?? ['soft', condition];
  return { mood, state };
}

/** What a test or another button on this very card has brought. */
function about(kind: 'uplink' | 'source', name: string, asked: Asked): object {
  const isThis = asked.path.startsWith(`/providers/${kind}/`) && asked.params['name'] === name;
  if (!isThis || !asked.isPost) return {};
  const fault = faultOf(asked);
  if (fault !== undefined) return { fault };
  if (Array.isArray(asked.answer)) return { test: collectedView(asked.answer) };
  const test = asked.answer as Partial<UplinkTestReport> | undefined;
  if (typeof test?.say !== 'string') return {};
  return { test: { wrong: test.works === false, say: full(test.say), answer: test.answer ?? '' } };
}

function collectedView(reports: readonly SourceCollectReport[]): object {
  const wrong = reports.find(({ works }) => !works);
  const collected = reports.reduce((sum, one) => sum + one.collected, 0);
  const brought =
    collected === 0 ? 'Nothing new lies there.' : `${counted(collected, 'message')} collected.`;
  const say = wrong === undefined ? brought : `${full(wrong.say)} ${brought}`;
  return { wrong: wrong !== undefined, say, answer: '' };
}
