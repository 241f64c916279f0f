/*
 * Why a message cannot go to a certain server at all, decided before anything is sent: it is larger
 * than the server takes, or needs what the server does not offer. In words for the bounce. Changing
 * messages so that they fit (RFC 6152 §3 allows it) would break signatures, and is not done.
 */
import type { UplinkFacts } from './connection.ts';
import { onWire } from './smtp-uplink.ts';

/** A message, as far as a server may mind. */
export interface Nature {
  /** Sender and recipients. */
  readonly addresses: readonly string[];
  /** Its sender asked for SMTPUTF8. */
  readonly utf8: boolean;
  /** Octets on the wire; an estimate unless `exact`. */
  readonly size: number;
  readonly exact: boolean;
  /** It has octets above 127; undefined: not known. */
  readonly eightBit: boolean | undefined;
  readonly eightBitHeader: boolean;
}

/** As `Letter` of ways.ts has it. */
export interface Obstacle {
  readonly why: string;
  readonly advice: string;
  /** RFC 3463 */
  readonly status: string;
}

export function obstacle(
  facts: Pick<UplinkFacts, 'extensions' | 'largest'>,
  { addresses, utf8, size, exact, eightBit, eightBitHeader }: Nature,
): Obstacle | undefined {
  const { extensions, largest } = facts;
  const unspeakable = addresses.find((address) => /[<>\r\n\0]/.test(address));
  if (unspeakable !== undefined) {
    return {
      why: `The address ${unspeakable} has characters that cannot be sent on.`,
      advice: 'Ask for another address of the same person.',
      status: '5.1.3', // RFC 3463 §3.2: bad destination mailbox address syntax
    };
  }
  if (largest !== undefined && exact && size > largest) {
    return {
      why: `The message has ${mega(size)}; the provider takes at most ${mega(largest)}.`,
      advice: 'Send less at once, or make attached pictures smaller.',
      status: '5.3.4', // RFC 3463 §3.4: message too big for system
    };
  }
  if (!extensions.has('SMTPUTF8')) {
    const foreign = addresses.find((address) => /[^\0-\x7f]/.test(onWire(address, facts)));
    if (foreign !== undefined) {
      return {
        why: `The provider cannot handle the address ${foreign}: it is not in plain ASCII letters.`,
        advice: 'Ask for an address without accents or foreign letters, if there is one.',
        status: '5.6.7', // RFC 6531 §3.5: non-ASCII addresses not permitted
      };
    }
    if (utf8 && eightBitHeader) {
      return {
        why: 'The head of the message has addresses that the provider cannot handle.',
        advice: 'Leave out addresses with accents or foreign letters.',
        status: '5.6.9', // RFC 6531 §4.2: UTF-8 header message cannot be transferred
      };
    }
  }
  if (eightBit === true && !extensions.has('8BITMIME')) {
    return {
      why: 'The provider takes only messages in seven-bit characters, and this one has others.',
      advice: 'Set your mail program to encode text as "quoted-printable" and send it again.',
      status: '5.6.3', // RFC 6152 §3, RFC 3463 §3.7: conversion required but not supported
    };
  }
  return undefined;
}

function mega(octets: number): string {
  if (octets < 100_000) return `${octets} octets`;
  return `${(octets / 1_000_000).toFixed(octets < 10_000_000 ? 2 : 1)} MB`;
}
