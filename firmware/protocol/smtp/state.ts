/*
 * The states of an SMTP session, what a command sees, and what it answers (RFC 5321 §4.1.4). A
 * state carries exactly what is true in it. Commands decide; only session.ts changes the state.
 */

import type { Cursor } from '#base/cursor';
import type { Random } from '#base/random';
import type { Result } from '#base/result';
import type { Soon } from '#base/soon';
import type { Identity, SignIn } from '#mail/accounts/accounts';
import type { Envelope, Intake, Origin, Recipient } from '#mail/intake';
import type { Exchange } from '../sasl/exchange.ts';
import type { Peer, TlsFacts } from '../session.ts';
import type { Reception } from './reception.ts';
import type { Reply } from './reply.ts';
import type { SmtpTerms } from './terms.ts';
import type { Transparency } from './transparency.ts';

/** How the peer introduced itself. */
export interface Hello {
  readonly verb: 'HELO' | 'EHLO';
  readonly claimed: string;
}

/** What MAIL said, RCPT apart. */
export type Sending = Omit<Envelope, 'recipients'>;

export type State =
  /** Nobody has said hello (since TLS began). */
  | { readonly kind: 'connected' }
  | { readonly kind: 'ready'; readonly hello: Hello }
  /** MAIL was accepted. */
  | {
      readonly kind: 'sender';
      readonly hello: Hello;
      readonly origin: Origin;
      readonly sending: Sending;
    }
  /** At least one RCPT was accepted. The list grows. */
  | {
      readonly kind: 'recipients';
      readonly hello: Hello;
      readonly origin: Origin;
      readonly sending: Sending;
      readonly recipients: Recipient[];
    }
  /** Between two BDATs of a message. */
  | { readonly kind: 'chunks'; readonly hello: Hello; readonly reception: Reception }
  /** Octets of a message come, up to CRLF . CRLF. */
  | {
      readonly kind: 'data';
      readonly hello: Hello;
      readonly reception: Reception;
      readonly transparency: Transparency;
    }
  /** `left` octets of a BDAT come. Without a reception they go nowhere, and `refused` is said. */
  | {
      readonly kind: 'chunk';
      readonly size: number;
      readonly left: number;
      readonly last: boolean;
      readonly into:
        | { readonly hello: Hello; readonly reception: Reception }
        | { readonly refused: Reply; readonly back: State };
    }
  /** The next line is a SASL response. */
  | { readonly kind: 'authenticating'; readonly hello: Hello; readonly exchange: Exchange }
  /** 220 to STARTTLS was said; nothing is heard until the handshake is done. */
  | { readonly kind: 'securing' }
  | { readonly kind: 'closed' };

export type StateOf<Kind extends State['kind']> = Extract<State, { kind: Kind }>;

/** The states in which the next line is a command. */
export type CommandState = StateOf<'connected' | 'ready' | 'sender' | 'recipients' | 'chunks'>;

/** What commands are given: facts about the session and the ports they may ask. */
export interface Desk {
  readonly terms: SmtpTerms;
  readonly peer: Peer;
  readonly tls: TlsFacts | undefined;
  readonly identity: Identity | undefined;
  readonly intake: Intake;
  readonly signIn: SignIn;
  readonly random: Random;
  readonly flush: Flush;
}

/** Begins to send what waits: all of it, or what is for recipients at one domain (as `domainKey`
 * has it). Answers at once, with how many messages that is; undefined: a great many. */
export type Flush = (domain: string | undefined) => Promise<Result<{ readonly messages?: number }>>;

/** What a command leads to. No state: it stays as it is. */
export interface Outcome {
  /** None: the reply comes when octets have come (BDAT). */
  readonly reply?: Reply;
  readonly state?: State;
  readonly identity?: Identity;
  readonly effect?: 'start-tls' | 'close';
}

export interface Command<S extends CommandState = CommandState> {
  readonly verb: string;
  /** How it is written, for HELP. */
  readonly usage: string;
  /** Where it is allowed; elsewhere it is answered by order.ts and never run. */
  readonly states: readonly S['kind'][];
  /** `cursor` stands behind the verb. */
  run(cursor: Cursor, state: S, desk: Desk): Soon<Outcome>;
}

export const anyState = ['connected', 'ready', 'sender', 'recipients', 'chunks'] as const;
