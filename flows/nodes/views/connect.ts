/*
 * Connecting somebody's account at a provider: choosing the provider, typing what it wants with a
 * hint where to find it, and what came of it, step by step. The wizard and the page Providers share
 * these.
 */
import type { StatusReport } from '#control/types';
import type { Asked } from '../page/asked.ts';
import type { ConnectReport, ProviderReport, SignInStep } from './coming.ts';
import { qrOf } from './qr.ts';
import { faultOf } from './special.ts';
import { capital, full, when } from './words.ts';

export function connect(asked: Asked): object {
  const providers = (asked.box['providers'] ?? []) as readonly ProviderReport[];
  const status = asked.box['status'] as StatusReport | undefined;
  const account = asked.params['account'] ?? asked.query['account'] ?? asked.fields['account'];
  const wanted = asked.fields['provider'] ?? asked.query['provider'];
  const chosen = providers.find(({ name }) => name === wanted);
  return {
    ...(account === undefined ? {} : { account, called: capital(account) }),
    accounts: (status?.accounts ?? []).map(({ name }) => ({
      name,
      called: capital(name),
      selected: name === account,
    })),
    providers: providers.map(({ name, title }) => ({ name, title: twin(title, name, providers) })),
    hasProviders: providers.length > 0,
    ...(chosen === undefined ? {} : { chosen: chosenView(chosen) }),
    ownServer: wanted === 'other',
    fields: asked.fields,
    collect: !asked.isPost || asked.fields['collect'] === 'true',
    send: !asked.isPost || asked.fields['send'] === 'true',
    fault: faultOf(asked),
  };
}

/** Two with the same title are told apart by their names. */
function twin(title: string, name: string, all: readonly ProviderReport[]): string {
  return all.filter((one) => one.title === title).length > 1 ? `${title} (${name})` : title;
}

function chosenView(provider: ProviderReport): object {
  const [way] = provider.signIn ?? [];
  const { appPasswords = '' } = provider;
  const [, address] = /^(https:\/\/[^\s()]+)/.exec(appPasswords) ?? [];
  const isOAuth = way === 'oauth';
  const isApp = way === 'app-password';
  return {
    name: provider.name,
    title: provider.title,
    isOAuth,
    isApp,
    label: isApp ? 'App password' : 'Password',
    example:
      provider.domains?.[0] === undefined ? 'name@example.org' : `ann@${provider.domains[0]}`,
    ...(provider.first === undefined ? {} : { first: full(provider.first) }),
    ...(isOAuth || appPasswords === ''
      ? {}
      : { appPage: { address, text: appPasswords, isNeeded: isApp } }),
  };
}

/** What came of it. */
export function connected(asked: Asked): object {
  const report = asked.answer as Partial<ConnectReport & SignInStep> | undefined;
  const step = signInOf(report);
  const steps = report?.steps ?? [];
  const account = asked.params['account'] ?? report?.account ?? asked.fields['account'] ?? '';
  const works = report?.works ?? steps.every((one) => one.works);
  return {
    account,
    called: capital(account),
    steps: steps.map((one) => ({ works: one.works, say: full(one.say) })),
    ...(step === undefined ? {} : { signIn: signInView(step, report, asked.now) }),
    isDone: step === undefined && works,
    isUnsure: step === undefined && !works,
    ...(report?.step === 'done' ? { done: full(report.say ?? 'Signed in') } : {}),
    fault: faultOf(asked),
  };
}

function signInOf(report: Partial<ConnectReport & SignInStep> | undefined): SignInStep | undefined {
  const step = report?.signIn ?? (report?.step === undefined ? undefined : (report as SignInStep));
  return step === undefined || step.step === 'done' ? undefined : step;
}

/** RFC 8628 §3.3.1: the address may be shown as a QR code, beside the address and the code. */
export function signInView(
  step: SignInStep,
  report: Partial<ConnectReport> | undefined,
  now: number,
): object {
  const address = step.address ?? '';
  // Only an address of the web becomes a link.
  const isWeb = /^https:\/\//i.test(address);
  return {
    name: step.name,
    what: report?.uplink === undefined && report?.source !== undefined ? 'source' : 'uplink',
    isDevice: step.step === 'device',
    isPaste: step.step === 'paste',
    address,
    ...(isWeb ? { link: address, qr: qrOf(address) } : {}),
    code: step.code ?? '',
    ...(step.expiresAt === undefined ? {} : { until: when(step.expiresAt, now) }),
  };
}
