/*
 * What a command is, and what it may ask of the session that runs it. A command is a record: its
 * grammar, and then what it does. Those that change the session's state say so by calling a method
 * of the Conversation; the change itself stands in session.ts.
 */
import type { Cursor } from '#base/cursor';
import type { Failure } from '#base/result';
import type { Soon } from '#base/soon';
import type { Wire } from '../session.ts';
import type { CapabilityFacts } from './capabilities.ts';
import type { Authorization, State, Transaction } from './state.ts';

/** A session, as its commands see it. */
export interface Conversation {
  readonly wire: Wire;
  readonly facts: CapabilityFacts;
  /** Says `+OK text`. */
  accept(text: string): void;
  /** Says `-ERR ...`. */
  refuse(failure: Failure): void;
  /** Cuts the line in the middle of a reply: better no end than an end that lies. */
  cut(failure: Failure): void;
  /** USER: a name was given, PASS may follow. */
  named(login: string): void;
  /** PASS: signs in, opens the maildrop, enters TRANSACTION. */
  withPassword(login: string, password: string): Promise<void>;
  /** APOP: the same, by an answer that only a right secret gives. */
  withSecret(login: string, proves: (secret: string) => boolean): Promise<void>;
  /** AUTH: begins an exchange that does the same. */
  authenticate(mechanism: string, initial: string | undefined): Promise<void>;
  /** STLS: after what was said has left, TLS; then the session starts anew. */
  startTls(): void;
  /** QUIT in TRANSACTION: the UPDATE state. */
  update(state: Transaction): Promise<void>;
  /** Closes the line; nothing is said or heard any more. */
  leave(): void;
}

/** A command as the table holds it, for the states of type S. */
export interface Command<S extends State> {
  readonly verb: string;
  /** How it is written, for those who wrote it otherwise. */
  readonly usage: string;
  /** Runs it on what follows the verb. Says 'misused' when that is not its grammar. */
  perform(after: Cursor, session: Conversation, state: S): Soon<void> | 'misused';
}

interface Definition<S extends State, Arguments> {
  readonly usage: string;
  /** The grammar of what follows the verb; undefined when it does not fit. */
  readonly read: (cursor: Cursor) => Arguments | undefined;
  readonly run: (session: Conversation, state: S, given: Arguments) => Soon<void>;
}

export function command<S extends State, Arguments>(
  verb: string,
  { usage, read, run }: Definition<S, Arguments>,
): Command<S> {
  return {
    verb,
    usage,
    perform(after, session, state) {
      const given = read(after);
      return given === undefined || !after.end() ? 'misused' : run(session, state, given);
    },
  };
}

/** The grammar of a command that stands alone. */
export function nothing(): true {
  return true;
}

/** For commands of both states. */
export type SignedInOrNot = Authorization | Transaction;
