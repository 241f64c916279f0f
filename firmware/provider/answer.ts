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
