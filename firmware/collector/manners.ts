/*
 * Good manners towards a source: what its answer to a sign-in means, and when to come again. Pure.
 * A server that is busy is given time, longer each time. One that refuses the password is not asked
 * again before a person has done something: who keeps asking gets the account locked.
 */
import type { Explanation } from '#provider/connection-words';
import type { SignInAnswer } from './upstream.ts';

const minute = 60_000;
const hour = 60 * minute;

/** Minutes after the first, second ... trouble in a row; the last holds for all further ones. */
const backOff = [1, 2, 5, 15, 30, 60];
/** Spread by a tenth, so that what failed together does not come back together. */
const spread = 0.1;
/** A mailbox that somebody else is reading. */
const inUse = minute;
/** A password that has worked is tried once more: servers have bad moments. */
const oneMoreTry = 5 * minute;
/** A person is needed, who may not be in this house. */
const rarely = 6 * hour;

/** `person`: who signs in is refused, until somebody does something. */
export type SignInMeaning = 'in-use' | 'login-delay' | 'later' | 'person';

/** RFC 2449 §8, RFC 3206 §4, RFC 5530 §3, RFC 9051 §7.1. */
const codes: Readonly<Record<string, SignInMeaning>> = {
  'IN-USE': 'in-use',
  INUSE: 'in-use',
  'LOGIN-DELAY': 'login-delay',
  'SYS/TEMP': 'later',
  UNAVAILABLE: 'later',
  LIMIT: 'later',
  OVERQUOTA: 'later',
  SERVERBUG: 'later',
  THROTTLED: 'later',
  'SYS/PERM': 'person',
  AUTH: 'person',
  AUTHENTICATIONFAILED: 'person',
  AUTHORIZATIONFAILED: 'person',
  EXPIRED: 'person',
  PRIVACYREQUIRED: 'person',
  CONTACTADMIN: 'person',
  WEBALERT: 'person',
  // RFC 2221: the mailbox lies elsewhere. No password goes where a server says.
  REFERRAL: 'person',
};

/** Where there is no code, words have to do. The first that fits. */
const words: readonly (readonly [RegExp, SignInMeaning])[] = [
  [/\bweb ?(?:alert|login|browser)\b|\bapplication[- ]specific\b|\bapp password\b/i, 'person'],
  // RFC 1939 §7: the maildrop is locked.
  [
    /\b(?:is |already |been )?(?:locked by|in use)\b|\block(?:ed)? (?:mail|busy)|\bunable to lock/i,
    'in-use',
  ],
  [/\b(?:maildrop|mailbox|mail drop)\b.*\block/i, 'in-use'],
  // Exchange and Outlook.com, when they are asked much; manners.test.ts has where it was met.
  [
    /\blogin limit\b|\bauthenticated but not connected\b|\b(?:server|service) unavailable\b/i,
    'later',
  ],
  [/\bbusy\b|\btemporar|\btry again\b|\btoo (?:many|often|frequent)|\brate limit/i, 'later'],
];

export function signInMeaning({ code, text }: SignInAnswer): SignInMeaning {
  const byCode = code === undefined ? undefined : codes[code.toUpperCase()];
  return byCode ?? words.find(([pattern]) => pattern.test(text))?.[1] ?? 'person';
}

/** What is known of a source when something fails there. */
export interface Past {
  /** Troubles in a row, this one not counted. */
  readonly failures: number;
  /** Refusals of the sign-in in a row, this one not counted. */
  readonly refusals: number;
  /** It has let us in before, with what we have now. */
  readonly worked: boolean;
}

/** `wait`: milliseconds. */
export type Coming =
  | { readonly kind: 'again'; readonly wait: number }
  /** Seldom, and its owner is told: it may mend itself. */
  | { readonly kind: 'rarely'; readonly wait: number }
  /** Not before a person has done something. */
  | { readonly kind: 'stop'; readonly code: 'sign-in' };

/** After the server has said no to a sign-in. `delay`: its LOGIN-DELAY, in milliseconds, or 0. */
export function afterRefusal(
  answer: SignInAnswer,
  past: Past,
  chance: number,
  delay: number,
): Coming {
  const meaning = signInMeaning(answer);
  switch (meaning) {
    case 'in-use':
      return { kind: 'again', wait: inUse };
    case 'login-delay':
      return { kind: 'again', wait: Math.max(delay, stepOf(past.failures, chance)) };
    case 'later':
      return { kind: 'again', wait: stepOf(past.failures, chance) };
    case 'person':
      return past.worked && past.refusals === 0
        ? { kind: 'again', wait: oneMoreTry }
        : { kind: 'stop', code: 'sign-in' };
  }
}

/** After any other trouble. */
export function afterTrouble(kind: Explanation['kind'], past: Past, chance: number): Coming {
  switch (kind) {
    case 'sign-in':
      return { kind: 'stop', code: 'sign-in' };
    case 'certificate':
    case 'settings':
      return { kind: 'rarely', wait: rarely };
    case 'unreachable':
    case 'clock':
      return { kind: 'again', wait: stepOf(past.failures, chance) };
  }
}

/** `chance` is from 0 to 1. */
export function stepOf(failures: number, chance: number): number {
  const minutes = backOff[Math.min(failures, backOff.length - 1)] ?? 60;
  return Math.round(minutes * minute * (1 - spread + 2 * spread * chance));
}
