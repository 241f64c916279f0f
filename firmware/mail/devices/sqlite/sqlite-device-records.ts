/* Devices in the store's database. Knows no rules. Its table: migrations/0004-devices.ts. */
import { ok, type Result } from '#base/result';
import type { AccountId } from '../../ids.ts';
import type { SqlValue } from '../../store/sqlite/connection.ts';
import type { SharedDatabase } from '../../store/sqlite/database.ts';
import type { StoreTrouble } from '../../store/store.ts';
import type { DeviceRecord, DeviceRecords } from '../records.ts';

interface DeviceRow {
  readonly name: string;
  readonly address: string;
  readonly account: AccountId;
  readonly sender: string | null;
  readonly old_tls: number;
  readonly per_hour: number;
}

export class SqliteDeviceRecords implements DeviceRecords {
  readonly #database: SharedDatabase;

  constructor(database: SharedDatabase) {
    this.#database = database;
  }

  async load(): Promise<DeviceRecord[]> {
    const rows = await this.#database.all<DeviceRow>(
      'SELECT name, address, account, sender, old_tls, per_hour FROM device ORDER BY name',
    );
    return rows.map(toRecord);
  }

  add(device: DeviceRecord): Promise<Result<void, StoreTrouble>> {
    const { name, address, account, from, oldTls, perHour } = device;
    return this.#write(
      `INSERT INTO device (name, address, account, sender, old_tls, per_hour)
       VALUES (?, ?, ?, ?, ?, ?)`,
      [name, address, account, from ?? null, oldTls ? 1 : 0, perHour],
    );
  }

  remove(name: string): Promise<Result<void, StoreTrouble>> {
    return this.#write('DELETE FROM device WHERE name = ?', [name]);
  }

  async #write(text: string, params: readonly SqlValue[]): Promise<Result<void, StoreTrouble>> {
    const written = await this.#database.write((sql) => sql.run(text, params));
    return written.ok ? ok(undefined) : written;
  }
}

function toRecord(row: DeviceRow): DeviceRecord {
  return {
    name: row.name,
    address: row.address,
    account: row.account,
    ...(row.sender === null ? {} : { from: row.sender }),
    oldTls: row.old_tls === 1,
    perHour: row.per_hour,
  };
}
