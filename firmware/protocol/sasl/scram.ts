/*
 * SCRAM-SHA-256, server side (RFC 5802, RFC 7677). The password never crosses the line, both sides
 * prove that they know it, and the box keeps only keys that cannot be used to sign in elsewhere.
 * An account has one salt and several named passwords: the client's proof is tried on the keys of
 * each. Channel binding (-PLUS) is not offered, so a client that insists on it is refused.
 *
 * A failure is told by the protocol's own reply at once, not by `e=` in one more round trip, as
 * RFC 5802 §5.1 allows: mail programs show the sentence in the reply and lose the other one.
 */
import { timingSafeEqual } from 'node:crypto';
import { CharacterSet, Cursor, range } from '#base/cursor';
import type { Random } from '#base/random';
import type { ScramKeys, ScramRecord, SignIn, SignInContext } from '#mail/accounts/accounts';
import { foldCase } from '#mail/address';
import { decodeBase64 } from './base64.ts';
import {
  challenge,
  ending,
  type Mechanism,
  malformed,
  notForOthers,
  type SaslStep,
  utf8,
} from './mechanism.ts';
import { digest, exclusiveOr, hmac, keyOctets } from './scram-keys.ts';

/** What the exchange remembers between its steps. */
type State =
  | { readonly kind: 'first' }
  | {
      readonly kind: 'final';
      readonly login: string;
      readonly record: ScramRecord;
      readonly nonce: string;
      /** client-first-message-bare "," server-first-message (RFC 5802 §3). */
      readonly before: string;
      /** What `c=` must say: the gs2-header in base64 (RFC 5802 §5.1). */
      readonly binding: string;
    }
  | { readonly kind: 'verified'; readonly end: SaslStep }
  | { readonly kind: 'over' };

export class ScramSha256 implements Mechanism {
  readonly name = 'SCRAM-SHA-256';
  readonly #signIn: SignIn;
  readonly #context: SignInContext;
  readonly #random: Random;
  #state: State = { kind: 'first' };

  constructor(signIn: SignIn, context: SignInContext, random: Random) {
    this.#signIn = signIn;
    this.#context = context;
    this.#random = random;
  }

  step(response: Buffer | undefined): SaslStep | Promise<SaslStep> {
    const state = this.#state;
    // RFC 5802 §5: the client sends first, so a begin without a response gets an empty challenge.
    if (response === undefined) return challenge('');
    const message = utf8(response);
    if (message === undefined) return malformed('SCRAM messages are UTF-8');
    switch (state.kind) {
      case 'first':
        return this.#first(message);
      case 'final':
        this.#state = { kind: 'over' };
        return this.#final(message, state);
      case 'verified':
        this.#state = { kind: 'over' };
        return message === '' ? state.end : malformed('The client had the last word already');
      case 'over':
        return malformed('This SCRAM exchange is over');
    }
  }

  #first(message: string): SaslStep {
    const first = parseClientFirst(message);
    if ('say' in first) return malformed(first.say);
    if (first.authzid !== '' && foldCase(first.authzid) !== foldCase(first.login)) {
      return notForOthers();
    }
    const record = this.#signIn.scramRecord(first.login);
    const nonce = first.nonce + this.#random.octets(nonceOctets).toString('base64');
    // RFC 5802 §7: server-first-message = [reserved-mext ","] nonce "," salt "," iteration-count
    const reply = `r=${nonce},s=${record.salt.toString('base64')},i=${record.rounds}`;
    this.#state = {
      kind: 'final',
      login: first.login,
      record,
      nonce,
      before: `${first.bare},${reply}`,
      binding: Buffer.from(first.header).toString('base64'),
    };
    return challenge(reply);
  }

  async #final(message: string, state: State & { kind: 'final' }): Promise<SaslStep> {
    const final = parseClientFinal(message);
    if (final === undefined) return malformed("That is not SCRAM's last client message");
    // RFC 5802 §5.1: a changed gs2-header means that somebody sits in between.
    if (final.binding !== state.binding) return malformed('The channel binding does not match');
    if (final.nonce !== state.nonce) return malformed('The nonce does not match');
    const authMessage = `${state.before},${final.withoutProof}`;
    const keys = state.record.keys.find((each) => proves(each, authMessage, final.proof));
    const end = ending(await this.#signIn.scramDone(state.login, keys?.password, this.#context));
    if (end.kind !== 'done' || keys === undefined) return end;
    this.#state = { kind: 'verified', end };
    // RFC 5802 §3: ServerSignature := HMAC(ServerKey, AuthMessage)
    return challenge(`v=${hmac(keys.serverKey, authMessage).toString('base64')}`);
  }
}

