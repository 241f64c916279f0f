/*
 * What the owner says of a source, and whether it can be: pure rules over what is there, in words
 * for the person who asked. What a provider's name stands for (host, port ...) has been looked up
 * before, by provider/; that the account exists is asked by sources.ts.
 */
import { failed, ok, type Refusal, type Result, refusal } from '#base/result';
import type { AccountId } from '../ids.ts';
import {
  checkHost,
  checkServerName,
  isLoopback,
  obstacleToCa,
  obstacleToPort,
  obstacleToSecret,
  obstacleToUser,
  type ServerRefusalCode,
} from '../sign-ins/server-checks.ts';
import type { UplinkSecurity } from '../uplinks/records.ts';
import type { KeepAtSource, Since, SourceProtocol, SourceRecord } from './records.ts';
import { longestEvery, shortestEvery } from './spans.ts';

export interface WantedSource {
  readonly name: string;
  /** Whose INBOX its mail goes to: the login. */
  readonly account: string;
  /** A preset of provider/, or '' for a host of one's own. */
  readonly provider: string;
  readonly protocol: SourceProtocol;
  readonly host: string;
  readonly port: number;
  readonly security: UplinkSecurity;
  readonly user: string;
  /** Undefined: none yet, or another of the same provider account has it. */
  readonly password?: string;
  /** Empty: INBOX; POP3 has none. */
  readonly folders: readonly string[];
  readonly since: Since;
  readonly keep: KeepAtSource;
  /** Milliseconds. */
  readonly every: number;
  /** PEM */
  readonly ca?: string;
  /** Nothing is collected until somebody resumes it. */
  readonly paused?: boolean;
}

export type SourceRefusal = Refusal<
  ServerRefusalCode | 'bad-folders' | 'bad-span' | 'too-many' | 'unknown'
>;

/** What is checked here of a source. */
export type CheckedSource = Omit<
  SourceRecord,
  'id' | 'secret' | 'secretKind' | 'addedAt' | 'paused' | 'stopped' | 'removed'
>;

/** What there is when nobody says otherwise. */
export const usualSpans = {
  since: { kind: 'days', days: 30 },
  keep: { kind: 'forever' },
  every: 5 * 60_000,
} as const satisfies Pick<WantedSource, 'since' | 'keep' | 'every'>;

/** All are in memory, and a household has a few for each person. */
const mostSources = 64;
const mostFolders = 20;
const longestFolder = 255;

/** The source as it will be kept, but for its secret. `there`: the others that are not removed. */
export function checkSource(
  wanted: WantedSource,
  account: AccountId,
  there: readonly Pick<SourceRecord, 'name'>[],
): Result<CheckedSource, SourceRefusal> {
  const name = checkServerName('source', wanted.name, there);
  if (!name.ok) return name;
  if (there.length >= mostSources) {
    return failed(refusal('too-many', `This box collects from at most ${mostSources} sources`));
  }
  const host = checkHost('source', wanted.host);
  if (!host.ok) return host;
  const { provider, protocol, port, security, user, since, keep, every, ca } = wanted;
  const obstacle =
    obstacleToPort('source', port) ??
    obstacleToUser(user) ??
    obstacleToClear(host.value, security) ??
    obstacleToSecret('source', { host: host.value, security }, wanted.password) ??
    obstacleToCa(ca) ??
    obstacleToEvery(every);
  if (obstacle !== undefined) return failed(obstacle);
  const folders = checkFolders(protocol, wanted.folders);
  if (!folders.ok) return folders;
  return ok({
    ...{ name: name.value, account, provider, protocol, host: host.value, port, security, user },
    ...{ folders: folders.value, since, keep, every },
    ...(ca === undefined ? {} : { ca }),
  });
}

/** There is a sign-in at every source, so every one has something to hide. */
function obstacleToClear(host: string, security: UplinkSecurity): SourceRefusal | undefined {
  if (security !== 'none' || isLoopback(host)) return undefined;
  return refusal(
    'not-encrypted',
    'Mail and its password are never collected over an unencrypted connection, but from this ' +
      'machine itself. Use --security tls or starttls',
  );
}

function obstacleToEvery(every: number): SourceRefusal | undefined {
  if (every >= shortestEvery && every <= longestEvery) return undefined;
  const say = 'A source is looked into every minute at most, and once a day at least: --every 5m';
  return refusal('bad-span', `${say}, for example, or 2h`);
}

function checkFolders(
  protocol: SourceProtocol,
  wanted: readonly string[],
): Result<readonly string[], SourceRefusal> {
  if (protocol === 'pop3') {
    if (wanted.length === 0) return ok([]);
    const say = 'POP3 has one folder only, so there are none to choose. Leave --folders out, or';
    return failed(refusal('bad-folders', `${say} use --protocol imap`));
  }
  // RFC 9051 §5.1: INBOX is one folder, however it is written.
  const named = wanted.map((folder) => (/^inbox$/i.test(folder) ? 'INBOX' : folder));
  const folders = [...new Set(named.length === 0 ? ['INBOX'] : named)];
  if (folders.length > mostFolders) {
    const say = `At most ${mostFolders} folders are collected from one source`;
    return failed(refusal('bad-folders', say));
  }
  const odd = folders.find(
    (folder) => folder === '' || folder.length > longestFolder || /\p{Cc}/u.test(folder),
  );
  if (odd === undefined) return ok(folders);
  const say = 'is no name of a folder: it is empty, too long or has odd characters';
  return failed(refusal('bad-folders', `"${odd.slice(0, 40)}" ${say}`));
}
