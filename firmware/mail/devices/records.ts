/*
 * The port to where devices are kept. It keeps and gives back; every rule is devices.ts's. Changes
 * are on disk when they resolve. Adapters: SqliteDeviceRecords (the product) and
 * MemoryDeviceRecords (tests); one contract suite (test/contract/devices.ts) runs on both.
 */
import type { Result } from '#base/result';
import type { AccountId } from '../ids.ts';
import type { StoreTrouble } from '../store/store.ts';

/** A machine that sends from its address without signing in. */
export interface DeviceRecord {
  /** In lower case. */
  readonly name: string;
  /** Its IP address, in the one spelling that connections have, too. No two devices share one. */
  readonly address: string;
  /** Whose mail it sends. */
  readonly account: AccountId;
  /** The mail address it sends as; undefined: the account's own, whatever that is at the time. */
  readonly from?: string;
  /** It may use TLS 1.0 and 1.1. */
  readonly oldTls: boolean;
  /** Messages it may send in an hour. */
  readonly perHour: number;
}

export interface DeviceRecords {
  /** By name. Devices of an account that was removed are gone with it. */
  load(): Promise<DeviceRecord[]>;
  /** The name and the address must be free. */
  add(device: DeviceRecord): Promise<Result<void, StoreTrouble>>;
  remove(name: string): Promise<Result<void, StoreTrouble>>;
}
