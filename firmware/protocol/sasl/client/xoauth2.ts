/*
 * XOAUTH2, client side, which Google and Microsoft document: an access token in place of a
 * password. A token that is refused is answered with a challenge of JSON, and the refusal
 * proper comes after an empty line. Where tokens come from, and what to do when one is refused,
 * is not known here.
 */
import { type ClientMechanism, type ClientStep, response, stop } from './mechanism.ts';

export class ClientXoauth2 implements ClientMechanism {
  readonly name = 'XOAUTH2';
  readonly satisfied = true;
  readonly #user: string;
  readonly #accessToken: string;
  #wasRefused = false;

  constructor(user: string, accessToken: string) {
    this.#user = user;
    this.#accessToken = accessToken;
  }

  /** "user=" user ^A "auth=Bearer " token ^A ^A */
  first(): Buffer {
    return Buffer.from(`user=${this.#user}\x01auth=Bearer ${this.#accessToken}\x01\x01`);
  }

  step(): ClientStep {
    if (this.#wasRefused) return stop('XOAUTH2 has no second challenge');
    this.#wasRefused = true;
    return response('');
  }
}
