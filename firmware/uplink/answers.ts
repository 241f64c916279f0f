/*
 * What a server said, from text to value (RFC 5321 §4.2, RFC 2034). The text comes from a stranger:
 * control characters go, and so does what is too long. Octets that were not UTF-8 came as latin1.
 */
import { plainText } from '#base/plain-text';
import type { Answer } from '#provider/answer';

// RFC 5321 §4.2: Reply-line = *( Reply-code "-" [ textstring ] CRLF ) Reply-code [ SP textstring ] CRLF
const codes = /^([2-5]\d\d)(?:[ -]|$)/;
// RFC 3463 §2: status-code = class "." subject "." detail
const enhanced = /^([245]\.\d{1,3}\.\d{1,3})(?:\s|$)/;

/** Undefined: this is no answer of an SMTP server. */
export function parseAnswer(said: string, to: Answer['to']): Answer | undefined {
  const lines = said.split(/\r?\n/);
  const code = codes.exec(lines[0] ?? '')?.[1];
  if (code === undefined) return undefined;
  const texts = lines.map((line) => line.slice(4).trim());
  const status = enhanced.exec(texts[0] ?? '')?.[1];
  // RFC 2034 §4: every line of an answer begins with the same enhanced code.
  const words = texts.map((text) => (status === undefined ? text : withoutStatus(text, status)));
  const known = status === undefined ? {} : { enhanced: status };
  return { code: Number(code), ...known, text: plainText(words.join(' ')), to };
}

/** An answer that says no (4yz or 5yz); undefined when it is something else. */
export function parseRefusal(said: unknown, to: Answer['to']): Answer | undefined {
  const answer = typeof said === 'string' ? parseAnswer(said, to) : undefined;
  return answer !== undefined && answer.code >= 400 ? answer : undefined;
}

function withoutStatus(text: string, status: string): string {
  return text.startsWith(status) ? text.slice(status.length).trimStart() : text;
}
