/*
 * The fields that are put on top of a message that came in (RFC 5321 §4.4): Return-Path with the
 * reverse-path, and Received. What the peer says of itself is written only in forms that cannot be
 * taken for something else, so nobody writes into these fields by way of EHLO.
 */
import { type Address, formatAddress, formatPath, isAscii } from '../address.ts';
import type { Envelope, Origin } from '../intake.ts';

/** RFC 5321 §4.1.2 Domain and address-literal, and nothing that RFC 5322 has a meaning for. */
const plainName =
  /^(?:[\p{L}\p{N}](?:[\p{L}\p{N}._-]{0,253}[\p{L}\p{N}])?|\[(?:IPv6:)?[0-9a-fA-F:.]{2,45}\])$/u;

export interface TraceFacts {
  readonly envelope: Envelope;
  readonly origin: Origin;
  /** Our own name. */
  readonly hostName: string;
  /** The receipt's id. */
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Both fields, with their line ends. */
export function traceFields({ envelope, origin, hostName, id, now }: TraceFacts): string {
  const address = origin.address.includes(':') ? `IPv6:${origin.address}` : origin.address;
  const claimed = believable(origin.claimed) ?? 'unknown';
  const tls = origin.tls === undefined ? '' : ` (${origin.tls})`;
  // Devices do not sign in, so no word of RFC 3848 tells that this is no stranger.
  const device = origin.device === undefined ? '' : ` (device ${origin.device.name})`;
  // RFC 5321 §7.2: more than one recipient in a copy would tell them of each other.
  const [only, ...others] = envelope.recipients;
  const single = only !== undefined && others.length === 0 && mayBeNamed(only.address, envelope);
  return (
    `Return-Path: ${formatPath(envelope.sender)}\r\n` +
    `Received: from ${claimed} ([${address}])\r\n` +
    `\tby ${hostName} with ${origin.protocol}${tls}${device}\r\n` +
    `\tid ${id}${single ? ` for <${formatAddress(only.address)}>` : ''};\r\n` +
    `\t${dateTime(now)}\r\n`
  );
}

/** What a peer calls itself, when that can be taken for nothing else than a name. */
export function believable(claimed: string): string | undefined {
  return plainName.test(claimed) ? claimed : undefined;
}

/** RFC 6531 §3.7.3: an address in UTF-8 stands in Received only when the
 * message came with SMTPUTF8. */
function mayBeNamed(address: Address, envelope: Envelope): boolean {
  return envelope.utf8 === true || isAscii(address);
}

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** RFC 5322 §3.3 date-time, in UTC. */
export function dateTime(ms: number): string {
  const date = new Date(ms);
  const time = date.toISOString().slice(11, 19);
  const day = `${days[date.getUTCDay()]}, ${date.getUTCDate()} ${months[date.getUTCMonth()]}`;
  return `${day} ${date.getUTCFullYear()} ${time} +0000`;
}
