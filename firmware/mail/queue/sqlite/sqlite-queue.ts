/*
 * The queue in the store's database. Messages enter it by `arrival` (0005-queue.ts), in the commit
 * that takes them in; that the last recipient takes the copy with it, and the last copy the
 * message, is the triggers' doing.
 *
 * What became of a recipient is written even on a full disk, with the reserve if need be: it makes
 * room, and without it mail would be sent twice.
 */
import type { Clock } from '#base/clock';
import { ok, type Result } from '#base/result';
import type { AccountId, QueuedId, QueuedRecipientId, UplinkId } from '../../ids.ts';
import type { SqlValue, Statements } from '../../store/sqlite/connection.ts';
import type { SharedDatabase } from '../../store/sqlite/database.ts';
import { reading } from '../../store/sqlite/errors.ts';
import type { StoreTrouble } from '../../store/store.ts';
import { atDomain } from '../at-domain.ts';
import { notBefore, type TimeProof } from '../proven-time.ts';
import type {
  BoxTime,
  ItemFilter,
  Outcome,
  Queue,
  QueueItem,
  QueueState,
  Told,
  Waiting,
} from '../queue.ts';
import { GatheredChanges } from './gathered-changes.ts';
import { dueSql, listSql, type QueueRow, toItems } from './queue-rows.ts';

/** Items read at once when only those at one domain are wanted. */
const searchedPage = 256;

type Done<T = void> = Promise<Result<T, StoreTrouble>>;

export class SqliteQueue implements Queue {
  readonly #database: SharedDatabase;
  readonly #clock: Clock;
  readonly #changes: GatheredChanges;

  constructor(database: SharedDatabase, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
    this.#changes = new GatheredChanges(database);
  }

  due(
    uplink: UplinkId,
    until: BoxTime,
    count: number,
    except: ReadonlySet<QueuedRecipientId>,
  ): Done<QueueItem[]> {
    return this.#items(dueSql, [uplink, until, JSON.stringify([...except]), count]);
  }

  async list(filter: ItemFilter, count: number): Done<QueueItem[]> {
    const { domain } = filter;
    if (domain === undefined) return this.#page(filter, count);
    const found: QueueItem[] = [];
    let { after } = filter;
    for (;;) {
      const size = Math.max(count, searchedPage);
      const page = await this.#page({ ...filter, ...(after === undefined ? {} : { after }) }, size);
      if (!page.ok) return page;
      found.push(...page.value.flatMap((item) => atDomain(item, domain)));
      if (found.length >= count || page.value.length < size) return ok(found.slice(0, count));
      after = page.value.at(-1)?.id;
    }
  }

  waiting(): Done<Waiting[]> {
    return reading(async () => {
      type Row = Omit<Waiting, 'uplink'> & { readonly uplink: UplinkId | null };
      const rows = await this.#database.all<Row>(
        `SELECT item.uplink, messages, recipients, octets, due, oldest, born
         FROM (SELECT uplink, count(*) AS messages, sum(octets) AS octets,
                 min(queued_at) AS oldest, min(born) AS born FROM queued GROUP BY uplink) AS item
         JOIN (SELECT uplink, count(*) AS recipients, min(due) AS due
               FROM queued_recipient GROUP BY uplink) AS recipient
         ON recipient.uplink IS item.uplink`,
      );
      return ok(rows.map((row) => ({ ...row, uplink: row.uplink ?? undefined })));
    });
  }

  /** A look into an index, whatever waits. */
  unserved(): Done<boolean> {
    return reading(async () => {
      const rows = await this.#database.all(
        'SELECT 1 FROM queued_recipient WHERE uplink IS NULL LIMIT 1',
      );
      return ok(rows.length > 0);
    });
  }

  last(): Done<QueuedId | undefined> {
    return reading(async () => {
      const [row] = await this.#database.all<{ last: QueuedId | null }>(
        'SELECT max(id) AS last FROM queued',
      );
      return ok(row?.last ?? undefined);
    });
  }

  /** Needs no room of its own, but without it nothing can be sent that would make some. */
  doubt(recipients: readonly QueuedRecipientId[]): Done {
    return this.#changes.mark(recipients);
  }

  record(outcomes: readonly Outcome[], told: readonly Told[]): Done {
    const at = this.#clock.now();
    return this.#changes.record(
      outcomes,
      told.map((line) => ({ ...line, at })),
    );
  }

  async assign(vias: readonly string[], uplink: UplinkId | undefined): Done {
    const to = uplink ?? null;
    return this.#database.write(async (sql) => {
      await sql.run(
        `UPDATE queued SET uplink = ?1
         WHERE uplink IS NOT ?1 AND via IN (SELECT value FROM json_each(?2))`,
        [to, JSON.stringify(vias)],
      );
    });
  }

  vias(): Done<{ via: string; account: AccountId; messages: number }[]> {
    return reading(async () =>
      ok(
        await this.#database.all<{ via: string; account: AccountId; messages: number }>(
          `SELECT via, account, count(*) AS messages FROM queued
           GROUP BY via, account ORDER BY via, account`,
        ),
      ),
    );
  }

  state(): Done<QueueState> {
    return reading<QueueState>(async () => {
      type Row = Omit<QueueState, 'held' | 'restored'> & { held: number; restored: number };
      const [row] = await this.#database.all<Row & { born: number; untried: number }>(
        `SELECT held, restored, box, ageing, wall,
           (SELECT coalesce(max(born), 0) FROM queued) AS born,
           (SELECT coalesce(max(due), 0) FROM queued_recipient
            WHERE attempts = 0 AND last = '') AS untried
         FROM queue_state`,
      );
      if (row === undefined) return ok({ held: false, box: 0, ageing: 0, wall: 0 });
      const { box, ageing, wall, restored } = row;
      const saved = { held: row.held === 1, box, ageing, wall };
      const proof: TimeProof = { box: row.untried, ageing: row.born };
      const state = notBefore(saved, proof);
      return ok(restored === 1 ? { ...state, restored: true } : state);
    });
  }

  saveState({ held, box, ageing, wall }: QueueState): Done {
    return this.#write(async (sql) => {
      await sql.run(
        `UPDATE queue_state SET held = ?1, box = ?2, ageing = ?3, wall = ?4,
           restored = (restored AND ?1)`,
        [held ? 1 : 0, Math.floor(box), Math.floor(ageing), Math.floor(wall)],
      );
    });
  }

  #page({ after, upTo, uplink, account, name }: ItemFilter, count: number): Done<QueueItem[]> {
    const ids = [after ?? 0, upTo ?? Number.MAX_SAFE_INTEGER];
    return this.#items(listSql, [...ids, count, uplink ?? null, account ?? null, name ?? null]);
  }

  #items(sql: string, params: readonly SqlValue[]): Done<QueueItem[]> {
    return reading(async () => ok(toItems(await this.#database.all<QueueRow>(sql, params))));
  }

  #write(job: (sql: Statements) => Promise<void>): Done {
    return this.#database.write(job, true);
  }
}
