/*
 * When a provider refuses the sign-in a person is needed: those whose mail the uplink carries get a
 * local mail, at most once a day; the postmaster when it is nobody's in particular.
 */
import type { Log } from '#base/log';
import type { UplinkId } from '#mail/ids';
import type { Notices } from '#mail/notices';
import type { Ways } from './ways.ts';

export interface SignInNoticePorts {
  readonly ways: Ways;
  readonly notices: Pick<Notices, 'tell'>;
  readonly log: Log;
}

/** `say`: what is wrong, in words. */
export async function tellOwners(
  { ways, notices, log }: SignInNoticePorts,
  uplink: UplinkId,
  say: string,
): Promise<void> {
  const name = ways.nameOf(uplink) ?? 'an uplink that was removed';
  const owners = ways.owners(uplink);
  for (const owner of owners.length === 0 ? (['postmaster'] as const) : owners) {
    const told = await notices.tell(owner, {
      subject: `Your mail box cannot sign in at ${name}`,
      paragraphs: [
        `${name} refuses the sign-in: ${say}`,
        'Mail waits in the box until this is mended. Give a new password with ' +
          `"restante uplink password ${name}", or sign in anew with ` +
          `"restante uplink signin ${name}". Whether it works then is said by ` +
          `"restante uplink test ${name}".`,
      ],
      once: `sign-in at ${name}`,
    });
    if (!told.ok) log.warn(`Nobody could be told that ${name} refuses: ${told.error.say}`);
  }
}
