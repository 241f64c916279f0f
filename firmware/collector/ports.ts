/* What a round needs of the house. Small, so that tests build it in a few lines. */
import type { Clock } from '#base/clock';
import type { Log } from '#base/log';
import type { Random } from '#base/random';
import type { Directory } from '#mail/accounts/accounts';
import type { Collected } from '#mail/collected/collected';
import type { Notices } from '#mail/notices';
import type { SourceRecord } from '#mail/sources/records';
import type { Store } from '#mail/store/store';
import type { Breaking } from './breaking.ts';

export interface RoundPorts {
  readonly store: Pick<Store, 'incoming'>;
  readonly collected: Collected;
  readonly directory: Pick<Directory, 'inbox' | 'homeAddress'>;
  readonly notices: Pick<Notices, 'tell'>;
  readonly clock: Clock;
  readonly clockIsSane: () => boolean;
  readonly random: Random;
  readonly log: Log;
  /** Our own name; asked for each message, as it may change. */
  readonly hostName: () => string;
  /** For so many octets; asked for each batch, so that SMTP still has room when collecting rests. */
  readonly hasRoom: (octets: number) => boolean;
  /** Octets of the largest message that is collected; asked for each message. */
  readonly largest: () => number;
}

/** The source, as far as a round looks. */
export type RoundSource = Pick<
  SourceRecord,
  | 'id'
  | 'name'
  | 'account'
  | 'protocol'
  | 'host'
  | 'user'
  | 'folders'
  | 'since'
  | 'keep'
  | 'addedAt'
>;

/** The names of the folders that are collected, in order. */
export function foldersOf({
  protocol,
  folders,
}: Pick<SourceRecord, 'protocol' | 'folders'>): readonly string[] {
  if (protocol === 'pop3') return [''];
  return folders.length === 0 ? ['INBOX'] : folders;
}

/** What is remembered of a source between two rounds, while the process lives. It saves work. */
export interface SourceMemory {
  /** The limit of the last whole round. */
  largest?: number;
  /** IMAP: UIDNEXT when the last round opened the folder. */
  uidNext?: number | undefined;
  /** Unique-ids that the last round was not given. */
  missing?: ReadonlySet<string>;
  /** POP3: the listing of the last whole round, as a digest. */
  listing?: string;
  /** Messages at which the connection broke. */
  breaking?: Breaking;
}
