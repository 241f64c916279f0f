/*
 * What EHLO advertises (RFC 5321 §4.1.1.1): exactly what works in this session, now. One pure
 * function, which the commands ask too before they do something that could be switched off.
 *
 * Not advertised: BINARYMIME (RFC 3030), for POP3 carries lines and would change a binary part;
 * EXPN, which is refused; VRFY, which tells nothing.
 */
import { plaintextAllowed } from '#mail/accounts/plaintext';
import { type MechanismName, offeredMechanisms } from '../sasl/mechanism.ts';
import type { Desk } from './state.ts';

export type SessionFacts = Pick<Desk, 'terms' | 'peer' | 'tls' | 'identity'>;

export function advertised(facts: SessionFacts): string[] {
  const mechanisms = offeredSignIns(facts);
  return [
    'PIPELINING', // RFC 2920
    `SIZE ${facts.terms.largestMessage}`, // RFC 1870
    '8BITMIME', // RFC 6152
    'SMTPUTF8', // RFC 6531
    'ENHANCEDSTATUSCODES', // RFC 2034
    'CHUNKING', // RFC 3030
    'DSN', // RFC 3461
    ...(offersTls(facts) ? ['STARTTLS'] : []), // RFC 3207
    ...(maySendQueue(facts) ? ['ETRN'] : []), // RFC 1985
    ...(mechanisms.length > 0 ? [`AUTH ${mechanisms.join(' ')}`] : []), // RFC 4954
    'HELP', // RFC 5321 §4.1.1.1
  ];
}

/** RFC 3207 §4.2: not offered again once TLS is on. */
export function offersTls({ terms, tls }: SessionFacts): boolean {
  return terms.certificate && tls === undefined;
}

/** Who may have the queue sent at once: who signed in, and programs on this machine. */
export function maySendQueue({ identity, peer }: SessionFacts): boolean {
  return identity !== undefined || peer.place === 'loopback';
}

/**
 * Signing in is for submission. On port 25, where other hosts bring their mail, it would only give
 * the world one more door at which to try passwords.
 */
export function offeredSignIns(facts: SessionFacts): readonly MechanismName[] {
  const { terms, peer, tls, identity } = facts;
  // RFC 4954 §4: after a successful AUTH no more AUTH
  if (terms.role !== 'submission' || identity !== undefined) return [];
  const plaintext = plaintextAllowed(terms.plaintext, tls !== undefined, peer.place);
  return offeredMechanisms({ plaintext, sharedSecrets: terms.sharedSecrets });
}
