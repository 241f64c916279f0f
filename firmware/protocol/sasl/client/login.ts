/*
 * LOGIN, client side: the name, then the password, each when the server asks for it. No RFC has it
 * (draft-murchison-sasl-login says what is done); some old servers know nothing else. What the
 * prompts say differs from server to server and is not looked at. Whether the password may cross
 * this connection is decided by whoever makes one of these.
 */
import { type ClientMechanism, type ClientStep, response, stop } from './mechanism.ts';

export class ClientLogin implements ClientMechanism {
  readonly name = 'LOGIN';
  readonly waits = true;
  readonly satisfied = true;
  readonly #user: string;
  #password: string | undefined;

  constructor(user: string, password: string) {
    this.#user = user;
    this.#password = password;
  }

  first(): Buffer {
    return Buffer.from(this.#user);
  }

  step(): ClientStep {
    const password = this.#password;
    this.#password = undefined;
    return password === undefined ? stop('LOGIN has no third challenge') : response(password);
  }
}
