/*
 * MAIL (RFC 5321 §4.1.1.2) with the parameters of SIZE (RFC 1870), 8BITMIME (RFC 6152), SMTPUTF8
 * (RFC 6531), DSN (RFC 3461) and AUTH (RFC 4954 §5).
 */
import { CharacterSet, type Cursor, range } from '#base/cursor';
import { isAscii, parseReversePath, type ReversePath } from '#mail/address';
import type { Device } from '#mail/devices/devices';
import type { Origin } from '#mail/intake';
import * as limits from '../limits.ts';
import { decodeXtext, type Parameters, parseParameters } from '../parameters.ts';
import { tooLarge } from '../reception.ts';
import { failureReply, type Reply, reply, syntaxError } from '../reply.ts';
import type { Command, Desk, Hello, Outcome, Sending, StateOf } from '../state.ts';

// RFC 5321 §4.1.1.2:
//   mail = "MAIL FROM:" Reverse-path [SP Mail-parameters] CRLF
export const mail: Command<StateOf<'ready'>> = {
  verb: 'MAIL',
  usage: 'MAIL FROM:<you@example.org>',
  states: ['ready'],
  run(cursor, { hello }, desk) {
    // Asked each time, for the owner may add and remove devices. Who signed in is no device.
    const { intake, identity, peer } = desk;
    const device = identity === undefined ? intake.device(peer.address) : undefined;
    const from = parseFrom(cursor, device !== undefined);
    if (from === undefined) return { reply: badAddress };
    const parameters = parseParameters(cursor);
    if (parameters === undefined) return { reply: badParameters };
    const sending = understand(from, parameters, desk);
    if ('code' in sending) return { reply: sending };
    const origin = originOf(hello, sending.utf8 === true, desk, device);
    const sender = intake.sender(from, origin);
    if (!sender.ok) return { reply: failureReply(sender.error) };
    return accepted(hello, origin, { ...sending, sender: sender.value });
  },
};

const badAddress = reply(501, '5.1.7', 'I cannot read that: MAIL FROM:<you@example.org>');
const badParameters = syntaxError('I cannot read what stands behind the address.');
const ok = reply(250, '2.1.0', 'Sender OK');

function accepted(hello: Hello, origin: Origin, sending: Sending): Outcome {
  return { reply: ok, state: { kind: 'sender', hello, origin, sending } };
}

function parseFrom(cursor: Cursor, device: boolean): ReversePath | undefined {
  if (!cursor.expectAnyCase(' FROM:')) return undefined;
  // Not in the grammar, and everywhere: a blank before the path.
  cursor.take(' ');
  if (!device) return parseReversePath(cursor);
  // Its sender is settled, so nobody minds what stands here: <scanner>, or no brackets at all.
  if (cursor.take('<')) {
    cursor.takeSome(bracketed);
    cursor.take('>');
  } else cursor.takeSome(unbracketed);
  return 'null';
}

const unbracketed = new CharacterSet(range('!', '~'), true);
const bracketed = new CharacterSet(range(' ', '=') + range('?', '~'), true);

/** The parameters' meaning, or why they cannot be had. */
function understand(sender: ReversePath, parameters: Parameters, desk: Desk): Sending | Reply {
  let sending: Sending = { sender };
  for (const [keyword, value] of parameters) {
    const read = readParameter(keyword, value, desk);
    if ('code' in read) return read;
    sending = { ...sending, ...read };
  }
  if (sender !== 'null' && !isAscii(sender) && sending.utf8 !== true) {
    // RFC 6531 §3.5
    return reply(550, '5.6.7', 'An address like this needs a mail program that knows SMTPUTF8.');
  }
  return sending;
}

function readParameter(
  keyword: string,
  value: string | undefined,
  { terms }: Desk,
): Partial<Sending> | Reply {
  switch (keyword) {
    case 'SIZE': {
      // RFC 1870 §5: size-value ::= 1*20DIGIT
      if (value === undefined || !/^\d{1,20}$/.test(value))
        return syntaxError('SIZE wants a number.');
      // RFC 1870 §6.1: (2)
      const size = Number(value);
      return size > terms.largestMessage ? tooLarge(terms.largestMessage) : { size };
    }
    case 'BODY': {
      // RFC 6152 §2: "7BIT" / "8BITMIME"
      const body = value?.toLowerCase();
      if (body === '7bit' || body === '8bitmime') return { body };
      return reply(555, '5.5.4', 'BODY can be 7BIT or 8BITMIME here.');
    }
    case 'SMTPUTF8':
      // RFC 6531 §3.4: no value
      return value === undefined ? { utf8: true } : syntaxError('SMTPUTF8 has no value.');
    case 'RET': {
      // RFC 3461 §4.3: "FULL" / "HDRS"
      const part = value?.toUpperCase();
      if (part === 'FULL') return { reportWith: 'full' };
      return part === 'HDRS' ? { reportWith: 'headers' } : syntaxError('RET can be FULL or HDRS.');
    }
    case 'ENVID': {
      // RFC 3461 §4.4: at most 100 characters of xtext that stand for printable US-ASCII
      const id = value === undefined ? undefined : decodeXtext(value);
      const good = id !== undefined && /^[\x20-\x7e]+$/.test(id);
      if (good && (value?.length ?? 0) <= limits.envelopeId) return { id };
      return syntaxError('ENVID wants up to 100 printable characters in xtext.');
    }
    case 'AUTH':
      // RFC 4954 §5: whose mail it is, in a trusted network's words. Who signed in is what counts.
      if (terms.role === 'submission') {
        const known = value !== undefined && decodeXtext(value) !== undefined;
        return known ? {} : syntaxError('AUTH wants an address in xtext, or <>.');
      }
  }
  // RFC 5321 §4.1.1.11
  return reply(555, '5.5.4', `${keyword} is not known here.`);
}

function originOf(hello: Hello, utf8: boolean, desk: Desk, device: Device | undefined): Origin {
  const { peer, tls, identity, terms } = desk;
  const secure = tls === undefined ? {} : { tls: `${tls.version} ${tls.cipher}` };
  return {
    session: peer.session,
    address: peer.address,
    place: peer.place,
    claimed: hello.claimed,
    protocol: protocolWord(hello, utf8, tls !== undefined, identity !== undefined),
    ...secure,
    submission: terms.role === 'submission' || device !== undefined,
    ...(identity === undefined ? {} : { identity }),
    ...(device === undefined ? {} : { device }),
  };
}

/** The `with` word of Received: RFC 3848, RFC 6531 §4.3. */
function protocolWord(hello: Hello, utf8: boolean, tls: boolean, signedIn: boolean): string {
  const base = utf8 ? 'UTF8SMTP' : hello.verb === 'EHLO' ? 'ESMTP' : 'SMTP';
  if (base === 'SMTP') return base;
  return `${base}${tls ? 'S' : ''}${signedIn ? 'A' : ''}`;
}