/** 144 bits; a multiple of 3, so that base64 needs no padding. */
const nonceOctets = 18;

/** RFC 5802 §7: printable = %x21-2B / %x2D-7E, all but the comma */
const printable = new CharacterSet(`${range('!', '+')}${range('-', '~')}`);
/** RFC 5802 §7: value-safe-char, any UTF-8 but NUL, "=" and ",";
 * "=" is here, for saslname's escapes. */
const nameCharacters = new CharacterSet(
  String.fromCharCode(...Array(128).keys()).replace(/[\0,]/g, ''),
  true,
);

interface ClientFirst {
  readonly header: string;
  readonly bare: string;
  readonly authzid: string;
  readonly login: string;
  readonly nonce: string;
}

// RFC 5802 §7:
//   client-first-message = gs2-header client-first-message-bare
//   gs2-header = gs2-cbind-flag "," [ authzid ] ","
//   gs2-cbind-flag = ("p=" cb-name) / "n" / "y"
//   client-first-message-bare = [reserved-mext ","] username "," nonce ["," extensions]

function parseClientFirst(message: string): ClientFirst | { readonly say: string } {
  const cursor = new Cursor(message);
  if (cursor.take('p=')) return { say: 'Channel binding is not offered here' };
  // "y": the client could bind the channel but thinks that we cannot, which is true.
  if (!cursor.take('n') && !cursor.take('y')) return notFirst;
  if (!cursor.take(',')) return notFirst;
  // A saslname is not empty by the grammar, but GNU SASL sends "a=" when it acts for nobody else.
  const acts = cursor.take('a=') && cursor.peek() !== comma;
  const authzid = acts ? saslname(cursor) : '';
  if (authzid === undefined || !cursor.take(',')) return notFirst;
  const header = message.slice(0, cursor.at);
  if (cursor.take('m=')) return { say: 'That SCRAM extension is not known here' };
  const login = cursor.take('n=') ? saslname(cursor) : undefined;
  if (login === undefined || !cursor.take(',r=')) return notFirst;
  const nonce = cursor.takeSome(printable);
  // RFC 5802 §5.1: extensions that a server does not know are ignored (m= apart).
  if (nonce === undefined || !(cursor.end() || cursor.take(','))) return notFirst;
  return { header, bare: message.slice(header.length), authzid, login, nonce };
}

const comma = ','.charCodeAt(0);

const notFirst = { say: "That is not SCRAM's first client message" } as const;

/** RFC 5802 §5.1: saslname, with "," written as =2C and "=" as =3D; any other "=" is an error. */
function saslname(cursor: Cursor): string | undefined {
  const text = cursor.takeSome(nameCharacters);
  if (text === undefined || /=(?!2C|3D)/.test(text)) return undefined;
  return text.replaceAll('=2C', ',').replaceAll('=3D', '=');
}

// RFC 5802 §7:
//   client-final-message = client-final-message-without-proof "," proof
//   client-final-message-without-proof = channel-binding "," nonce ["," extensions]

function parseClientFinal(
  message: string,
): { binding: string; nonce: string; withoutProof: string; proof: Buffer } | undefined {
  const split = message.lastIndexOf(',p=');
  const withoutProof = message.slice(0, Math.max(split, 0));
  const [binding, nonce] = withoutProof.split(',');
  const proof = decodeBase64(message.slice(split + 3));
  if (proof?.length !== keyOctets) return undefined;
  if (!binding?.startsWith('c=') || !nonce?.startsWith('r=')) return undefined;
  return { binding: binding.slice(2), nonce: nonce.slice(2), withoutProof, proof };
}

/** RFC 5802 §3: ClientKey = ClientProof XOR HMAC(StoredKey, AuthMessage);
 * H(ClientKey) = StoredKey */
function proves(keys: ScramKeys, authMessage: string, proof: Buffer): boolean {
  const clientKey = exclusiveOr(hmac(keys.storedKey, authMessage), proof);
  return timingSafeEqual(digest(clientKey), keys.storedKey);
}
