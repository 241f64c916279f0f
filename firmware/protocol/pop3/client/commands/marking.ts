/* Marking messages as deleted, and taking all marks back: DELE, RSET (RFC 1939 §5). */
import { type ClientCommand, command } from '../command.ts';

/** `DELE msg`: removed at QUIT, and not before. */
export function dele(number: number): ClientCommand {
  return command(`DELE ${number}`);
}

export const rset = command('RSET');
