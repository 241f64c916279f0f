/*
 * What it takes to connect to a source: its host and the secret to sign in with, which an uplink of
 * the same account may hold. A password lies sealed in a registry; an access token comes from the
 * provider's sign-in, renewed when that is needed.
 */
import { failed, ok, type Result } from '#base/result';
import type { HouseholdSignIns } from '#mail/sign-ins/household-sign-ins';
import { type SignInKey, sourceKey } from '#mail/sign-ins/sign-in-key';
import type { SourceProtocol } from '#mail/sources/records';
import type { Source } from '#mail/sources/sources';
import type { SourceTarget } from './upstream.ts';
import type { NoTarget } from './visit.ts';

/** Why there is no access token. `sign-in`: a person is needed. */
export interface NoToken {
  readonly kind: 'sign-in' | 'unreachable';
  /** 'missing-scope': the sign-in is good, and not for this. */
  readonly code: string;
  readonly say: string;
}

type Token = Promise<Result<string, NoToken>>;

export interface SourceTargetPorts {
  readonly signIns: Pick<HouseholdSignIns, 'secretOf'>;
  readonly accessTokenFor: (source: SignInKey, protocol: SourceProtocol) => Token;
}

export async function sourceTargetOf(
  source: Pick<Source, 'id' | 'name' | 'protocol' | 'host' | 'port' | 'security' | 'user' | 'ca'>,
  { signIns, accessTokenFor }: SourceTargetPorts,
): Promise<Result<SourceTarget, NoTarget>> {
  const { id, name, protocol, host, port, security, user, ca } = source;
  const bare = { protocol, host, port, security, user, ...(ca === undefined ? {} : { ca }) };
  const secret = signIns.secretOf(sourceKey(id));
  if (secret === 'none') {
    return failed({
      ...personNeeded(`Nobody has signed in at ${name} yet`, name),
      about: 'nobody',
    });
  }
  if (secret === 'unreadable') {
    return failed(personNeeded(`The password for ${name} was kept by another box`, name));
  }
  if ('password' in secret) return ok({ ...bare, secret });
  const token = await accessTokenFor(sourceKey(id), protocol);
  if (!token.ok) return failed(noToken(token.error, name));
  return ok({ ...bare, secret: { accessToken: token.value } });
}

/** Sentences have no full stop here (explain.ts). */
export function noToken({ kind, code, say }: NoToken, name: string): NoTarget {
  if (kind === 'unreachable') return { kind, say: say.replace(/\.$/, '') };
  const how = `Sign in anew: restante source signin ${name}`;
  const words = say.replace(/(?:\. Sign in anew)?\.?$/, `. ${how}`);
  return { kind, say: words, ...(code === 'missing-scope' ? {} : { about: 'sign-in' }) };
}

function personNeeded(what: string, name: string): NoTarget {
  const how = `give its password with "restante source password ${name}"`;
  return {
    kind: 'sign-in',
    say: `${what}: ${how}, or sign in with "restante source signin ${name}"`,
  };
}
