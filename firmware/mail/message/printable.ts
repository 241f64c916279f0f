/*
 * What strangers wrote, made fit to be shown to people and to be put into messages of ours:
 * subjects, servers' words. Nothing of it moves a cursor, turns the direction of a line, or ends
 * one, so nobody writes a header field through it. And texts in lines that every client shows.
 */

/** Control characters, line and paragraph separators, and what turns the direction of text. */
const unprintable = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;

/** On one line, and in at most so many characters. */
export function printable(text: string, most: number): string {
  // Characters beyond U+FFFF count twice here, so none that is wanted is cut away.
  const line = text
    .slice(0, 2 * most)
    .replace(unprintable, ' ')
    .trim();
  const characters = [...line];
  const whole = characters.length <= most && text.length <= 2 * most;
  return whole ? line : `${characters.slice(0, most - 1).join('')}…`;
}

/** RFC 5322 §2.1.1: a line has at most 998 octets; a little is left for what stands before. */
const longestWord = 900;
/** Characters of at most four octets each. */
const piecesOf = /.{1,200}/gsu;

/** The words of a text in lines of at most `width` characters, `taken` of them already in the first
 * line. A longer word has its own line, and is broken only where no line could carry it. */
export function wrap(text: string, width: number, taken = 0): string[] {
  // More than one blank stays, behind its word, so that no line is nothing but blanks.
  const words = text.split(/ (?=[^ ])/).flatMap((word) => {
    return Buffer.byteLength(word) > longestWord ? (word.match(piecesOf) ?? []) : [word];
  });
  const lines: string[] = [];
  let line: string | undefined;
  for (const word of words) {
    const room = width - (lines.length === 0 ? taken : 0);
    if (line === undefined) line = word;
    else if (line.length + 1 + word.length <= room) line += ` ${word}`;
    else {
      lines.push(line);
      line = word;
    }
  }
  return line === undefined ? lines : [...lines, line];
}
