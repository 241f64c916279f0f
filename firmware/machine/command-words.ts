/* How a command is written that finds this box from the same shell. */
import { dataDirectory } from './data-directory.ts';

export function commandWords(data: string, words: string): string {
  const usual = data === dataDirectory(undefined, process.env);
  // An installed box has a command of its own (hardware/system/restante.service).
  const { RESTANTE_COMMAND: command = 'scripts/restante' } = process.env;
  return `${command} ${words}${usual ? '' : ` --data ${data}`}`;
}
