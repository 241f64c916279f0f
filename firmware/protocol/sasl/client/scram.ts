/*
 * SCRAM-SHA-256, client side (RFC 5802, RFC 7677): the password does not cross the line, and the
 * server has to prove that it knows it, too. Channel binding is not done ("n"). The password is
 * prepared as our own server prepares it.
 *
 * Stretching the password takes a thread of libuv's four for some milliseconds. One sign-in does it
 * once, and only where the password itself may not travel.
 */
import { pbkdf2, timingSafeEqual } from 'node:crypto';
import { CharacterSet, Cursor, digits, range } from '#base/cursor';
import type { Random } from '#base/random';
import { preparePassword } from '#mail/accounts/names';
import { decodeBase64 } from '../base64.ts';
import { utf8 } from '../mechanism.ts';
import { digest, exclusiveOr, hmac, keyOctets } from '../scram-keys.ts';
import { type ClientMechanism, type ClientStep, response, stop } from './mechanism.ts';

/** RFC 7677 §4: at least so many rounds; fewer would help who listens to guess. */
const fewestRounds = 4096;
/** More would let a server keep a thread of ours busy: some seconds on a small board. */
const mostRounds = 1_000_000;
/** 144 bits; a multiple of 3, so that base64 needs no padding. */
const nonceOctets = 18;

/** RFC 5802 §7: printable = %x21-2B / %x2D-7E, all but the comma */
const printable = new CharacterSet(`${range('!', '+')}${range('-', '~')}`);

type State =
  | { readonly kind: 'first' }
  | { readonly kind: 'begun'; readonly bare: string; readonly nonce: string }
  | { readonly kind: 'proved'; readonly signature: Buffer }
  | { readonly kind: 'satisfied' }
  | { readonly kind: 'over' };

export class ClientScram implements ClientMechanism {
  readonly name = 'SCRAM-SHA-256';
  readonly #user: string;
  readonly #password: string;
  readonly #random: Random;
  #state: State = { kind: 'first' };

  constructor(user: string, password: string, random: Random) {
    this.#user = user;
    this.#password = password;
    this.#random = random;
  }

  get satisfied(): boolean {
    return this.#state.kind === 'satisfied';
  }

  // RFC 5802 §7:
  //   client-first-message = gs2-header client-first-message-bare
  //   client-first-message-bare = [reserved-mext ","] username "," nonce ["," extensions]
  first(): Buffer {
    const nonce = this.#random.octets(nonceOctets).toString('base64');
    const bare = `n=${saslname(this.#user)},r=${nonce}`;
    this.#state = { kind: 'begun', bare, nonce };
    return Buffer.from(`${gs2Header}${bare}`);
  }

  step(challenge: Buffer): ClientStep | Promise<ClientStep> {
    const state = this.#state;
    this.#state = { kind: 'over' };
    const message = utf8(challenge);
    if (message === undefined) return stop('SCRAM messages are UTF-8');
    if (state.kind === 'begun') return this.#final(message, state);
    if (state.kind === 'proved') return this.#verify(message, state.signature);
    return stop('the server goes on after the end of SCRAM');
  }

  async #final(message: string, { bare, nonce }: State & { kind: 'begun' }): Promise<ClientStep> {
    const server = parseServerFirst(message);
    if (server === undefined) return stop("that is not SCRAM's first server message");
    // RFC 5802 §5.1: the server's nonce begins with ours, and adds to it.
    if (!server.nonce.startsWith(nonce) || server.nonce.length === nonce.length) {
      return stop("the server's nonce does not go on from ours");
    }
    if (server.rounds < fewestRounds || server.rounds > mostRounds) {
      return stop(`the server wants ${server.rounds} rounds of SCRAM`);
    }
    const prepared = preparePassword(this.#password);
    if (!prepared.ok) return stop(prepared.error.say);
    const salted = await stretch(prepared.value, server.salt, server.rounds);
    const clientKey = hmac(salted, 'Client Key');
    // RFC 5802 §7: client-final-message-without-proof = channel-binding "," nonce
    const withoutProof = `c=${Buffer.from(gs2Header).toString('base64')},r=${server.nonce}`;
    // RFC 5802 §3: AuthMessage
    const authMessage = `${bare},${message},${withoutProof}`;
    const proof = exclusiveOr(clientKey, hmac(digest(clientKey), authMessage));
    this.#state = { kind: 'proved', signature: hmac(hmac(salted, 'Server Key'), authMessage) };
    return response(`${withoutProof},p=${proof.toString('base64')}`);
  }

  // RFC 5802 §7: server-final-message = (server-error / verifier) ["," extensions]
  #verify(message: string, signature: Buffer): ClientStep {
    const [, error, verifier] = /^(?:e=([^,]*)|v=([^,]*))(?:,|$)/.exec(message) ?? [];
    // RFC 5802 §5.1: the refusal proper comes as the protocol's own answer.
    if (error !== undefined) return response('');
    const given = decodeBase64(verifier ?? '');
    if (given?.length !== keyOctets || !timingSafeEqual(given, signature)) {
      return stop('the server did not prove that it knows the password');
    }
    this.#state = { kind: 'satisfied' };
    return response('');
  }
}

/** RFC 5802 §7: gs2-header = gs2-cbind-flag "," [ authzid ] ","; "n": no channel binding. */
const gs2Header = 'n,,';

/** RFC 5802 §5.1: "," is written =2C and "=" =3D. */
function saslname(name: string): string {
  return name.replaceAll('=', '=3D').replaceAll(',', '=2C');
}

interface ServerFirst {
  readonly nonce: string;
  readonly salt: Buffer;
  readonly rounds: number;
}

// RFC 5802 §7:
//   server-first-message = [reserved-mext ","] nonce "," salt "," iteration-count ["," extensions]
function parseServerFirst(message: string): ServerFirst | undefined {
  const cursor = new Cursor(message);
  // RFC 5802 §5.1: m= is an extension that must be understood, and none is.
  const nonce = cursor.take('r=') ? cursor.takeSome(printable) : undefined;
  const base64 = cursor.take(',s=') ? cursor.takeSome(printable) : undefined;
  const rounds = cursor.take(',i=') ? cursor.takeSome(digits, 9) : undefined;
  const salt = decodeBase64(base64 ?? '');
  if (nonce === undefined || rounds === undefined || !salt?.length) return undefined;
  if (!cursor.end() && !cursor.take(',')) return undefined;
  return { nonce, salt, rounds: Number(rounds) };
}

/** RFC 5802 §3: SaltedPassword := Hi(Normalize(password), salt, i) */
function stretch(password: string, salt: Buffer, rounds: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    pbkdf2(password, salt, rounds, keyOctets, 'sha256', (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}
