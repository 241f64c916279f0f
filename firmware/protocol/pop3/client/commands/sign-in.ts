/*
 * Signing in: USER and PASS, APOP (RFC 1939 §7), AUTH (RFC 5034). Which of them is taken when
 * stands in ../ways.ts; what SASL mechanisms say, in protocol/sasl/client/.
 */
import { createHash } from 'node:crypto';
import type { ClientExchange } from '../../../sasl/client/exchange.ts';
import { type ClientCommand, command } from '../command.ts';
import { commandOctets } from '../limits.ts';

/** RFC 1939 §7: `USER name` */
export function user(name: string): ClientCommand {
  return command(`USER ${name}`);
}

/** RFC 1939 §7: `PASS string` */
export function pass(password: string): ClientCommand {
  return command(`PASS ${password}`, 'line', 'PASS *****');
}

/** RFC 1939 §7: `APOP name digest`: MD5 of the timestamp, angle brackets included, followed by the
 * shared secret. */
export function apop(name: string, timestamp: string, secret: string): ClientCommand {
  const digest = createHash('md5')
    .update(timestamp + secret)
    .digest('hex');
  return command(`APOP ${name} ${digest}`, 'line', 'APOP *****');
}

/** RFC 5034 §4: `AUTH mechanism [initial-response]`. One that makes the command too long is kept
 * for the first challenge. */
export function auth(exchange: ClientExchange): ClientCommand {
  const { name } = exchange;
  const bare = `AUTH ${name}`;
  const room = commandOctets - `${bare} \r\n`.length;
  const initial = exchange.initial(room);
  const line = initial === undefined ? bare : `${bare} ${initial}`;
  return command(line, 'exchange', `${bare} *****`);
}
