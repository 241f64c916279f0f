/*
 * The providers that let people sign in by OAuth, as data: which way they grant for mail, for what,
 * and how long a sign-in lives. Addresses and client ids are settings (`oauth.*`): who runs a box
 * registers a client of their own. `own` is any other server that keeps RFC 6749, one of the house
 * included. Yahoo, AOL and iCloud are not here: they give clients to companies under contract only,
 * and everybody an app password.
 */
import { failed, ok, type Refusal, type Result, refusal } from '#base/result';

export type OAuthProviderKey = 'microsoft' | 'google' | 'own';

/** What the owner set for one provider (`oauth.google.client` ...). '' is unset. */
export interface OAuthProviderSettings {
  readonly client: string;
  readonly token: string;
  /** One of the two, by the way in; both may be set for `own`, and then `device` is used. */
  readonly device?: string;
  readonly authorize?: string;
  readonly scope?: string;
  /** Files: the client's secret, and a CA to trust for this provider's addresses. */
  readonly secretFile?: string;
  readonly caFile?: string;
}

export type OAuthSettings = Readonly<Record<OAuthProviderKey, OAuthProviderSettings>>;

/** What an access token is used for. */
export type MailUse = 'smtp' | 'imap' | 'pop3';

interface ProviderFacts {
  readonly name: string;
  /** RFC 6749 §3.3: what each use wants. All are asked for, so that one sign-in serves the uplink and
   * the source of an account. Undefined: a setting. */
  readonly scopes?: Readonly<Record<MailUse, string>>;
  /** Asked for beside them. */
  readonly alsoScope?: string;
  /** More parameters of the address that is opened in a browser. */
  readonly asks: Readonly<Record<string, string>>;
  /** A sign-in that is not used for so long dies. */
  readonly idleDays?: number;
  /** How to come by a client id. */
  readonly register: string;
  readonly source: string;
}

/** SMTP, IMAP and POP at once. */
const googleMail = 'https://mail.google.com/';

const facts: Readonly<Record<OAuthProviderKey, ProviderFacts>> = {
  microsoft: {
    name: 'Microsoft',
    scopes: {
      smtp: 'https://outlook.office.com/SMTP.Send',
      imap: 'https://outlook.office.com/IMAP.AccessAsUser.All',
      pop3: 'https://outlook.office.com/POP.AccessAsUser.All',
    },
    alsoScope: 'offline_access',
    asks: {},
    idleDays: 90,
    register:
      'Register an app at https://entra.microsoft.com (App registrations, any account, "Allow ' +
      'public client flows" on)',
    source: 'https://learn.microsoft.com/entra/identity-platform/refresh-tokens',
  },
  google: {
    name: 'Google',
    scopes: { smtp: googleMail, imap: googleMail, pop3: googleMail },
    // Without these two there is no refresh token, or none the second time.
    asks: { access_type: 'offline', prompt: 'consent' },
    idleDays: 180,
    register:
      'Use an app password instead (https://myaccount.google.com/apppasswords), or make an OAuth ' +
      'client of the kind "Desktop app" at https://console.cloud.google.com',
    source: 'https://developers.google.com/identity/protocols/oauth2',
  },
  own: {
    name: 'your own sign-in server',
    asks: {},
    register: 'Register a public client there',
    source: 'RFC 6749, RFC 7636, RFC 8628',
  },
};

/**
 * Where the browser is sent at the end: an address of the person's own computer, at which nothing
 * listens (RFC 8252 §7.3), so that the address stays in sight and can be pasted.
 */
export const redirectAddress = 'http://127.0.0.1:53117/';

/** A provider with everything that is needed to talk to it. */
export interface OAuthProvider {
  readonly key: OAuthProviderKey;
  readonly name: string;
  readonly client: string;
  readonly secret?: string;
  readonly ca?: string;
  readonly scope: string;
  readonly token: string;
  readonly way: OAuthWay;
}

/** `device`: a code is typed on any other screen. `code`: the browser's last address is pasted. */
export type OAuthWay =
  | { readonly kind: 'device'; readonly address: string }
  | {
      readonly kind: 'code';
      readonly address: string;
      readonly asks: Readonly<Record<string, string>>;
    };

export function isProviderKey(text: string): text is OAuthProviderKey {
  return Object.hasOwn(facts, text);
}

export function nameOf(key: OAuthProviderKey): string {
  return facts[key].name;
}

/** What this use wants; '' when that is not known. */
export function scopeFor(key: OAuthProviderKey, use: MailUse): string {
  return facts[key].scopes?.[use] ?? '';
}

/** Everything that a box may do with mail there; undefined: a setting. */
function wholeScope({ scopes, alsoScope = '' }: ProviderFacts): string | undefined {
  if (scopes === undefined) return undefined;
  return [...new Set(Object.values(scopes)), alsoScope].filter(Boolean).join(' ');
}

/** How long a sign-in lives when it is not used; undefined: not known. */
export function idleDaysOf(key: OAuthProviderKey): number | undefined {
  return facts[key].idleDays;
}

/** What facts and settings come to; without what lies in files. */
export function providerFrom(
  key: OAuthProviderKey,
  settings: OAuthProviderSettings,
): Result<OAuthProvider, Refusal> {
  const { name, asks } = facts[key];
  const scope = wholeScope(facts[key]) ?? settings.scope ?? '';
  const { client, token, device = '', authorize = '' } = settings;
  if (token === '' || (device === '' && authorize === '')) {
    const first = key === 'google' ? 'authorize' : 'device';
    const set = `restante settings set oauth.${key}.${token === '' ? 'token' : first} ADDRESS`;
    // Most who come here have forgotten the password, and know of no sign-in server.
    const say =
      key === 'own' && token === ''
        ? `Give the password. To sign in without one, say first where ${name} is: ${set}`
        : `The box does not know where ${name} signs people in. Set it: ${set}`;
    return failed(refusal('no-endpoints', say));
  }
  const way: OAuthWay =
    device === ''
      ? { kind: 'code', address: authorize, asks }
      : { kind: 'device', address: device };
  return ok({ key, name, client, scope, token, way });
}

/** What to do when no client id is set. */
export function noClient({ key, name }: OAuthProvider): Refusal {
  return refusal(
    'no-client',
    `Signing in at ${name} needs an OAuth client, and none is set. ${facts[key].register}, then: ` +
      `restante settings set oauth.${key}.client ID`,
  );
}
