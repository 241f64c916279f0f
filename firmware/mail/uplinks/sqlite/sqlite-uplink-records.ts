/*
 * Uplinks in the store's database, in the tables of migrations/0005-queue.ts. It knows no rules,
 * but the one that is a law between rows: one uplink at most is the default. Secrets come sealed.
 */
import { ok, type Result } from '#base/result';
import type { UplinkId } from '../../ids.ts';
import type { SqlValue, Statements } from '../../store/sqlite/connection.ts';
import type { SharedDatabase } from '../../store/sqlite/database.ts';
import type { StoreTrouble } from '../../store/store.ts';
import type { UplinkRecord, UplinkRecords, UplinkSecurity } from '../records.ts';
import { senderKey } from '../wanted.ts';

interface UplinkRow {
  readonly id: UplinkId;
  readonly name: string;
  readonly provider: string;
  readonly host: string;
  readonly port: number;
  readonly security: UplinkSecurity;
  readonly user: string | null;
  readonly secret: Buffer | null;
  readonly secret_kind: 'password' | 'oauth' | null;
  readonly ca: string | null;
  readonly connections: number;
  readonly is_default: number;
  readonly quota_until: number | null;
  readonly quota_say: string | null;
}

interface AddressRow {
  readonly uplink: UplinkId;
  readonly spelling: string;
}

const columns = `name, provider, host, port, security, user, secret, secret_kind, ca, connections,
  is_default, quota_until, quota_say`;

export class SqliteUplinkRecords implements UplinkRecords {
  readonly #database: SharedDatabase;

  constructor(database: SharedDatabase) {
    this.#database = database;
  }

  async load(): Promise<UplinkRecord[]> {
    const rows = await this.#database.all<UplinkRow>(
      `SELECT id, ${columns} FROM uplink ORDER BY id`,
    );
    const addresses = await this.#database.all<AddressRow>(
      'SELECT uplink, spelling FROM uplink_address ORDER BY key',
    );
    const served = Map.groupBy(addresses, ({ uplink }) => uplink);
    return rows.map((row) => toRecord(row, served.get(row.id) ?? []));
  }

  add(uplink: Omit<UplinkRecord, 'id'>): Promise<Result<UplinkRecord, StoreTrouble>> {
    return this.#database.write(async (sql) => {
      if (uplink.isDefault) await endDefault(sql);
      const values = valuesOf(uplink);
      const { lastID } = await sql.run(
        `INSERT INTO uplink (${columns}) VALUES (${values.map(() => '?').join(', ')})`,
        values,
      );
      const record = { ...uplink, id: lastID as UplinkId };
      await setAddresses(sql, record);
      return record;
    });
  }

  async put(uplink: UplinkRecord): Promise<Result<void, StoreTrouble>> {
    const written = await this.#database.write(async (sql) => {
      if (uplink.isDefault) await endDefault(sql);
      const values = valuesOf(uplink);
      const marks = values.map(() => '?').join(', ');
      const { changes } = await sql.run(
        `UPDATE uplink SET (${columns}) = (${marks}) WHERE id = ?`,
        [...values, uplink.id],
      );
      if (changes > 0) await setAddresses(sql, uplink);
    });
    return written.ok ? ok(undefined) : written;
  }

  async remove(id: UplinkId): Promise<Result<void, StoreTrouble>> {
    const written = await this.#database.write((sql) =>
      sql.run('DELETE FROM uplink WHERE id = ?', [id]),
    );
    return written.ok ? ok(undefined) : written;
  }
}

function endDefault(sql: Statements): Promise<unknown> {
  return sql.run('UPDATE uplink SET is_default = 0 WHERE is_default = 1');
}

async function setAddresses(sql: Statements, { id, addresses }: UplinkRecord): Promise<void> {
  await sql.run('DELETE FROM uplink_address WHERE uplink = ?', [id]);
  for (const spelling of addresses) {
    await sql.run('INSERT INTO uplink_address (key, spelling, uplink) VALUES (?, ?, ?)', [
      senderKey(spelling),
      spelling,
      id,
    ]);
  }
}

/** In the order of `columns`. */
function valuesOf(uplink: Omit<UplinkRecord, 'id'>): SqlValue[] {
  return [
    uplink.name,
    uplink.provider,
    uplink.host,
    uplink.port,
    uplink.security,
    uplink.user ?? null,
    uplink.secret ?? null,
    uplink.secretKind ?? null,
    uplink.ca ?? null,
    uplink.connections,
    uplink.isDefault ? 1 : 0,
    uplink.quota?.until ?? null,
    uplink.quota?.say ?? null,
  ];
}

function toRecord(row: UplinkRow, addresses: readonly AddressRow[]): UplinkRecord {
  const { id, name, provider, host, port, security, user, secret, ca, connections } = row;
  const { secret_kind: secretKind, quota_until: until, quota_say: say } = row;
  return {
    ...{ id, name, provider, host, port, security, connections },
    ...(user === null ? {} : { user }),
    ...(secret === null ? {} : { secret }),
    ...(secretKind === null ? {} : { secretKind }),
    ...(ca === null ? {} : { ca }),
    ...(until === null ? {} : { quota: { until, say: say ?? '' } }),
    isDefault: row.is_default === 1,
    addresses: addresses.map(({ spelling }) => spelling),
  };
}
