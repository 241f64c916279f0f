/*
 * Header fields of messages that the box writes itself: folded (RFC 5322 §2.2.3), and with encoded
 * words (RFC 2047) where a text is not ASCII. Whatever the value, it stays one field. Structured
 * values come as their grammar wants them; nothing is quoted here.
 */
import { printable, wrap } from './printable.ts';

/** RFC 2047 §2: a line with encoded words has at most 76 characters; the blank before it is one. */
const lineWidth = 75;
/** As much as a field of ours ever has to say, in characters. */
const longestValue = 2_000;

/** A field whose value may be folded at its blanks, with its line end. */
export function field(name: string, value: string): string {
  // The first word stands beside the name: some clients do not find it on the next line.
  const begin = `${name}: `;
  const lines = wrap(printable(value, longestValue), lineWidth, begin.length);
  return `${begin}${lines.join('\r\n ')}\r\n`;
}

/** A field for people, such as Subject, in whatever script. */
export function textField(name: string, text: string): string {
  const line = printable(text, longestValue);
  // Text that looks like an encoded word is encoded, too, so that it is shown as it is.
  const plain = /^[ -~]*$/.test(line) && !line.includes('=?');
  return field(name, plain ? line : encodedWords(line).join(' '));
}

/** So many make an encoded word that fits beside "Subject:". */
const wordOctets = 39;

/** RFC 2047 §4.1 and §5: each word holds whole characters. */
export function encodedWords(text: string): string[] {
  const words: string[] = [];
  let piece = '';
  for (const character of text) {
    if (Buffer.byteLength(piece + character) > wordOctets) {
      words.push(piece);
      piece = '';
    }
    piece += character;
  }
  return [...words, piece].map((one) => `=?utf-8?B?${Buffer.from(one).toString('base64')}?=`);
}
