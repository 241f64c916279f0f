/*
 * The one field that is put on top of a collected message: Received (RFC 5321 §4.4), which says from
 * which source it came, by which protocol, and for whom. There is no Return-Path: the source's own
 * stands in the message below. No other octet of it is changed.
 */
import { type Address, formatAddress, isAscii } from '#mail/address';
import { believable, dateTime } from '#mail/message/trace';
import type { UpstreamFacts } from './upstream.ts';

export interface CollectedTrace {
  readonly facts: Pick<UpstreamFacts, 'with' | 'address' | 'tls'>;
  /** The source's host, and its name here. */
  readonly host: string;
  readonly source: string;
  /** Our own name. */
  readonly hostName: string;
  readonly id: string;
  readonly to: Address | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export function receivedField(trace: CollectedTrace): string {
  const { facts, hostName, id, to } = trace;
  const address = facts.address.includes(':') ? `IPv6:${facts.address}` : facts.address;
  const tls = facts.tls === undefined ? '' : ` (${facts.tls})`;
  const name = believable(trace.source);
  const source = name === undefined ? '' : ` (source ${name})`;
  // RFC 6531 §3.7.3: an address in UTF-8 is no part of this field.
  const recipient = to === undefined || !isAscii(to) ? '' : ` for <${formatAddress(to)}>`;
  return (
    `Received: from ${believable(trace.host) ?? 'unknown'} ([${address}])\r\n` +
    `\tby ${hostName} with ${facts.with}${tls}${source}\r\n` +
    `\tid ${id}${recipient};\r\n` +
    `\t${dateTime(trace.now)}\r\n`
  );
}
