/*
 * AUTH (RFC 4954 §4): begins a sign-in; the session passes the lines that follow to its exchange
 * and asks `authOutcome` what each step means.
 */
import type { Failure } from '#base/result';
import { Exchange, type ExchangeStep } from '../../sasl/exchange.ts';
import { offeredSignIns } from '../extensions.ts';
import { badSequence, type Reply, reply, syntaxError } from '../reply.ts';
import type { Command, Desk, Hello, Outcome, StateOf } from '../state.ts';

// RFC 4954 §4: auth-command = "AUTH" SP sasl-mech [SP initial-response] *(CRLF [base64]) CRLF
export const auth: Command<StateOf<'ready'>> = {
  verb: 'AUTH',
  usage: 'AUTH mechanism',
  states: ['ready'],
  async run(cursor, { hello }, desk) {
    const refused = mayNot(desk);
    if (refused !== undefined) return { reply: refused };
    const [mechanism, initial, ...more] = cursor.rest().trim().split(' ');
    if (!mechanism || more.length > 0) return { reply: badArguments };
    const { signIn, random, peer, terms } = desk;
    const context = { session: peer.session, address: peer.address, protocol: 'smtp' };
    const ports = { signIn, random, hostName: terms.hostName };
    const exchange = new Exchange(ports, context, offeredSignIns(desk));
    return authOutcome(await exchange.start(mechanism, initial), hello, exchange);
  },
};

const badArguments = syntaxError('AUTH wants the name of a mechanism.');
const notHere = reply(
  502,
  '5.7.0',
  'Nobody signs in here; to send mail use a submission port (587 or 465 is usual).',
);
const twice = badSequence('You have signed in already.');

function mayNot({ terms, identity }: Desk): Reply | undefined {
  if (terms.role !== 'submission') return notHere;
  // RFC 4954 §4: "any subsequent AUTH command MUST be rejected with a 503 reply"
  return identity === undefined ? undefined : twice;
}

export function authOutcome(step: ExchangeStep, hello: Hello, exchange: Exchange): Outcome {
  switch (step.kind) {
    case 'challenge':
      return {
        reply: reply(334, '', step.text),
        state: { kind: 'authenticating', hello, exchange },
      };
    case 'done':
      return {
        reply: reply(235, '2.7.0', `Welcome, ${step.identity.login}`),
        state: { kind: 'ready', hello },
        identity: step.identity,
      };
    case 'cancelled':
      return { reply: cancelled, state: { kind: 'ready', hello } };
    case 'failed':
      return { reply: failedReply(step.failure), state: { kind: 'ready', hello } };
  }
}

// RFC 4954 §4: "the server MUST reject the AUTH command by sending a 501 reply"
const cancelled = reply(501, '5.7.0', 'Signing in was cancelled.');

/** RFC 4954 §4 and §6 */
function failedReply(failure: Failure): Reply {
  const say = `${failure.say.replace(/\.$/, '')}.`;
  if (failure.kind === 'trouble') return reply(454, '4.7.0', say);
  switch (failure.code) {
    case 'mechanism':
      return reply(504, '5.5.4', say);
    case 'encryption-needed':
      return reply(538, '5.7.11', say);
    case 'malformed':
      return reply(501, '5.5.2', say);
    case 'locked':
      // For a while only, so that mail programs do not ask for a new password.
      return reply(454, '4.7.0', say);
    default:
      return reply(535, '5.7.8', say);
  }
}
