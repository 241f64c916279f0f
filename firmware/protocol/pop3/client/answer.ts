/*
 * A status line as the client reads it (RFC 1939 §3): the indicator, perhaps a response code
 * (RFC 2449 §8, RFC 3206), and the server's words, made fit for people.
 */
import { CharacterSet, Cursor, range, visible } from '#base/cursor';
import { plainText } from '#base/plain-text';

export interface Answer {
  readonly positive: boolean;
  /** In upper case: 'IN-USE', 'LOGIN-DELAY', 'SYS/TEMP', 'SYS/PERM', 'AUTH', or another. */
  readonly code?: string;
  /** One line without control characters. */
  readonly text: string;
}

// RFC 2449 §3: resp-level = 1*<any CHAR excluding "]" and "/">; codes in use are plainer than that.
const codeCharacters = new CharacterSet(
  `${range('A', 'Z')}${range('a', 'z')}${range('0', '9')}-_./`,
);

// RFC 1939 §3, RFC 2449 §3:
//   response = ("+OK" / "-ERR") [SP [resp-code] text]
//   resp-code = "[" resp-level *("/" resp-level) "]"
// The indicator is in upper case; it is taken in any.

/** Undefined: that is no status line. */
export function readAnswer(line: string): Answer | undefined {
  const cursor = new Cursor(line);
  const positive = cursor.takeAnyCase('+OK');
  if (!positive && !cursor.takeAnyCase('-ERR')) return undefined;
  // "+OKAY" is something else.
  if (!cursor.end() && visible.has(cursor.peek())) return undefined;
  cursor.take(' ');
  const code = positive ? undefined : readCode(cursor);
  return { positive, ...(code === undefined ? {} : { code }), text: plainText(cursor.rest()) };
}

/** RFC 2449 §8: read whether the server announced RESP-CODES or not, for who greets with one cannot
 * have. */
function readCode(cursor: Cursor): string | undefined {
  const from = cursor.at;
  const code = cursor.take('[') ? cursor.takeSome(codeCharacters) : undefined;
  if (code !== undefined && cursor.take(']')) return code.toUpperCase();
  cursor.back(from);
  return undefined;
}

/** RFC 5034 §4: "+" SP [base64]; the space is left out by some when nothing follows. Undefined:
 * that is no challenge. */
export function readChallenge(line: string): string | undefined {
  if (line === '+') return '';
  return line.startsWith('+ ') ? line.slice(2).trim() : undefined;
}

/** The code and the words, for logs and for people. */
export function inWords({ code, text }: Pick<Answer, 'code' | 'text'>): string {
  const words = code === undefined ? text : `[${code}] ${text}`;
  return words.trim() === '' ? 'no reason given' : words.trim();
}
