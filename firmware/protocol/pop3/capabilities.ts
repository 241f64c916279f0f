/*
 * What CAPA says (RFC 2449 §5, §6): exactly what works. RFC 2449 §5 wants capabilities of the
 * AUTHORIZATION state announced in both states, so that one CAPA before signing in is enough;
 * only STLS leaves the list when it cannot be used any more (RFC 2595 §4). APOP has no word here: a
 * timestamp in the greeting announces it (RFC 2449 §6).
 */
import type { MechanismName } from '../sasl/mechanism.ts';

/** What the answer depends on. */
export interface CapabilityFacts {
  readonly state: 'authorization' | 'transaction';
  readonly encrypted: boolean;
  /** There is a certificate, so STLS can be offered. */
  readonly tlsAvailable: boolean;
  /** Passwords may be sent as they are (USER and PASS). */
  readonly plaintext: boolean;
  /** Of the greeting; there while APOP works. It does so after STLS, too, for it was announced. */
  readonly timestamp: string | undefined;
  /** SASL mechanisms that may be used on this connection. */
  readonly mechanisms: readonly MechanismName[];
}

export function capabilities(facts: CapabilityFacts): string[] {
  // RFC 2449 §6.1, §6.4, §6.6, §6.8; RFC 3206 §6 for AUTH-RESP-CODE.
  const list = ['TOP', 'UIDL', 'RESP-CODES', 'AUTH-RESP-CODE', 'PIPELINING'];
  // RFC 2449 §6.2
  if (facts.plaintext) list.push('USER');
  // RFC 2449 §6.3, RFC 5034 §3
  if (facts.mechanisms.length > 0) list.push(`SASL ${facts.mechanisms.join(' ')}`);
  if (stlsWorks(facts)) list.push('STLS');
  // RFC 6856 §2.2: "USER" says that names and passwords may be UTF-8.
  list.push('UTF8 USER');
  // RFC 2449 §6.7 and §6.9. Mail lies here until its owner deletes it.
  list.push('EXPIRE NEVER', 'IMPLEMENTATION Restante');
  return list;
}

/** RFC 2595 §4: in the AUTHORIZATION state, once. */
export function stlsWorks(facts: CapabilityFacts): boolean {
  return facts.state === 'authorization' && facts.tlsAvailable && !facts.encrypted;
}
