/*
 * When a sign-in needs a person, because the provider refuses it or because it soon dies: those
 * whose mail the uplink carries, and those whose mail is collected, get a local mail, at most once
 * a day; the postmaster when it is nobody's in particular. Who finds out is not told apart: a
 * refused renewal and a refused connection are one piece of news.
 */
import type { Log } from '#base/log';
import { type Failure, ok, type Result } from '#base/result';
import type { AccountId } from '#mail/ids';
import type { Notice, Notices } from '#mail/notices';
import type { SignInKey } from '#mail/sign-ins/sign-in-key';

export interface SignInNoticePorts {
  readonly notices: Pick<Notices, 'tell'>;
  readonly log: Log;
}

/** An uplink or a source that goes by the sign-in. */
export interface Concerned {
  readonly key: SignInKey;
  /** For people: 'gmail'. */
  readonly name: string;
  /** Empty: nobody in particular. */
  readonly owners: readonly AccountId[];
}

export interface SignInNews {
  readonly kind: 'refused' | 'dying';
  /** What is wrong, in words. */
  readonly say: string;
}

export async function tellOwners(
  { notices, log }: SignInNoticePorts,
  concerned: readonly Concerned[],
  news: SignInNews,
): Promise<Result<void, Failure>> {
  let all: Result<void, Failure> = ok(undefined);
  const owners = new Set(
    concerned.flatMap<AccountId | 'postmaster'>((one) =>
      one.owners.length === 0 ? ['postmaster'] : one.owners,
    ),
  );
  for (const owner of owners) {
    const theirs = concerned.filter((one) =>
      owner === 'postmaster' ? one.owners.length === 0 : one.owners.includes(owner),
    );
    const [first] = theirs;
    if (first === undefined) continue;
    const told = await notices.tell(owner, noticeOf(first, theirs, news));
    if (told.ok) continue;
    all = told;
    log.warn(`Nobody could be told about the sign-in at ${first.name}: ${told.error.say}`);
  }
  return all;
}

function noticeOf(
  { key, name }: Concerned,
  theirs: readonly Concerned[],
  { kind, say }: SignInNews,
): Notice {
  const once = `sign-in at ${key}: ${kind}`;
  const of = isUplink(key) ? 'uplink' : 'source';
  const uplink = theirs.find((one) => isUplink(one.key));
  const source = theirs.find((one) => !isUplink(one.key));
  if (kind === 'dying') {
    return {
      subject: `Your mail box will soon be signed out at ${name}`,
      paragraphs: [
        `${waysInWords(uplink, source)} ${say}`,
        `Sign in anew with "restante ${of} signin ${name}".`,
      ],
      once,
    };
  }
  const waits = [
    ...(uplink === undefined ? [] : ['Mail waits in the box until this is mended.']),
    ...(source === undefined ? [] : [`Nothing is collected from ${source.name} until then.`]),
  ].join(' ');
  return {
    subject: `Your mail box cannot sign in at ${name}`,
    paragraphs: [
      `${name} refuses the sign-in: ${say}`,
      `${waits} Give a new password with ` +
        `"restante ${of} password ${name}", or sign in anew with ` +
        `"restante ${of} signin ${name}". Whether it works then is said by ` +
        `"restante ${of} test ${name}".`,
    ],
    once,
  };
}

function waysInWords(uplink: Concerned | undefined, source: Concerned | undefined): string {
  const out = uplink && `Your mail goes out through ${uplink.name}.`;
  const into = source && `Your mail is collected from ${source.name}.`;
  return [out, into].filter((one) => one !== undefined).join(' ');
}

function isUplink(key: SignInKey): boolean {
  return key.startsWith('uplink ');
}
