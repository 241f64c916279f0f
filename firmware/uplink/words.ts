/* The lines that the dispatcher adds to a message's history, and its sentences for people. */
import type { QueuedRecipient } from '#mail/queue/queue';
import type { Answer } from '#provider/answer';
import type { UplinkCondition } from './state.ts';

const longestWords = 300;

/** "2.0.0 OK" when it went well, "452 4.2.2 Mailbox full" when not. */
export function wordsOf({ code, enhanced, text }: Answer): string {
  const codes = code < 400 ? (enhanced ?? code) : [code, enhanced].filter(Boolean).join(' ');
  const said = `${codes} ${text}`.trim();
  return said.length > longestWords ? `${said.slice(0, longestWords)}...` : said;
}

/** "bob@example.org and 2 more" */
export function listed(recipients: readonly Pick<QueuedRecipient, 'address'>[]): string {
  const [first, ...others] = recipients;
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  return `${first?.address ?? 'nobody'}${more}`;
}

/** "next try 09:17"; without a clock to trust, "next try in 15 minutes". */
export function nextTryAt(wait: number, wall: number | undefined): string {
  if (wall !== undefined) return `next try ${timeOfDay(wall + wait)}`;
  const minutes = Math.max(1, Math.round(wait / 60_000));
  return `next try in ${minutes === 1 ? 'a minute' : `${minutes} minutes`}`;
}

/** '09:17', local time. */
export function timeOfDay(at: number): string {
  const date = new Date(at);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** "resumes about 08:00", "tried again from 09:17 on". `wallOfBox`: the wall clock when box time
 * was 0. */
export function resumption(condition: UplinkCondition, wallOfBox: number): string {
  switch (condition.kind) {
    case 'well':
      return 'tried again at once';
    case 'quota':
      return `resumes about ${timeOfDay(condition.until)}`;
    case 'paused':
    case 'sign-in':
      return `tried again from ${timeOfDay(condition.until + wallOfBox)} on`;
  }
}

export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
