/* POP3 as the net serves it: on pop3.port with STLS, on pop3s.port encrypted from the start. */
import type { Peer, Protocol, Session, Wire } from '../session.ts';
import { negative } from './replies.ts';
import { type Pop3Ports, Pop3Session } from './session.ts';

export class Pop3 implements Protocol {
  readonly name = 'pop3';
  /** RFC 3206 §4: SYS/TEMP tells a mail program to come again without bothering its user. */
  readonly busy = negative('The mail box has too much to do; come again in a minute', 'SYS/TEMP');
  readonly #ports: Pop3Ports;

  constructor(ports: Pop3Ports) {
    this.#ports = ports;
  }

  open(wire: Wire, peer: Peer): Session {
    return new Pop3Session(wire, peer, this.#ports);
  }
}
