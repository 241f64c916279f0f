/* RCPT (RFC 5321 §4.1.1.3) with DSN's parameters (RFC 3461 §4.1, §4.2), which are kept with it. */
import type { Cursor } from '#base/cursor';
import { type Address, isAscii, parseForwardPath } from '#mail/address';
import type { Notices } from '#mail/intake';
import * as limits from '../limits.ts';
import { decodeXtext, type Parameters, parseParameters } from '../parameters.ts';
import { failureReply, type Reply, reply, syntaxError } from '../reply.ts';
import type { Command, StateOf } from '../state.ts';

// RFC 5321 §4.1.1.3:
//   rcpt = "RCPT TO:" ( "<Postmaster@" Domain ">" / "<Postmaster>" / Forward-path )
//          [SP Rcpt-parameters] CRLF
export const rcpt: Command<StateOf<'sender' | 'recipients'>> = {
  verb: 'RCPT',
  usage: 'RCPT TO:<them@example.org>',
  states: ['sender', 'recipients'],
  run(cursor, state, desk) {
    const address = parseRecipient(cursor);
    if (address === undefined) return { reply: badAddress };
    const parameters = parseParameters(cursor);
    if (parameters === undefined) return { reply: badParameters };
    const notices = understand(parameters);
    if ('code' in notices) return { reply: notices };
    if (!isAscii(address) && state.sending.utf8 !== true) {
      // RFC 6531 §3.5
      const say = 'An address like this needs a mail program that knows SMTPUTF8.';
      return { reply: reply(553, '5.6.7', say) };
    }
    const recipients = state.kind === 'recipients' ? state.recipients : [];
    if (recipients.length >= desk.terms.mostRecipients) return { reply: tooMany };

    const found = desk.intake.recipient(address, state.origin, state.sending.sender);
    if (!found.ok) return { reply: failureReply(found.error) };
    recipients.push(parameters.size === 0 ? found.value : { ...found.value, notices });
    return { reply: ok, state: { ...state, kind: 'recipients', recipients } };
  },
};

const badAddress = reply(501, '5.1.3', 'I cannot read that: RCPT TO:<them@example.org>');
const badParameters = syntaxError('I cannot read what stands behind the address.');
const ok = reply(250, '2.1.5', 'Recipient OK');
// RFC 5321 §4.5.3.1.10: 452, and the client sends the message to the rest again
const tooMany = reply(452, '4.5.3', 'Too many recipients; send this message to the others next.');

function parseRecipient(cursor: Cursor): Address | undefined {
  if (!cursor.expectAnyCase(' TO:')) return undefined;
  // Not in the grammar, and everywhere: a blank before the path.
  cursor.take(' ');
  return parseForwardPath(cursor);
}

function understand(parameters: Parameters): Notices | Reply {
  let notices: Notices = {};
  for (const [keyword, value = ''] of parameters) {
    if (keyword === 'NOTIFY') {
      const notify = parseNotify(value);
      if (notify === undefined) return badNotify;
      notices = { ...notices, notify };
    } else if (keyword === 'ORCPT') {
      const original = parseOriginal(value);
      if (original === undefined) return badOriginal;
      notices = { ...notices, original };
    } else return reply(555, '5.5.4', `${keyword} is not known here.`);
  }
  return notices;
}

const badNotify = syntaxError('NOTIFY can be NEVER, or any of SUCCESS,FAILURE,DELAY once each.');
const badOriginal = syntaxError('ORCPT wants a type and an address: rfc822;them@example.org');

// RFC 3461 §4.1: notify-esmtp-value = "NEVER" / 1#notify-list-element
//   notify-list-element = "SUCCESS" / "FAILURE" / "DELAY"
function parseNotify(value: string): Notices['notify'] {
  const words = value.toLowerCase().split(',');
  if (words.length === 1 && words[0] === 'never') return [];
  const known = words.filter(
    (word) => word === 'success' || word === 'failure' || word === 'delay',
  );
  const eachOnce = new Set(known).size === words.length && known.length === words.length;
  return eachOnce ? known : undefined;
}

// RFC 3461 §4.2: original-recipient-address = addr-type ";" xtext
function parseOriginal(value: string): Notices['original'] {
  if (value.length > limits.originalRecipient) return undefined;
  const [, type = '', text = ''] = /^([A-Za-z0-9-]+);(.+)$/.exec(value) ?? [];
  // RFC 6533 §3: "utf-8" addresses may come as UTF-8; they need no decoding
  const utf8 = type.toLowerCase() === 'utf-8' && /[^\0-\x7f]/.test(text);
  const address = utf8 ? text : decodeXtext(text);
  if (type === '' || address === undefined || /[\0-\x1f\x7f]/.test(address)) return undefined;
  return { type, address };
}
