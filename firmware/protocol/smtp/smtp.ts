/* SMTP as the net sees it: the terms and ports of a listener, and a session for each connection. */
import type { Log } from '#base/log';
import type { Random } from '#base/random';
import type { SignIn } from '#mail/accounts/accounts';
import type { Intake } from '#mail/intake';
import type { Peer, Protocol, Session, Wire } from '../session.ts';
import { reply } from './reply.ts';
import { SmtpSession } from './session.ts';
import type { Flush } from './state.ts';
import type { SmtpTerms } from './terms.ts';

export interface SmtpParts {
  readonly intake: Intake;
  readonly signIn: SignIn;
  readonly random: Random;
  readonly log: Log;
  /** For ETRN (RFC 1985). */
  readonly flush: Flush;
  /** Asked once for each connection. */
  readonly terms: () => SmtpTerms;
}

export class Smtp implements Protocol {
  /** 'smtp', 'submission' or 'submissions'. */
  readonly name: string;
  readonly #parts: SmtpParts;

  constructor(name: string, parts: SmtpParts) {
    this.name = name;
    this.#parts = parts;
  }

  open(wire: Wire, peer: Peer): Session {
    const { intake, signIn, random, log, flush, terms } = this.#parts;
    const desk = {
      terms: terms(),
      peer,
      tls: undefined,
      identity: undefined,
      intake,
      signIn,
      random,
      flush,
    };
    return new SmtpSession(wire, desk, log.of(this.name).for(peer.session));
  }

  get busy(): string {
    return reply(421, '4.3.2', `${this.#parts.terms().hostName} is too busy; try again later.`)
      .text;
  }
}
