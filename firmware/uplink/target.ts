/*
 * What it takes to connect to an uplink: its host and the secret to sign in with. A password comes
 * from the registry, where it lies sealed; an access token from the provider's sign-in, renewed
 * when that is needed.
 */
import { failed, ok, type Result } from '#base/result';
import type { UplinkId } from '#mail/ids';
import type { Uplink, Uplinks } from '#mail/uplinks/uplinks';
import type { UplinkTarget } from './connection.ts';
import type { NoTarget } from './ways.ts';

export interface TargetPorts {
  readonly uplinks: Pick<Uplinks, 'secretOf'>;
  readonly accessTokenFor: (uplink: UplinkId) => Promise<Result<string, NoTarget>>;
  /** What we call ourselves in EHLO. */
  readonly helloName: () => string;
}

export async function targetOf(
  uplink: Uplink,
  { uplinks, accessTokenFor, helloName }: TargetPorts,
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
  const secret = uplinks.secretOf(id);
  if (secret === 'none') return failed(personNeeded(`Nobody has signed in at ${name} yet`, name));
  if (secret === 'unreadable') {
    return failed(personNeeded(`The password for ${name} was kept by another box`, name));
  }
  if ('password' in secret) return ok({ ...bare, user, secret });
  const token = await accessTokenFor(id);
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
