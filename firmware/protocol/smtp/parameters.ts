/*
 * The parameters behind MAIL FROM:<> and RCPT TO:<>, as the grammar has them. What a keyword means
 * is the commands' affair; each keyword may stand once.
 */
import { CharacterSet, type Cursor, range } from '#base/cursor';

const alphanumeric = `${range('A', 'Z')}${range('a', 'z')}${range('0', '9')}`;
const keywordCharacters = new CharacterSet(`${alphanumeric}-`);
/** RFC 5321 §4.1.2: esmtp-value = 1*(%d33-60 / %d62-126), and UTF-8 (RFC 6531 §3.3) */
const valueCharacters = new CharacterSet(range('!', '<') + range('>', '~'), true);

/** Keywords in upper case, with their values; undefined for a keyword without one. */
export type Parameters = ReadonlyMap<string, string | undefined>;

// RFC 5321 §4.1.2:
//   Mail-parameters  = esmtp-param *(SP esmtp-param)
//   esmtp-param      = esmtp-keyword ["=" esmtp-value]
//   esmtp-keyword    = (ALPHA / DIGIT) *(ALPHA / DIGIT / "-")
export function parseParameters(cursor: Cursor): Parameters | undefined {
  const found = new Map<string, string | undefined>();
  while (cursor.takeSome(space) !== undefined && !cursor.end()) {
    const keyword = cursor.expectSome(keywordCharacters, 'a parameter')?.toUpperCase();
    if (keyword === undefined) return undefined;
    if (found.has(keyword)) return cursor.missing(`${keyword} only once`);
    const value = cursor.take('=') ? cursor.expectSome(valueCharacters, 'a value') : undefined;
    if (cursor.complaint !== undefined) return undefined;
    found.set(keyword, value);
  }
  return cursor.expectEnd() ? found : undefined;
}

const space = new CharacterSet(' ');

// RFC 3461 §4: xtext = *( xchar / hexchar ); xchar = "!" to "~" without "+" and "="
//   hexchar = "+" two upper case hexadecimal digits
/** The text that xtext stands for, or undefined when it is not xtext. */
export function decodeXtext(text: string): string | undefined {
  if (!/^(?:[!-*,-<>-~]|\+[0-9A-F]{2})*$/.test(text)) return undefined;
  const octets = text.replace(/\+([0-9A-F]{2})/g, (_, hex: string) => {
    return String.fromCharCode(Number.parseInt(hex, 16));
  });
  return Buffer.from(octets, 'latin1').toString();
}
