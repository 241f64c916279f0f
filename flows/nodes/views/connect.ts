/*
 * Connecting somebody's account at a provider: choosing the provider, typing what it wants with a
 * hint where to find it, and what came of it, step by step. The wizard and the page Providers share
 * these.
 */
import type {
  AuthorityReport,
  ConnectReport,
  ConnectStep,
  ProviderReport,
  StatusReport,
  UplinkSignInReport,
} from '#control/types';
import type { Asked } from '../page/asked.ts';
import { qrOf } from './qr.ts';
import { faultOf } from './special.ts';
import { capital, full, joined, when } from './words.ts';

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
    providers: providers.map((one) => ({ name: one.name, title: twin(one, providers) })),
    ...(chosen === undefined ? {} : { chosen: chosenView(chosen) }),
    ownServer: wanted === 'other' || (asked.isPost && wanted === undefined),
    isChoosing: chosen === undefined && wanted !== 'other' && !asked.isPost,
    fields: asked.fields,
    smtpStarttls: asked.fields['smtp-security'] === 'starttls',
    imapStarttls: asked.fields['imap-security'] === 'starttls',
    collect: !asked.isPost || asked.fields['collect'] === 'true',
    send: !asked.isPost || asked.fields['send'] === 'true',
    fault: faultOf(asked),
  };
}

/** Two with the same title are told apart by where their addresses are. */
function twin({ title, name, domains }: ProviderReport, all: readonly ProviderReport[]): string {
  const isTwin = all.filter((one) => one.title === title).length > 1;
  return isTwin ? `${title} (${domains?.[0] ?? name})` : title;
}

