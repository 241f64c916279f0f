/*
 * When a sign-in needs a person, because the provider refuses it or because it soon dies: those
 * whose mail the uplink carries get a local mail, at most once a day; the postmaster when it is
 * nobody's in particular. Who finds out is not told apart: a refused renewal and a refused
 * connection are one piece of news.
 */
import type { Log } from '#base/log';
import type { UplinkId } from '#mail/ids';
import type { Notice, Notices } from '#mail/notices';
import type { Ways } from './ways.ts';

export interface SignInNoticePorts {
  readonly ways: Pick<Ways, 'nameOf' | 'owners'>;
  readonly notices: Pick<Notices, 'tell'>;
  readonly log: Log;
}

export interface SignInNews {
  readonly uplink: UplinkId;
  readonly kind: 'refused' | 'dying';
  /** What is wrong, in words. */
  readonly say: string;
}

export async function tellOwners(
  { ways, notices, log }: SignInNoticePorts,
  news: SignInNews,
): Promise<void> {
  const name = ways.nameOf(news.uplink) ?? 'an uplink that was removed';
  const owners = ways.owners(news.uplink);
  for (const owner of owners.length === 0 ? (['postmaster'] as const) : owners) {
    const told = await notices.tell(owner, noticeOf(name, news));
    if (!told.ok) log.warn(`Nobody could be told about the sign-in at ${name}: ${told.error.say}`);
  }
}

function noticeOf(name: string, { uplink, kind, say }: SignInNews): Notice {
  const once = `sign-in at ${uplink}: ${kind}`;
  if (kind === 'dying') {
    return {
      subject: `Your mail box will soon be signed out at ${name}`,
      paragraphs: [
        `Your mail goes out through ${name}. ${say}`,
        `Sign in anew with "restante uplink signin ${name}".`,
      ],
      once,
    };
  }
  return {
    subject: `Your mail box cannot sign in at ${name}`,
    paragraphs: [
      `${name} refuses the sign-in: ${say}`,
      'Mail waits in the box until this is mended. Give a new password with ' +
        `"restante uplink password ${name}", or sign in anew with ` +
        `"restante uplink signin ${name}". Whether it works then is said by ` +
        `"restante uplink test ${name}".`,
    ],
    once,
  };
}
