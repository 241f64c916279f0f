/*
 * ETRN (RFC 1985): "send what waits, now". For those who live here, who have signed in, and for
 * programs on this machine; a stranger could only make the box busy with it. The answer comes when
 * the sending has begun. Mail goes by the uplinks as always: nothing is handed to whoever asks.
 */
import { CharacterSet, type Cursor, range } from '#base/cursor';
import { domainKey } from '#mail/address';
import { maySendQueue } from '../extensions.ts';
import { type Reply, reply, syntaxError } from '../reply.ts';
import type { Command, Desk, StateOf } from '../state.ts';

// RFC 1985 §5: ETRN [<option character>]<node name><CR><LF>
//   option character: "@" a domain and what is below it, "#" a queue with a name of its own (§5.3)
export const etrn: Command<StateOf<'ready'>> = {
  verb: 'ETRN',
  usage: 'ETRN [@|#]name',
  states: ['ready'],
  async run(cursor, _state, desk) {
    const refused = mayNot(desk);
    if (refused !== undefined) return { reply: refused };
    const node = parseNode(cursor);
    if (node === undefined) return { reply: badNode };
    const ours = isOurs(node.name, desk);
    if (node.option === '#' && !ours) return { reply: noSuchQueue(node.name) };
    const begun = await desk.flush(ours ? undefined : domainKey(node.name));
    if (!begun.ok) return { reply: notBegun(node.name, begun.error.say) };
    return { reply: started(node.name, begun.value.messages) };
  },
};

interface Node {
  readonly option: string;
  readonly name: string;
}

const nameCharacters = new CharacterSet(
  `${range('a', 'z')}${range('A', 'Z')}${range('0', '9')}._-`,
  true,
);

function parseNode(cursor: Cursor): Node | undefined {
  if (!cursor.expect(' ')) return undefined;
  const option = cursor.take('@') ? '@' : cursor.take('#') ? '#' : '';
  const name = cursor.expectSome(nameCharacters, 'a name');
  return name !== undefined && cursor.end() ? { option, name } : undefined;
}

function mayNot(desk: Desk): Reply | undefined {
  if (maySendQueue(desk)) return undefined;
  return desk.terms.role === 'submission' ? signInFirst : notHere;
}

/** Our own names stand for everything that waits. */
function isOurs(name: string, { terms }: Desk): boolean {
  const key = domainKey(name);
  return [terms.hostName, ...terms.domains].some((own) => domainKey(own) === key);
}

// RFC 4954 §6
const signInFirst = reply(
  530,
  '5.7.0',
  'Sign in first: the queue is for the people who live here.',
);
// As for every command that EHLO does not name.
const notHere = reply(502, '5.5.1', 'ETRN is not done here.');
const badNode = syntaxError('ETRN wants a name: ETRN example.org');

// RFC 1985 §5.1

function noSuchQueue(name: string): Reply {
  return reply(459, '4.7.0', `Node ${name} not allowed: there is no queue of that name.`);
}

function notBegun(name: string, why: string): Reply {
  return reply(458, '4.3.0', `Unable to queue messages for node ${name}: ${why}.`);
}

function started(name: string, messages: number | undefined): Reply {
  if (messages === undefined) {
    return reply(252, '2.0.0', `OK, pending messages for node ${name} started`);
  }
  if (messages === 0) return reply(251, '2.0.0', `OK, no messages waiting for node ${name}`);
  return reply(253, '2.0.0', `OK, ${messages} pending messages for node ${name} started`);
}
