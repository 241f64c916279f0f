/*
 * The device authorization grant (RFC 8628): the box shows an address and a code, the person types
 * it there on any screen, and the box asks until that was done. What to ask, what the answer says,
 * and when to ask again; all pure.
 */
import { failed, ok, type Result } from '#base/result';
import { objectIn, secondsAsMs, shown, visible } from './json-object.ts';
import type { HttpsReply } from './ports.ts';
import type { Denied } from './token-answer.ts';

/** RFC 8628 §3.2, as far as it is used. */
export interface DeviceCode {
  readonly deviceCode: string;
  /** What the person types. */
  readonly userCode: string;
  /** Where. */
  readonly address: string;
  /** Milliseconds. */
  readonly lifetime: number;
  readonly interval: number;
}

/** RFC 8628 §3.2: without `interval` it is 5 seconds. */
const usualInterval = 5000;
const longestInterval = 60_000;

export function readDeviceAnswer({
  status,
  body,
}: HttpsReply): Result<DeviceCode, Denied | { readonly kind: 'unfit'; readonly detail: string }> {
  const members = objectIn(body);
  const error = visible(members['error'], 200);
  if (error !== undefined && status < 500) {
    return failed({ kind: 'denied', error, text: shown(members['error_description']) });
  }
  const deviceCode = visible(members['device_code'], 8192);
  const userCode = visible(members['user_code'], 64);
  // Google and others spell the second as it was in drafts of the standard.
  const address = visible(members['verification_uri'] ?? members['verification_url'], 1024);
  const lifetime = secondsAsMs(members['expires_in']);
  if (status !== 200 || deviceCode === undefined || userCode === undefined) {
    return failed({ kind: 'unfit', detail: `it answered ${status}, and not with a code` });
  }
  // A person is sent there to type a password: nothing but https.
  if (address === undefined || !/^https:\/\//i.test(address) || lifetime === undefined) {
    return failed({ kind: 'unfit', detail: 'its answer does not say where the code is typed' });
  }
  const interval = secondsAsMs(members['interval']) ?? usualInterval;
  return ok({
    ...{ deviceCode, userCode, address, lifetime },
    interval: Math.min(Math.max(interval, 1000), longestInterval),
  });
}

/** After asking whether the code was typed: `again` after so long, or it is over. */
export type NextPoll =
  | { readonly kind: 'again'; readonly interval: number }
  | { readonly kind: 'over' };

/** What a refusal, or silence, means for the next time. */
export function nextPoll(heard: Denied | 'silence', interval: number): NextPoll {
  // RFC 8628 §3.5: when the server cannot be reached, ask more and more rarely.
  if (heard === 'silence') {
    return { kind: 'again', interval: Math.min(2 * interval, longestInterval) };
  }
  switch (heard.error) {
    case 'authorization_pending':
      return { kind: 'again', interval };
    // RFC 8628 §3.5: five seconds more, for this and every further time.
    case 'slow_down':
      return { kind: 'again', interval: Math.min(interval + 5000, longestInterval) };
    default:
      return { kind: 'over' };
  }
}
