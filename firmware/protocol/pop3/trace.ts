/*
 * What of a command may stand in the log when it traces the protocol: never a password, nor what
 * may be one. Replies hold none, and are not looked at.
 */
import { commands } from './commands/table.ts';

/** What follows these is a secret, or lets one be guessed. */
const secretVerbs: readonly string[] = ['PASS', 'AUTH', 'APOP'];

/** What is no command may hold a password, too: IMAP's LOGIN on the wrong port, a PASS spelt
 * wrongly, a password sent although USER was refused. */
export function traceOf(verb: string, line: string): string {
  if (secretVerbs.includes(verb)) return `${verb} *****`;
  // A name has no spaces (RFC 1939 §7), so more words are probably a password.
  if (verb === 'USER') return line.split(' ').slice(0, 2).join(' ');
  const known = commands.authorization.has(verb) || commands.transaction.has(verb);
  return known ? line : '*****';
}
