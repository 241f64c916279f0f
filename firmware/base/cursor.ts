/*
 * A place in one complete line, and the moves a grammar makes from it. `take…` tries: it moves on
 * and says what it found, or stays where it is. `expect…` must: when it cannot, it also notes the
 * first complaint, so that a grammar reads `cursor.expect(' ') && …` and one place turns the
 * complaint into a reply. Nothing throws: malformed lines are everyday traffic.
 *
 * The line is a string without its line ending. V8 keeps ASCII strings in one octet a character
 * and compares them faster than Buffers. Decode it as UTF-8 where the protocol allows UTF-8
 * (octets that are not UTF-8 become U+FFFD, which no grammar here takes), else as latin1.
 */

/** What stood in the way, for a reply or a log line. */
export interface Complaint {
  /** Index of the character in the line. */
  readonly at: number;
  /** What the grammar wanted there, e.g. '"<"' or 'a domain'. */
  readonly wanted: string;
}

/** A set of characters; the ABNF's ALPHA, atext, qtext ... as one table look-up. */
export class CharacterSet {
  readonly #table = new Uint8Array(128);
  readonly #beyondAscii: boolean;

  /** `members`: the ASCII characters. `beyondAscii`: are those above U+007F in it, too? */
  constructor(members: Iterable<string>, beyondAscii = false) {
    for (const member of members) this.#table[member.charCodeAt(0)] = 1;
    this.#beyondAscii = beyondAscii;
  }

  /** Is the UTF-16 code unit in the set? U+FFFD, the mark of broken UTF-8, never is. */
  has(code: number): boolean {
    return code < 128 ? this.#table[code] === 1 : this.#beyondAscii && code !== 0xfffd;
  }
}

/** The ASCII characters from `first` to `last`, e.g. `range('a', 'z')`. */
export function range(first: string, last: string): string {
  const codes: number[] = [];
  for (let code = first.charCodeAt(0); code <= last.charCodeAt(0); code++) codes.push(code);
  return String.fromCharCode(...codes);
}

/** RFC 5234 appendix B.1: DIGIT = %x30-39 */
export const digits = new CharacterSet(range('0', '9'));
/** RFC 5234 appendix B.1: ALPHA and DIGIT */
export const lettersAndDigits = new CharacterSet(
  range('0', '9') + range('A', 'Z') + range('a', 'z'),
);
/** RFC 5234 appendix B.1: VCHAR = %x21-7E */
export const visible = new CharacterSet(range('!', '~'));

export class Cursor {
  readonly line: string;
  #at = 0;
  #complaint: Complaint | undefined;

  constructor(line: string) {
    this.line = line;
  }

  /** Index of the next character. */
  get at(): number {
    return this.#at;
  }

  /** The first thing an `expect…` did not find. */
  get complaint(): Complaint | undefined {
    return this.#complaint;
  }

  /** Nothing is left. */
  end(): boolean {
    return this.#at === this.line.length;
  }

  /** The next character's code unit, or NaN at the end. */
  peek(): number {
    return this.line.charCodeAt(this.#at);
  }

  /** All that is left; moves to the end. */
  rest(): string {
    const found = this.line.slice(this.#at);
    this.#at = this.line.length;
    return found;
  }

  /** Moves back to where a grammar wants to try another branch; `at` is an earlier `cursor.at`. */
  back(at: number): void {
    this.#at = at;
  }

  /** Moves over exactly this text. */
  take(text: string): boolean {
    if (!this.line.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  /** Moves over this text in whatever case; `text` is given in upper case ASCII. */
  takeAnyCase(text: string): boolean {
    const end = this.#at + text.length;
    if (end > this.line.length) return false;
    for (let i = 0; i < text.length; i++) {
      let code = this.line.charCodeAt(this.#at + i);
      if (code >= 0x61 && code <= 0x7a) code -= 0x20;
      if (code !== text.charCodeAt(i)) return false;
    }
    this.#at = end;
    return true;
  }

  /** Moves over the characters of a set: one or more, at most `most`;
   * undefined when there is none. */
  takeSome(set: CharacterSet, most = Number.POSITIVE_INFINITY): string | undefined {
    const from = this.#at;
    const limit = Math.min(this.line.length, from + most);
    let at = from;
    while (at < limit && set.has(this.line.charCodeAt(at))) at++;
    if (at === from) return undefined;
    this.#at = at;
    return this.line.slice(from, at);
  }

  /** Moves over one character of a set. */
  takeOne(set: CharacterSet): string | undefined {
    return this.takeSome(set, 1);
  }

  /** A whole number in decimal digits that a JavaScript number holds exactly. */
  takeNumber(): number | undefined {
    const from = this.#at;
    const text = this.takeSome(digits);
    if (text === undefined) return undefined;
    const value = Number(text);
    if (Number.isSafeInteger(value)) return value;
    this.#at = from;
    return undefined;
  }

  /** Exactly this text must be next. */
  expect(text: string): boolean {
    return this.take(text) || this.complain(`"${text}"`);
  }

  expectAnyCase(text: string): boolean {
    return this.takeAnyCase(text) || this.complain(`"${text}"`);
  }

  /** One or more characters of a set must be next; `wanted` names them for the complaint. */
  expectSome(set: CharacterSet, wanted: string): string | undefined {
    return this.takeSome(set) ?? this.missing(wanted);
  }

  /** Nothing may be left. */
  expectEnd(): boolean {
    return this.end() || this.complain('the end of the line');
  }

  /** Notes what is wanted here, unless something was missing before. Always false. */
  complain(wanted: string): false {
    this.#complaint ??= { at: this.#at, wanted };
    return false;
  }

  /** The same for grammars that answer with a value. Always undefined. */
  missing(wanted: string): undefined {
    this.#complaint ??= { at: this.#at, wanted };
    return undefined;
  }
}
