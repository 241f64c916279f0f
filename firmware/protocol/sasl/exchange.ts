/*
 * One sign-in over a line protocol: AUTH in SMTP (RFC 4954 §4) and in POP3 (RFC 5034 §4) frame
 * SASL the same way. Base64 lines go back and forth; `*` cancels; `=` is an initial response that
 * is there but empty. What the replies look like is the protocol's affair.
 */
import type { Random } from '#base/random';
import { type Failure, refusal } from '#base/result';
import type { Identity, SignIn, SignInContext } from '#mail/accounts/accounts';
import { decodeBase64 } from './base64.ts';
import { CramMd5 } from './cram-md5.ts';
import {
  isPlaintext,
  type Mechanism,
  type MechanismName,
  mechanismNames,
  type SaslRefusal,
  type SaslStep,
} from './mechanism.ts';
import { Login, Plain } from './plain.ts';
import { ScramSha256 } from './scram.ts';

/** What the protocol says next. */
export type ExchangeStep =
  /** Send this base64 text as a challenge (`334 …`, `+ …`;
   * it may be empty), pass on the next line. */
  | { readonly kind: 'challenge'; readonly text: string }
  | { readonly kind: 'done'; readonly identity: Identity }
  /** Codes: those of `SaslRefusal`, of the port `SignIn`, or a Trouble. */
  | { readonly kind: 'failed'; readonly failure: Failure | SaslRefusal }
  | { readonly kind: 'cancelled' };

export interface ExchangePorts {
  readonly signIn: SignIn;
  readonly random: Random;
  /** What the box calls itself. */
  readonly hostName: string;
}

/** RFC 4954 §4 and RFC 5034 §4: the most octets of a client's base64 line, without CRLF. */
export const longestResponse = 12_288;

export class Exchange {
  readonly #ports: ExchangePorts;
  readonly #context: SignInContext;
  readonly #offered: readonly MechanismName[];
  #mechanism: Mechanism | undefined;

  /** `offered`: what this connection advertises (see `offeredMechanisms`). */
  constructor(ports: ExchangePorts, context: SignInContext, offered: readonly MechanismName[]) {
    this.#ports = ports;
    this.#context = context;
    this.#offered = offered;
  }

  /** `AUTH name [initial]`. After `challenge`, call `line` with what the client sends next. */
  async start(name: string, initial?: string): Promise<ExchangeStep> {
    const known = mechanismNames.find((each) => each === name.toUpperCase());
    if (known === undefined) {
      return refused('mechanism', 'That way of signing in is not known here');
    }
    if (!this.#offered.includes(known)) {
      return isPlaintext(known)
        ? refused('encryption-needed', 'Passwords are only taken on an encrypted connection')
        : refused('mechanism', 'That way of signing in is not offered here');
    }
    this.#mechanism = this.#make(known);
    if (initial === undefined) return this.#step(undefined);
    return this.#decoded(initial === '=' ? '' : initial);
  }

  /** The client's answer to a challenge, without CRLF. */
  async line(text: string): Promise<ExchangeStep> {
    if (text === '*') return { kind: 'cancelled' };
    return this.#decoded(text);
  }

  #decoded(text: string): Promise<ExchangeStep> {
    const response = text.length > longestResponse ? undefined : decodeBase64(text);
    return response === undefined ? notBase64 : this.#step(response);
  }

  async #step(response: Buffer | undefined): Promise<ExchangeStep> {
    if (this.#mechanism === undefined) throw new Error('line() comes after start()');
    const step: SaslStep = await this.#mechanism.step(response);
    return step.kind === 'challenge'
      ? { kind: 'challenge', text: step.data.toString('base64') }
      : step;
  }

  #make(name: MechanismName): Mechanism {
    const { signIn, random, hostName } = this.#ports;
    switch (name) {
      case 'SCRAM-SHA-256':
        return new ScramSha256(signIn, this.#context, random);
      case 'CRAM-MD5':
        return new CramMd5(signIn, this.#context, random, hostName);
      case 'PLAIN':
        return new Plain(signIn, this.#context);
      case 'LOGIN':
        return new Login(signIn, this.#context);
    }
  }
}

function refused(code: SaslRefusal['code'], say: string): ExchangeStep {
  return { kind: 'failed', failure: refusal(code, say) };
}

const notBase64 = Promise.resolve(refused('malformed', 'That is not base64'));
