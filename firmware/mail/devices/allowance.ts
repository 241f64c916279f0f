/*
 * How many messages a device may send in an hour: pure rules. A device has no password, so whoever
 * gets into a camera or takes its address can send as its account. The limit keeps that, or a
 * scanner that has gone mad, from filling the house's mailboxes and from spoiling the account's
 * name with its provider, which would stop the mail of a person.
 *
 * An hour begins with its first message, so no more than two numbers are kept for each device.
 */

/** A hundred: a camera that reports twice a minute stays a nuisance; nobody scans that much. */
export const usualPerHour = 100;
export const mostPerHour = 10_000;

const hour = 3_600_000;

/** The hour under way: when its first message came (milliseconds), and how many came since. */
export interface Sent {
  readonly since: number;
  readonly messages: number;
}

/** One message more. */
export function oneMore(sent: Sent | undefined, now: number): Sent {
  return sent === undefined || now - sent.since >= hour
    ? { since: now, messages: 1 }
    : { since: sent.since, messages: sent.messages + 1 };
}

/** Messages that count now. */
export function sentThisHour(sent: Sent | undefined, now: number): number {
  return sent === undefined || now - sent.since >= hour ? 0 : sent.messages;
}

/** Milliseconds until the next message may come; 0 when it may come now. */
export function waitBefore(sent: Sent | undefined, perHour: number, now: number): number {
  if (sent === undefined || sentThisHour(sent, now) < perHour) return 0;
  return sent.since + hour - now;
}
