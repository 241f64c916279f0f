/* What a provider's SMTP server answered, as a value (RFC 5321 §4.2, RFC 3463). */

export interface Answer {
  /** E.g. 250. */
  readonly code: number;
  /** RFC 3463, e.g. '2.0.0'; undefined when it gave none. */
  readonly enhanced?: string;
  /** Its words, without the codes; lines are joined by a blank. Control characters are gone. */
  readonly text: string;
  /** The command that was answered; `end`: the end of the message. */
  readonly to: 'greeting' | 'hello' | 'sign-in' | 'mail' | 'rcpt' | 'data' | 'end';
}

/** A server that goes on and on is cut off: nobody reads more, and memory is not the server's. */
const longestReply = 4_096;

// RFC 5321 §4.2:
//   Reply-line = *( Reply-code "-" [ textstring ] CRLF ) Reply-code [ SP textstring ] CRLF
// RFC 2034 §4: each line of text begins with the status code of RFC 3463 §2:
//   status-code = class "." subject "." detail
const replyLine = /^([2-5]\d\d)(?:[ -]|$)(?:([245]\.\d{1,3}\.\d{1,3})(?:[ -]|$))?(.*)$/;

/** A reply as it came, all of its lines. Undefined: it is none. */
export function parseAnswer(reply: string, to: Answer['to']): Answer | undefined {
  const lines = reply
    .slice(0, longestReply)
    .split(/\r?\n/)
    .map((line) => replyLine.exec(line));
  const first = lines[0];
  if (first === null || first === undefined) return undefined;
  const [, code, enhanced] = first;
  const words = lines.map((line) => plain(line?.[3] ?? '')).filter((line) => line !== '');
  return {
    code: Number(code),
    ...(enhanced === undefined ? {} : { enhanced }),
    text: words.join(' '),
    to,
  };
}

/** What could play tricks on a terminal becomes a blank; blanks in a row become one. */
function plain(text: string): string {
  return text.replace(/[\p{C}\s]+/gu, ' ').trim();
}
