/*
 * A line into words, as a shell would, without any of its magic: blanks part words, quotes of
 * either kind keep them together, a backslash takes the next character as it is.
 *
 *   line  = *(blank / word)
 *   word  = 1*(character / "\" character / DQUOTE *any DQUOTE / "'" *any "'")
 */
import { failed, ok, type Refusal, type Result, refusal } from '#base/result';

export function splitWords(line: string): Result<string[], Refusal> {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  const letters = [...line];
  for (let index = 0; index < letters.length; index += 1) {
    const letter = letters[index] ?? '';
    if (letter === '\\' && quote !== "'") {
      index += 1;
      word = (word ?? '') + (letters[index] ?? '\\');
    } else if (quote !== '') {
      if (letter === quote) quote = '';
      else word += letter;
    } else if (letter === '"' || letter === "'") {
      quote = letter;
      word ??= '';
    } else if (letter === ' ' || letter === '\t') {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? '') + letter;
    }
  }
  if (quote !== '') return failed(refusal('usage', `A ${quote} is open at the end of the line.`));
  if (word !== undefined) words.push(word);
  return ok(words);
}
