/*
 * Where a password may cross the line as it is (USER/PASS, PLAIN, LOGIN). On a connection without
 * TLS everybody on the network can read it, so the default allows it only within this machine
 * (RFC 8314 §3, RFC 4616 §5, RFC 2595 §2.3).
 */
import type { Place } from '../place.ts';

/** The setting `auth.plaintext`. */
export type PlaintextRule = 'never' | 'loopback' | 'always';

/** May plain-text passwords be used on this connection? With TLS they always may. */
export function plaintextAllowed(rule: PlaintextRule, tls: boolean, place: Place): boolean {
  return tls || rule === 'always' || (rule === 'loopback' && place === 'loopback');
}
