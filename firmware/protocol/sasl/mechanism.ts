/*
 * What a SASL mechanism is to the exchange that runs it (RFC 4422 §3), server side. Mechanisms see
 * octets; base64 and the protocols' lines are exchange.ts's affair. None of them has a security
 * layer: that is what TLS is for.
 */
import { type Failure, failed, type Refusal, type Result, refusal } from '#base/result';
import type { Identity } from '#mail/accounts/accounts';

export type SaslStep =
  | { readonly kind: 'challenge'; readonly data: Buffer }
  | { readonly kind: 'done'; readonly identity: Identity }
  | { readonly kind: 'failed'; readonly failure: Failure };

export interface Mechanism {
  readonly name: MechanismName;
  /** The client's response, or undefined when it began without an initial response. */
  step(response: Buffer | undefined): SaslStep | Promise<SaslStep>;
}

/** Every mechanism that we speak, best first: the order in which they are advertised. */
export const mechanismNames = ['SCRAM-SHA-256', 'PLAIN', 'LOGIN'] as const;
export type MechanismName = (typeof mechanismNames)[number];

/** These show the password to whoever reads the line. */
const plaintext: readonly MechanismName[] = ['PLAIN', 'LOGIN'];

/** The one place that decides what is advertised and accepted; `allowed` is the answer of
 * `plaintextAllowed` (mail/accounts/plaintext.ts) for this connection. */
export function offeredMechanisms(allowed: boolean): readonly MechanismName[] {
  return allowed ? mechanismNames : mechanismNames.filter((name) => !plaintext.includes(name));
}

export function challenge(data: Buffer | string): SaslStep {
  return { kind: 'challenge', data: typeof data === 'string' ? Buffer.from(data) : data };
}

/** How the accounts' answer ends an exchange. */
export function ending(result: Result<Identity>): SaslStep {
  return result.ok
    ? { kind: 'done', identity: result.value }
    : { kind: 'failed', failure: result.error };
}

export type SaslRefusal = Refusal<'malformed' | 'mechanism' | 'encryption-needed' | 'authzid'>;

/** The client broke the mechanism's grammar. */
export function malformed(say: string): SaslStep {
  return { kind: 'failed', failure: refusal('malformed', say) };
}

/** RFC 4422 §3.4.1: acting for somebody else. Nobody here may: a household shares by addresses. */
export function notForOthers(): SaslStep {
  return ending(
    failed(refusal('authzid', 'Signing in on behalf of somebody else is not possible')),
  );
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The text of octets that must be UTF-8, or undefined when they are not. */
export function utf8(octets: Uint8Array): string | undefined {
  try {
    return strictUtf8.decode(octets);
  } catch {
    return undefined;
  }
}
