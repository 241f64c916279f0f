/*
 * PLAIN (RFC 4616) and LOGIN (draft-murchison-sasl-login; never a standard, but what many old
 * mail programs and printers speak): the password itself, so only where nobody can read the line.
 */

import type { SignIn, SignInContext } from '#mail/accounts/accounts';
import { foldCase } from '#mail/address';
import {
  challenge,
  ending,
  type Mechanism,
  malformed,
  notForOthers,
  type SaslStep,
  utf8,
} from './mechanism.ts';

export class Plain implements Mechanism {
  readonly name = 'PLAIN';
  readonly #signIn: SignIn;
  readonly #context: SignInContext;

  constructor(signIn: SignIn, context: SignInContext) {
    this.#signIn = signIn;
    this.#context = context;
  }

  // RFC 4616 §2: message = [authzid] UTF8NUL authcid UTF8NUL passwd
  async step(response: Buffer | undefined): Promise<SaslStep> {
    if (response === undefined) return challenge('');
    const [authzid, authcid, password, ...more] = utf8(response)?.split('\0') ?? [];
    if (authzid === undefined || !authcid || !password || more.length > 0) {
      return malformed('PLAIN wants an optional name, a name and a password');
    }
    if (authzid !== '' && foldCase(authzid) !== foldCase(authcid)) return notForOthers();
    return ending(await this.#signIn.withPassword(authcid, password, this.#context));
  }
}

export class Login implements Mechanism {
  readonly name = 'LOGIN';
  readonly #signIn: SignIn;
  readonly #context: SignInContext;
  #state: 'begin' | 'name' | { readonly name: string } = 'begin';

  constructor(signIn: SignIn, context: SignInContext) {
    this.#signIn = signIn;
    this.#context = context;
  }

  async step(response: Buffer | undefined): Promise<SaslStep> {
    if (response === undefined) {
      this.#state = 'name';
      return challenge('Username:');
    }
    const text = utf8(response);
    if (!text) return malformed('LOGIN wants a name and a password');
    if (typeof this.#state === 'string') {
      this.#state = { name: text };
      return challenge('Password:');
    }
    return ending(await this.#signIn.withPassword(this.#state.name, text, this.#context));
  }
}
