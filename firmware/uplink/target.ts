/*
 * What it takes to connect to an uplink: its host and the secret to sign in with, which a source of
 * the same account may hold. A password lies sealed in a registry; an access token comes from the
 * provider's sign-in, renewed when that is needed.
 */
import { failed, ok, type Result } from '#base/result';
import type { HouseholdSignIns } from '#mail/sign-ins/household-sign-ins';
import { type SignInKey, uplinkKey } from '#mail/sign-ins/sign-in-key';
import type { Uplink } from '#mail/uplinks/uplinks';
import type { UplinkTarget } from './connection.ts';
import type { NoTarget } from './ways.ts';

export interface TargetPorts {
  readonly signIns: Pick<HouseholdSignIns, 'secretOf'>;
  readonly accessTokenFor: (uplink: SignInKey) => Promise<Result<string, NoTarget>>;
  /** What we call ourselves in EHLO. */
  readonly helloName: () => string;
}

export async function targetOf(
  uplink: Uplink,
  { signIns, accessTokenFor, helloName }: TargetPorts,
): Promise<Result<UplinkTarget, NoTarget>> {
  const { id, name, host, port, security, user, ca } = uplink;
  const bare: UplinkTarget = {
    host,
    port,
    security,
    helloName: helloName(),
    ...(ca === undefined ? {} : { ca }),
  };
  if (user === undefined) return ok(bare);
  const secret = signIns.secretOf(uplinkKey(id));
  if (secret === 'none') return failed(personNeeded(`Nobody has signed in at ${name} yet`, name));
  if (secret === 'unreadable') {
    return failed(personNeeded(`The password for ${name} was kept by another box`, name));
  }
  if ('password' in secret) return ok({ ...bare, user, secret });
  const token = await accessTokenFor(uplinkKey(id));
  if (!token.ok) return failed({ kind: token.error.kind, say: token.error.say });
  return ok({ ...bare, user, secret: { accessToken: token.value } });
}

function personNeeded(what: string, name: string): NoTarget {
  const how = `give its password with "restante uplink password ${name}"`;
  return {
    kind: 'sign-in',
    say: `${what}: ${how}, or sign in with "restante uplink signin ${name}"`,
  };
}