function chosenView(provider: ProviderReport): object {
  const [way] = provider.signIn;
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

/** What came of it: of connecting, or of signing in anew at an uplink or source. */
export function connected(asked: Asked): object {
  const answer = asked.answer as ConnectReport | UplinkSignInReport | undefined;
  const report = answer !== undefined && 'steps' in answer ? answer : undefined;
  const step = answer !== undefined && 'step' in answer ? answer : report?.signIn;
  const account = asked.params['account'] ?? report?.account ?? asked.fields['account'] ?? '';
  const isOpen = step !== undefined && step.step !== 'done';
  const works = report?.done ?? step?.step === 'done';
  const wrong = report?.steps.filter(({ ok }) => !ok) ?? [];
  // What waits for a person is tried by nobody else.
  const isKept = wrong.length > 0 && wrong.every(isTriedAgain);
  const provider = asked.fields['provider'] ?? (report === undefined ? '' : 'other');
  return {
    account,
    called: capital(account),
    steps: (report?.steps ?? []).map((one) => ({
      works: one.ok,
      ...(halves[one.step] === undefined ? {} : { half: halves[one.step] }),
      say: full(one.say, 'below'),
    })),
    ...(isOpen ? { signIn: signInView(step, asked) } : {}),
    ...(step?.step === 'done' ? { done: full(step.say) } : {}),
    isDone: !isOpen && works,
    isUnsure: !isOpen && !works,
    provider,
    isFine: works || isKept,
    isKept,
    ...(works || isKept || report === undefined || isOpen
      ? {}
      : { again: againView(report, asked) }),
    fault: faultOf(asked),
  };
}

function isTriedAgain({ kept, trouble }: ConnectStep): boolean {
  return kept === true && trouble !== 'sign-in';
}

const halves: Readonly<Record<string, string>> = { sending: 'Sending', collecting: 'Collecting' };

/** What may be put right, and only that: the password, the servers, or whom the box trusts. All else
 * that was typed is repeated; the password, as long as it was not the trouble, is kept by the box. */
function againView({ steps, again }: ConnectReport, asked: Asked): object {
  const wrong = steps.filter((one) => !one.ok && !isTriedAgain(one));
  const isUntrusted = again !== undefined && wrong.some(({ say }) => /--ca\b/.test(say));
  const isOwnServer = asked.fields['provider'] === undefined;
  const halves = again === undefined || isUntrusted || !isOwnServer ? [] : wrong;
  const servers = halves.flatMap(({ step }) => serverView(step, asked));
  const shown = isUntrusted ? ['ca'] : servers.flatMap(({ names }) => names);
  return {
    action: isUntrusted ? `${asked.path}/certificate` : asked.path,
    user: asked.fields['user'] ?? '',
    // Whoever signs in on the provider's pages begins there anew.
    asksPassword: again === undefined && asked.fields['by'] !== 'oauth',
    isUntrusted,
    servers,
    fields: [...repeated(asked, shown), ...keptPassword(again)],
  };
}

const protocols: Readonly<Record<string, 'smtp' | 'imap'>> = {
  sending: 'smtp',
  collecting: 'imap',
};

function serverView(step: string, { fields }: Asked) {
  const protocol = protocols[step];
  if (protocol === undefined) return [];
  const [host, port, security] = ['host', 'port', 'security'].map((one) => `${protocol}-${one}`);
  if (host === undefined || port === undefined || security === undefined) return [];
  return [
    {
      protocol,
      title: `Server for ${step} (${protocol.toUpperCase()})`,
      host: fields[host] ?? '',
      port: fields[port] ?? '',
      isStarttls: fields[security] === 'starttls',
      names: [host, port, security],
    },
  ];
}

/** Looking at a certificate before it is trusted: what the file holds, or what is wrong with it. */
export function trust(asked: Asked): object {
  const all = (asked.answer ?? []) as readonly AuthorityReport[];
  const account = asked.params['account'] ?? asked.fields['account'] ?? '';
  const { again, user = '' } = asked.fields;
  const servers = [asked.fields['smtp-host'], asked.fields['imap-host']].filter(Boolean);
  const isShown = Array.isArray(asked.answer);
  const shared = { account, called: capital(account), user, fault: faultOf(asked) };
  const fields = [...repeated(asked, isShown ? [] : ['ca']), ...keptPassword(again)];
  if (!isShown) return { ...shared, again: { action: asked.path, isUntrusted: true, fields } };
  return {
    ...shared,
    found: {
      certificates: all.map((one) => ({
        name: one.name,
        by: one.name === one.issuer ? 'itself' : one.issuer,
        until: when(one.until, asked.now),
        fingerprint: one.fingerprint,
      })),
      servers: joined(servers.map(String)) || 'these servers',
      action: asked.path.replace(/\/certificate$/, ''),
      asksPassword: again === undefined,
      fields,
    },
  };
}

function keptPassword(again: string | undefined): readonly object[] {
  return again === undefined ? [] : [{ name: 'again', value: again }];
}

/** `but`: these are shown as fields. */
function repeated({ fields }: Asked, but: readonly string[] = []): readonly object[] {
  const own = ['wait', 'pasted', 'secret', 'again', ...but];
  const kept = Object.entries(fields).filter(([name]) => !own.includes(name));
  // A text of several lines comes with CR LF.
  return kept.map(([name, value]) => ({ name, value: value.replaceAll('\r\n', '\n') }));
}

/** RFC 8628 §3.3.1: the address may be shown as a QR code, beside itself and the code. The form
 * that goes on repeats what was sent before. */
function signInView(step: Exclude<UplinkSignInReport, { step: 'done' }>, asked: Asked): object {
  const { address } = step;
  // Only an address of the web becomes a link.
  const isWeb = /^https:\/\//i.test(address);
  return {
    action: asked.path,
    fields: repeated(asked),
    isDevice: step.step === 'device',
    isPaste: step.step === 'paste',
    // An uplink takes what was pasted as it is; connecting wants to be told.
    isConnect: asked.refusal === undefined && 'steps' in Object(asked.answer),
    address,
    ...(isWeb ? { link: address, qr: qrOf(address) } : {}),
    ...(step.step === 'device' ? { code: step.code, until: when(step.expiresAt, asked.now) } : {}),
  };
}
