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
export const mechanismNames = ['SCRAM-SHA-256', 'CRAM-MD5', 'PLAIN', 'LOGIN'] as const;
export type MechanismName = (typeof mechanismNames)[number];

/** Does this mechanism show the password to whoever reads the line? */
export function isPlaintext(name: MechanismName): boolean {
  return name === 'PLAIN' || name === 'LOGIN';
}

/** What the offer depends on. */
export interface SignInTerms {
  /** The answer of `plaintextAllowed` (mail/accounts/plaintext.ts) for this connection. */
  readonly plaintext: boolean;
  /** Somebody here has a recoverable password, which CRAM-MD5 and APOP need. */
  readonly sharedSecrets: boolean;
}

/** The one place that decides what is advertised and accepted. */
export function offeredMechanisms(terms: SignInTerms): readonly MechanismName[] {
  return mechanismNames.filter((name) => {
    if (name === 'CRAM-MD5') return secretsWork(terms);
    return terms.plaintext || !isPlaintext(name);
  });
}

/**
 * CRAM-MD5 and APOP are offered where the password itself may not travel, and nowhere else. A
 * server offers before it knows who comes, and curl, Python's smtplib and others take CRAM-MD5
 * whenever they see it; curl does not try again with PLAIN. So an offer on an encrypted line, made
 * for one person's old camera, would keep everybody else's programs out, and protect nobody. Where
 * no password may be sent as it is, those programs had no way in that the offer could close.
 *
 * One thing remains: the greeting's timestamp (APOP) is said before STLS. curl, mpop, fetchmail and
 * neomutt prefer what CAPA lists after it; s-nail tries APOP even then, and tells its user to set
 * pop3-no-apop (port 995 has no timestamp). APOP can be announced in no other way.
 */
export function secretsWork({ plaintext, sharedSecrets }: SignInTerms): boolean {
  return sharedSecrets && !plaintext;
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
