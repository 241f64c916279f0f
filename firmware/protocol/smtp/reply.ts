/*
 * Replies (RFC 5321 §4.2) with enhanced status codes (RFC 2034, RFC 3463). A text is a sentence for
 * the person who reads the error in a mail program: what is wrong and, where it helps, what to do.
 */
import type { Failure } from '#base/result';

export interface Reply {
  readonly code: number;
  /** All its lines as sent. */
  readonly text: string;
}

/** `enhanced` is '' where there is none: the greeting, EHLO's answer, 334 and 354 (RFC 2034 §4). */
export function reply(code: number, enhanced: string, ...lines: string[]): Reply {
  const status = enhanced === '' ? '' : `${enhanced} `;
  // RFC 5321 §4.2: Reply-line = *( Reply-code "-" [ textstring ] CRLF )
  //                Reply-code [ SP textstring ] CRLF
  const last = lines.length - 1;
  const text = lines.map((line, i) => `${code}${i < last ? '-' : ' '}${status}${clean(line)}\r\n`);
  return { code, text: text.join('') };
}

/** Line ends and controls never get into a reply, whatever a sentence quotes. What is not ASCII
 * goes out as UTF-8 only where RFC 6531 §3.7.4 allows it, which a server cannot know: '?'. */
function clean(line: string): string {
  return /^[\x20-\x7e]*$/.test(line) ? line : line.replace(/[^\x20-\x7e]/gu, '?');
}

/** The codes for what the house refuses or fails at; anything else by its family. */
const codes = new Map<string, readonly [code: number, enhanced: string]>([
  ['unknown-recipient', [550, '5.1.1']],
  ['relay-denied', [550, '5.7.1']],
  ['not-your-address', [550, '5.7.1']],
  ['sign-in-first', [530, '5.7.0']],
  ['bad-sender', [550, '5.1.8']],
  // RFC 3463 §3.8: X.7.1 delivery not authorized; 4: not now
  ['too-many', [451, '4.7.1']],
  ['loop', [554, '5.4.6']],
  ['header-too-long', [552, '5.3.4']],
  // RFC 3463 §3.4: X.3.1 mail system full. For the sender a failing disk is no other thing.
  ['full', [452, '4.3.1']],
  ['failing', [452, '4.3.1']],
  // Not for ever: the owner restores a backup, and the sender's next try succeeds.
  ['damaged', [451, '4.3.0']],
]);

export function failureReply(failure: Failure): Reply {
  const known = codes.get(failure.code);
  if (known !== undefined) return reply(...known, `${failure.say}.`);
  if (failure.kind === 'refusal') return reply(554, '5.6.0', `${failure.say}.`);
  return failure.temporary
    ? reply(451, '4.3.0', `${failure.say}.`)
    : reply(554, '5.3.0', `${failure.say}.`);
}

export const done = reply(250, '2.0.0', 'OK');

export function syntaxError(say: string): Reply {
  // RFC 3463 §3.6: X.5.4 invalid command arguments
  return reply(501, '5.5.4', say);
}

export function badSequence(say: string): Reply {
  return reply(503, '5.5.1', say);
}
