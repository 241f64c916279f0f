/*
 * PLAIN, client side (RFC 4616): the password itself. Whether it may cross this connection is
 * decided by whoever makes one of these.
 */
import { type ClientMechanism, type ClientStep, stop } from './mechanism.ts';

export class ClientPlain implements ClientMechanism {
  readonly name = 'PLAIN';
  readonly satisfied = true;
  readonly #user: string;
  readonly #password: string;

  /** Neither has a NUL in it (RFC 4616 §2). */
  constructor(user: string, password: string) {
    this.#user = user;
    this.#password = password;
  }

  // RFC 4616 §2: message = [authzid] UTF8NUL authcid UTF8NUL passwd
  first(): Buffer {
    return Buffer.from(`\0${this.#user}\0${this.#password}`);
  }

  step(): ClientStep {
    return stop('PLAIN has no second challenge');
  }
}
