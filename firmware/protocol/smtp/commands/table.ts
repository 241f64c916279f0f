/* Every command there is, by its verb (RFC 5321 §4.1.1, and the extensions its files name). */
import type { Command } from '../state.ts';
import { auth } from './auth.ts';
import { bdat } from './bdat.ts';
import { data } from './data.ts';
import { etrn } from './etrn.ts';
import { ehlo, helo } from './hello.ts';
import { mail } from './mail.ts';
import { rcpt } from './rcpt.ts';
import { expn, helpOf, noop, quit, rset, vrfy } from './session-control.ts';
import { starttls } from './starttls.ts';

const all: readonly Command[] = [
  ehlo,
  helo,
  mail,
  rcpt,
  data,
  bdat,
  auth,
  starttls,
  etrn,
  rset,
  noop,
  vrfy,
  expn,
  helpOf(() => all),
  quit,
];

export const commands: ReadonlyMap<string, Command> = new Map(all.map((one) => [one.verb, one]));
