/* Words of strangers, made fit for a line of the log or of a person's screen. */

/** Characters of a server's words that are kept. */
const keptText = 500;

/** One line without control characters, of bounded length. */
export function plainText(text: string): string {
  const plain = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
  return plain.length > keptText ? `${plain.slice(0, keptText)}...` : plain;
}
