/* Devices without a disk, for tests. */
import { ok, type Result } from '#base/result';
import type { StoreTrouble } from '../../store/store.ts';
import type { DeviceRecord, DeviceRecords } from '../records.ts';

export class MemoryDeviceRecords implements DeviceRecords {
  #devices: DeviceRecord[] = [];

  async load(): Promise<DeviceRecord[]> {
    return this.#devices.toSorted((one, other) => (one.name < other.name ? -1 : 1));
  }

  async add(device: DeviceRecord): Promise<Result<void, StoreTrouble>> {
    this.#devices.push(device);
    return ok(undefined);
  }

  async remove(name: string): Promise<Result<void, StoreTrouble>> {
    this.#devices = this.#devices.filter((one) => one.name !== name);
    return ok(undefined);
  }
}
