/* How a command is written that finds this box from the same shell. */
import { dataDirectory } from './data-directory.ts';

export function commandWords(data: string, words: string): string {
  const usual = data === dataDirectory(undefined, process.env);
  return `scripts/restante ${words}${usual ? '' : ` --data ${data}`}`;
}
