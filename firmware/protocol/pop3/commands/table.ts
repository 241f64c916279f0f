/*
 * What is allowed when (RFC 1939 §3): a command that is not in its state's column is refused there,
 * whatever it is.
 */
import type { Command } from '../command.ts';
import type { Authorization, State, Transaction } from '../state.ts';
import { apop } from './apop.ts';
import { auth } from './auth.ts';
import { capa, noop, quit, quitUnsigned, stls, utf8 } from './connection.ts';
import { list, stat, uidl } from './listing.ts';
import { dele, rset } from './marking.ts';
import { retr, top } from './retrieving.ts';
import { pass, user } from './sign-in.ts';

export const commands = {
  authorization: table<Authorization>(user, pass, apop, auth, stls, utf8, capa, quitUnsigned),
  transaction: table<Transaction>(stat, list, uidl, retr, top, dele, rset, noop, capa, quit),
};

function table<S extends State>(...list: Command<S>[]): ReadonlyMap<string, Command<S>> {
  return new Map(list.map((command) => [command.verb, command]));
}
