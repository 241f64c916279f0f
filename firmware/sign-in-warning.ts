/*
 * An OAuth sign-in that dies, or was refused: the people whose addresses it serves get a local mail
 * that says what to do; where it serves nobody in particular, the postmaster.
 */
import type { UplinkId } from '#mail/ids';
import type { Notices } from '#mail/notices';
import type { UplinkDirectory } from '#mail/uplinks/directory';
import type { SignInWarning } from '#provider/oauth/access-tokens';
import type { Ways } from '#uplink/ways';

interface Parts {
  readonly uplinks: Pick<UplinkDirectory, 'nameOf'>;
  readonly ways: Pick<Ways, 'owners'>;
  readonly notices: Pick<Notices, 'tell'>;
}

export async function tellOfSignIn(
  { id, kind, say }: SignInWarning<UplinkId>,
  { uplinks, ways, notices }: Parts,
): Promise<void> {
  const name = uplinks.nameOf(id) ?? 'an uplink';
  const what =
    kind === 'dying' ? `The sign-in of ${name} ends soon` : `${name} asks you to sign in`;
  const owners = ways.owners(id);
  for (const account of owners.length === 0 ? (['postmaster'] as const) : owners) {
    await notices.tell(account, {
      subject: what,
      paragraphs: [
        `Mail goes out through ${name}. ${say}`,
        `Sign in with: restante uplink signin ${name}`,
        'Nothing is lost: what you send meanwhile waits in the queue.',
      ],
      once: `sign-in ${kind} ${id}`,
    });
  }
}
