/*
 * Signing in at a POP3 server: the ways that protocol/pop3/client/ways.ts finds, one after the
 * other where the first is refused for being what it is. The secret crosses an encrypted
 * connection, or one to this machine, and none else.
 */
import type { Random } from '#base/random';
import { failed, ok, type Result } from '#base/result';
import { placeOf, plainAddress } from '#net/peer';
import type { Answer } from '#protocol/pop3/client/answer';
import { apop, auth, pass, user as userCommand } from '#protocol/pop3/client/commands/sign-in';
import type { Offers } from '#protocol/pop3/client/offers';
import { signInPlan, type Way, wayWasRefused } from '#protocol/pop3/client/ways';
import { ClientExchange } from '#protocol/sasl/client/exchange';
import { ClientLogin } from '#protocol/sasl/client/login';
import { ClientPlain } from '#protocol/sasl/client/plain';
import { ClientScram } from '#protocol/sasl/client/scram';
import { ClientXoauth2 } from '#protocol/sasl/client/xoauth2';
import type { SourceTarget, UpstreamConnectTrouble } from '../upstream.ts';
import type { Ending, Pop3Dialogue } from './dialogue.ts';

export interface SignInParts {
  readonly dialogue: Pop3Dialogue;
  readonly random: Random;
  /** Milliseconds for each answer. */
  readonly wait: number;
  readonly offers: Offers | undefined;
  readonly timestamp: string | undefined;
}

/** An answer of the server's, or why there is none: it ended, or we do not go on with it. */
type Tried = Result<Answer, Ending>;

/** Undefined: signed in. */
export async function signIn(
  { user, secret }: SourceTarget,
  parts: SignInParts,
): Promise<UpstreamConnectTrouble | undefined> {
  const { dialogue, offers, timestamp } = parts;
  const { encrypted, address } = dialogue;
  const safe = encrypted || placeOf(plainAddress(address)) === 'loopback';
  const plan = signInPlan(user, secret, { encrypted, safe, offers, timestamp });
  if (plan.kind === 'cannot') {
    return { stage: 'sign-in', code: plan.code, detail: plan.detail };
  }
  const [first, second] = plan.ways;
  let tried = await tryWay(first, user, secret, parts);
  const again = tried.ok && !tried.value.positive && wayWasRefused(first, tried.value);
  if (again && second !== undefined) tried = await tryWay(second, user, secret, parts);
  if (!tried.ok) {
    const { code, detail } = tried.error;
    return { stage: 'sign-in', code, detail };
  }
  return tried.value.positive ? undefined : refused(tried.value);
}

function refused({ code, text }: Answer): UpstreamConnectTrouble {
  const answer = { ...(code === undefined ? {} : { code }), text };
  return { stage: 'sign-in', code: 'REFUSED', detail: text, answer };
}

function tryWay(
  way: Way,
  user: string,
  secret: SourceTarget['secret'],
  parts: SignInParts,
): Promise<Tried> {
  const { dialogue, random, wait, timestamp = '' } = parts;
  const password = 'password' in secret ? secret.password : '';
  switch (way) {
    case 'USER':
      return byUserAndPass(user, password, parts);
    case 'APOP':
      return dialogue.ask(apop(user, timestamp, password), wait);
    case 'PLAIN':
      return exchange(new ClientExchange(new ClientPlain(user, password)), parts);
    case 'LOGIN':
      return exchange(new ClientExchange(new ClientLogin(user, password)), parts);
    case 'SCRAM-SHA-256':
      return exchange(new ClientExchange(new ClientScram(user, password, random)), parts);
    case 'XOAUTH2': {
      const token = 'accessToken' in secret ? secret.accessToken : '';
      return exchange(new ClientExchange(new ClientXoauth2(user, token)), parts);
    }
  }
}

async function byUserAndPass(
  user: string,
  password: string,
  { dialogue, wait }: SignInParts,
): Promise<Tried> {
  const named = await dialogue.ask(userCommand(user), wait);
  if (!named.ok || !named.value.positive) return named;
  return dialogue.ask(pass(password), wait);
}

/** RFC 5034 §4 */
async function exchange(sasl: ClientExchange, { dialogue, wait }: SignInParts): Promise<Tried> {
  let answer: Answer | undefined;
  let cancelled: string | undefined;
  if (dialogue.gone === undefined) dialogue.send([auth(sasl)]);
  const ended = await dialogue.until(wait, async (event) => {
    if (event.kind === 'answer') {
      answer = event.answer;
      return 'done';
    }
    if (event.kind !== 'challenge') return 'more';
    // Each answer is a sign of life, and this would go on for ever.
    if (cancelled !== undefined) return { endless: 'the sign-in' };
    const step = await sasl.answer(event.text);
    if (step.kind === 'cancel') cancelled = step.why;
    dialogue.respond(step.kind === 'send' ? step.text : '*');
    return 'more';
  });
  if (!ended.ok) return ended;
  if (answer === undefined) throw new Error('done without an answer');
  if (cancelled !== undefined) {
    // Where the mechanism proves nothing, nobody has failed to prove anything.
    return failed({ code: sasl.satisfied ? 'EPROTOCOL' : 'BAD-PROOF', detail: cancelled });
  }
  // RFC 5802 §5: a server that did not prove itself is not the one that has our mail.
  if (answer.positive && !sasl.satisfied) {
    return failed({ code: 'BAD-PROOF', detail: 'the server did not prove that it is itself' });
  }
  return ok(answer);
}
