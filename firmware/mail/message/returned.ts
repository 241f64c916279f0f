/*
 * What a report shows of the message it is about, taken from the message's first octets: its
 * header section without the Return-Path that the box put there, its subject, and its Message-ID.
 */
import { Canonical } from './canonical.ts';
import { OutgoingHeader } from './outgoing-header.ts';
import { summaryOf } from './summary.ts';

/** As much of a header section goes back to its sender, in octets. */
export const returnedHeaderOctets = 16_384;

export interface Returned {
  /** The header section, or its first whole lines. */
  readonly header: Buffer;
  /** It has octets above 127. */
  readonly global: boolean;
  /** For people; '' when there is none. */
  readonly subject: string;
  /** With angle brackets; undefined when there is none that can be named in a field. */
  readonly messageId: string | undefined;
}

/** `beginning`: the message's first octets, as kept. */
export function returned(beginning: Uint8Array): Returned {
  const canonical = new Canonical().update(asBuffer(beginning));
  const header = headerOf(new OutgoingHeader().update(canonical));
  const { subject } = summaryOf(header);
  const global = header.some((octet) => octet > 127);
  return { header, global, subject, messageId: messageIdOf(header) };
}

function headerOf(message: Buffer): Buffer {
  if (message.indexOf('\r\n') === 0) return message.subarray(0, 0);
  const end = message.indexOf('\r\n\r\n');
  const whole = end < 0 ? message : message.subarray(0, end + 2);
  if (whole.length <= returnedHeaderOctets) return whole;
  const lastLine = whole.lastIndexOf('\r\n', returnedHeaderOctets - 2);
  return whole.subarray(0, lastLine < 0 ? returnedHeaderOctets : lastLine + 2);
}

/** RFC 5322 §3.6.4, as far as it is worth naming: without blanks, and of a bearable length. */
function messageIdOf(header: Buffer): string | undefined {
  const text = header.toString('latin1').replace(/\r\n[ \t]+/g, ' ');
  const [, id] = /^message-id[ \t]*:[ \t]*(<[!-;=?-~]{1,250}>)[ \t]*\r?$/im.exec(text) ?? [];
  return id;
}

function asBuffer(octets: Uint8Array): Buffer {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
}
