/*
 * CRAM-MD5 (RFC 2195), for old devices that know nothing better: the password does not cross the
 * line, but the box must keep it so that it can be read again, and MD5 is old. It works for the
 * passwords that were made recoverable, and is offered where `secretsWork` (mechanism.ts) says so.
 */
import { createHmac } from 'node:crypto';
import type { Random } from '#base/random';
import type { SignIn, SignInContext } from '#mail/accounts/accounts';
import { challenge, ending, type Mechanism, malformed, type SaslStep, utf8 } from './mechanism.ts';
import { freshText, sameDigest } from './shared-secret.ts';

export class CramMd5 implements Mechanism {
  readonly name = 'CRAM-MD5';
  readonly #signIn: SignIn;
  readonly #context: SignInContext;
  /** What the client's digest is made of; undefined before it was said, and after its one use. */
  #text: string | undefined;
  readonly #fresh: () => string;

  constructor(signIn: SignIn, context: SignInContext, random: Random, hostName: string) {
    this.#signIn = signIn;
    this.#context = context;
    this.#fresh = () => freshText(random, hostName);
  }

  // RFC 2195 §2: response = user SP digest; the digest is HMAC-MD5 of the challenge, keyed with the
  // secret, in lower-case hexadecimal.
  async step(response: Buffer | undefined): Promise<SaslStep> {
    const said = this.#text;
    if (response === undefined) {
      this.#text = this.#fresh();
      return challenge(this.#text);
    }
    // The server speaks first, so there is nothing that a client could say at once.
    if (said === undefined) return malformed('CRAM-MD5 begins with a challenge');
    this.#text = undefined;
    const [, login, digest] = /^(.+) ([0-9a-f]{32})$/s.exec(utf8(response) ?? '') ?? [];
    if (login === undefined || digest === undefined) {
      return malformed('CRAM-MD5 wants a name and a digest');
    }
    const proves = (secret: string) =>
      sameDigest(digest, createHmac('md5', secret).update(said).digest('hex'));
    return ending(await this.#signIn.withSecret(login, proves, this.#context));
  }
}
