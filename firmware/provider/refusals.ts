/*
 * What an answer of a provider means: the first row of the table that is about it. Rows that know
 * a provider's own words stand before those that know status codes, and the first digit alone
 * decides last of all, so that "550, you have sent enough today" bounces nothing.
 *
 * The rows are data with their sources (refusal-rows/), each with an answer as it really comes, so
 * that a scripted server can play every one of them. The server's words are not repeated here; who
 * tells people adds them.
 */
import { unreachable } from '#base/result';
import type { Answer } from './answer.ts';
import { presetOf } from './finding.ts';
import type { Meaning } from './meaning.ts';
import type { Means, RefusalRow, When } from './refusal-row.ts';
import { limitRows } from './refusal-rows/limits.ts';
import { messageRows } from './refusal-rows/messages.ts';
import { microsoftLimitRows } from './refusal-rows/microsoft-limits.ts';
import { recipientRows } from './refusal-rows/recipients.ts';
import { senderRows } from './refusal-rows/senders.ts';
import { signInRows } from './refusal-rows/sign-in.ts';
import { standardRows } from './refusal-rows/standard.ts';

/** The table, in the order in which it is read. */
export const refusalRows: readonly RefusalRow[] = [
  ...microsoftLimitRows,
  ...limitRows,
  ...signInRows,
  ...senderRows,
  ...messageRows,
  ...recipientRows,
  ...standardRows,
];

/** What is longer says nothing new; and no pattern meets more than this. */
const longestWords = 1_000;

/** `provider` is a preset's name, or '' for a host of one's own. */
export function meaningOf(answer: Answer, provider: string): Meaning {
  if (answer.code >= 200 && answer.code < 400) return { kind: 'sent' };
  const row = rowOf(answer, provider);
  if (row !== undefined) return settled(row.means, answer, provider);
  // RFC 5321 §4.3.2: a code that no server may send. It is confused, and so the mail is kept.
  return { kind: 'pause', say: 'The server answered what no mail server may' };
}

/** The row that decides; undefined for what is no refusal at all. */
export function rowOf(answer: Answer, provider: string): RefusalRow | undefined {
  const text = answer.text.slice(0, longestWords);
  return refusalRows.find(({ when }) => isAbout(when, { ...answer, text }, provider));
}

function isAbout(when: When, answer: Answer, provider: string): boolean {
  const { providers, code, enhanced, bare, says, to } = when;
  return (
    (providers === undefined || providers.includes(provider)) &&
    (code === undefined || isCode(code, answer.code)) &&
    (enhanced === undefined || isEnhanced(enhanced, answer.enhanced)) &&
    (bare === undefined || answer.enhanced === undefined) &&
    (says?.test(answer.text) ?? true) &&
    (to?.includes(answer.to) ?? true)
  );
}

function isCode(wanted: NonNullable<When['code']>, code: number): boolean {
  if (typeof wanted === 'number') return code === wanted;
  if (typeof wanted !== 'string') return wanted.includes(code);
  return Math.floor(code / 100) === (wanted === '4yz' ? 4 : 5);
}

/** RFC 3463 §2: status-code = class "." subject "." detail */
function isEnhanced(wanted: readonly string[], enhanced: string | undefined): boolean {
  if (enhanced === undefined) return false;
  return wanted.includes(enhanced) || wanted.includes(`x${enhanced.slice(1)}`);
}

function settled(means: Means, answer: Answer, provider: string): Meaning {
  const say = filled(means.say, provider);
  switch (means.kind) {
    case 'later':
    case 'pause':
      return { kind: means.kind, say };
    case 'quota':
      return { kind: 'quota', say, resumes: means.resumes };
    case 'sign-in':
      return { kind: 'sign-in', say, advice: filled(means.advice, provider) };
    case 'never': {
      const status = means.status ?? statusOf(answer);
      if (means.advice === undefined) return { kind: 'never', say, status };
      return { kind: 'never', say, advice: filled(means.advice, provider), status };
    }
    default:
      return unreachable(means);
  }
}

/** A report of failure carries a permanent status (RFC 3464 §2.3.4). */
function statusOf({ enhanced }: Answer): string {
  return enhanced?.startsWith('5.') ? enhanced : '5.0.0';
}

function filled(text: string, provider: string): string {
  const preset = presetOf(provider);
  const nobody = text.startsWith('%provider') ? 'The provider' : 'the provider';
  const where = preset?.appPasswords ?? 'the settings of your account there';
  return text.replaceAll('%provider', preset?.title ?? nobody).replaceAll('%passwords', where);
}
