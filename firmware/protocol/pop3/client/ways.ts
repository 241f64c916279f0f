/*
 * In which ways to try to sign in, and which must not be tried: a pure function of what the server
 * offers, how we are connected, and what we have. At most two ways, for a wrong password must not
 * become a burst of them.
 *
 * Over TLS the password itself is as good as anything, and known to nearly every server. In the clear
 * (to loopback only: where secrets may travel is the caller's to say) it is kept off the line
 * where that can be: SCRAM-SHA-256, then APOP.
 */
import type { Answer } from './answer.ts';
import type { Offers } from './offers.ts';

/** `USER`: USER and PASS (RFC 1939 §7). */
export type Way = 'SCRAM-SHA-256' | 'APOP' | 'PLAIN' | 'XOAUTH2' | 'USER' | 'LOGIN';

export type Secret = { readonly password: string } | { readonly accessToken: string };

export interface Circumstances {
  readonly encrypted: boolean;
  /** A secret may cross this connection: it is encrypted, or leads to this machine. */
  readonly safe: boolean;
  /** What CAPA said; undefined: the server does not know it. */
  readonly offers: Offers | undefined;
  /** Of the greeting (RFC 1939 §7). */
  readonly timestamp: string | undefined;
}

export type SignInObstacle = 'IN-THE-CLEAR' | 'NO-MECHANISM' | 'BAD-SECRET';

export type SignInPlan =
  /** One, or two: the second where the first fails for being what it is. */
  | { readonly kind: 'with'; readonly ways: readonly [Way, Way?] }
  | { readonly kind: 'cannot'; readonly code: SignInObstacle; readonly detail: string };

export function signInPlan(user: string, secret: Secret, circumstances: Circumstances): SignInPlan {
  const { safe, offers } = circumstances;
  // RFC 8314 §3.3: a secret never crosses the network in the clear.
  if (!safe) return cannot('IN-THE-CLEAR', 'the connection is not encrypted');
  const text = 'password' in secret ? secret.password : secret.accessToken;
  // They would end the command, and begin another.
  if (/[\r\n\0]/.test(user + text) || user === '' || text === '') {
    return cannot('BAD-SECRET', 'the name or the password cannot be sent');
  }
  const possible = 'password' in secret ? byPassword(user, circumstances) : byToken(circumstances);
  const [first, ...others] = possible;
  if (first === undefined) return cannot('NO-MECHANISM', wordsFor(offers));
  const second = first !== 'USER' && others.includes('USER') ? 'USER' : undefined;
  return { kind: 'with', ways: second === undefined ? [first] : [first, second] };
}

/** All that there are, best first. */
function byPassword(user: string, { encrypted, offers, timestamp }: Circumstances): Way[] {
  const sasl = (name: 'SCRAM-SHA-256' | 'PLAIN' | 'LOGIN') => offers?.mechanisms.has(name) === true;
  const ways: Way[] = [];
  // Who offers it and not PLAIN keeps no passwords, and may say USER (RFC 2449 §6.3) all the same.
  if (sasl('SCRAM-SHA-256') && !(encrypted && sasl('PLAIN'))) ways.push('SCRAM-SHA-256');
  // RFC 1939 §7: a name in APOP ends at the first space.
  if (!encrypted && timestamp !== undefined && !user.includes(' ')) ways.push('APOP');
  if (sasl('PLAIN')) ways.push('PLAIN');
  // Who does not say what it takes (RFC 2449 §6.2, §6.3) takes what all took in the beginning.
  if (offers === undefined || offers.user || offers.mechanisms.size === 0) ways.push('USER');
  // Of a time before the others; where there is nothing else.
  if (ways.length === 0 && sasl('LOGIN')) ways.push('LOGIN');
  return ways;
}

function byToken({ offers }: Circumstances): Way[] {
  return offers?.mechanisms.has('XOAUTH2') === true ? ['XOAUTH2'] : [];
}

function wordsFor(offers: Offers | undefined): string {
  const names = [...(offers?.mechanisms ?? [])].join(', ');
  return names === '' ? 'the server signs in only by passwords' : `it signs in only by ${names}`;
}

function cannot(code: SignInObstacle, detail: string): SignInPlan {
  return { kind: 'cannot', code, detail };
}

/** Codes that say something about the mailbox or the moment, and nothing about how we asked
 * (RFC 2449 §8.1, RFC 3206 §4). */
const notAboutTheWay = /^(IN-USE|LOGIN-DELAY|SYS(\/.*)?)$/;

/** Words about commands and mechanisms. "Unknown user" and "account disabled" are not among
 * them. */
const notUnderstood = new RegExp(
  [
    /mechanism|syntax error|base ?64/,
    /(?:not |un)(?:supported|implemented|recogni[sz]ed)/,
    /(?:unknown|invalid|bad|illegal) (?:auth )?(?:command|argument|parameter|syntax|method|type)/,
    /\bAUTH (?:command )?(?:is )?(?:disabled|not (?:available|allowed|permitted))/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'i',
);

/**
 * Was the way refused, rather than who comes? Then the next one is worth a try. A refused APOP
 * always may be one: a server that keeps only a hash of the password cannot do it, and says no
 * more than that it failed (RFC 1939 §7).
 */
export function wayWasRefused(way: Way, { code, text }: Answer): boolean {
  if (code !== undefined && notAboutTheWay.test(code)) return false;
  if (way === 'APOP') return true;
  return code !== 'AUTH' && notUnderstood.test(text);
}
