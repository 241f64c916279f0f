/*
 * Sources in the store's database (0006-sources.ts). Knows no rules; records.ts says what a row
 * means. The rows of an account go with it.
 */
import { ok, type Result } from '#base/result';
import type { AccountId, SourceId } from '../../ids.ts';
import type { SqlValue } from '../../store/sqlite/connection.ts';
import type { SharedDatabase } from '../../store/sqlite/database.ts';
import type { StoreTrouble } from '../../store/store.ts';
import type { UplinkSecurity } from '../../uplinks/records.ts';
import type {
  KeepAtSource,
  Since,
  SourceProtocol,
  SourceRecord,
  SourceRecords,
} from '../records.ts';

interface SourceRow {
  readonly id: SourceId;
  readonly name: string;
  readonly account: AccountId;
  readonly provider: string;
  readonly protocol: SourceProtocol;
  readonly host: string;
  readonly port: number;
  readonly security: UplinkSecurity;
  readonly user: string;
  readonly secret: Uint8Array | null;
  readonly secret_kind: 'password' | 'oauth' | null;
  readonly ca: string | null;
  readonly folders: string;
  readonly since_days: number;
  readonly keep_days: number;
  readonly every: number;
  readonly added_at: number;
  readonly paused: number;
  readonly stopped_code: NonNullable<SourceRecord['stopped']>['code'] | null;
  readonly stopped_say: string | null;
  readonly removed: number;
}

const columns = `name, account, provider, protocol, host, port, security, user, secret, secret_kind,
  ca, folders, since_days, keep_days, every, added_at, paused, stopped_code, stopped_say, removed`;

export class SqliteSourceRecords implements SourceRecords {
  readonly #database: SharedDatabase;

  constructor(database: SharedDatabase) {
    this.#database = database;
  }

  async load(): Promise<SourceRecord[]> {
    const rows = await this.#database.all<SourceRow>(
      `SELECT id, ${columns} FROM source ORDER BY id`,
    );
    return rows.map(toRecord);
  }

  add(source: Omit<SourceRecord, 'id'>): Promise<Result<SourceRecord, StoreTrouble>> {
    return this.#database.write(async (sql) => {
      const values = valuesOf(source);
      const { lastID } = await sql.run(
        `INSERT INTO source (${columns}) VALUES (${values.map(() => '?').join(', ')})`,
        values,
      );
      return { ...source, id: lastID as SourceId };
    });
  }

  async put(source: SourceRecord): Promise<Result<void, StoreTrouble>> {
    const values = valuesOf(source);
    const marks = values.map(() => '?').join(', ');
    const written = await this.#database.write((sql) =>
      sql.run(`UPDATE source SET (${columns}) = (${marks}) WHERE id = ?`, [...values, source.id]),
    );
    return written.ok ? ok(undefined) : written;
  }

  /** The sweeper clears away what was known of its messages. */
  async forget(id: SourceId): Promise<Result<void, StoreTrouble>> {
    const written = await this.#database.write((sql) =>
      sql.run('DELETE FROM source WHERE id = ?', [id]),
    );
    return written.ok ? ok(undefined) : written;
  }
}

/** In the order of `columns`. */
function valuesOf(source: Omit<SourceRecord, 'id'>): SqlValue[] {
  const { since, keep } = source;
  return [
    source.name,
    source.account,
    source.provider,
    source.protocol,
    source.host,
    source.port,
    source.security,
    source.user,
    source.secret ?? null,
    source.secretKind ?? null,
    source.ca ?? null,
    JSON.stringify(source.folders),
    since.kind === 'days' ? since.days : since.kind === 'now' ? 0 : -1,
    keep.kind === 'days' ? keep.days : -1,
    source.every,
    source.addedAt,
    source.paused ? 1 : 0,
    source.stopped?.code ?? null,
    source.stopped?.say ?? null,
    source.removed ? 1 : 0,
  ];
}

function toRecord(row: SourceRow): SourceRecord {
  const { id, name, account, provider, protocol, host, port, security, user, every } = row;
  const { secret, secret_kind: secretKind, ca, stopped_code: code, stopped_say: say } = row;
  return {
    ...{ id, name, account, provider, protocol, host, port, security, user },
    ...(secret === null ? {} : { secret: Buffer.from(secret) }),
    ...(secretKind === null ? {} : { secretKind }),
    ...(ca === null ? {} : { ca }),
    ...{ folders: JSON.parse(row.folders) as string[], every, addedAt: row.added_at },
    ...{ since: sinceOf(row.since_days), keep: keepOf(row.keep_days) },
    paused: row.paused === 1,
    ...(code === null ? {} : { stopped: { code, say: say ?? '' } }),
    removed: row.removed === 1,
  };
}

function sinceOf(days: number): Since {
  if (days === 0) return { kind: 'now' };
  return days < 0 ? { kind: 'all' } : { kind: 'days', days };
}

function keepOf(days: number): KeepAtSource {
  return days < 0 ? { kind: 'forever' } : { kind: 'days', days };
}
