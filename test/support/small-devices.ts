/* Devices for protocol tests: a DeviceDirectory that is told who is where. */
import type { Clock } from '#base/clock';
import { refusal } from '#base/result';
import type { Address } from '#mail/address';
import { oneMore, type Sent, waitBefore } from '#mail/devices/allowance';
import type { Device, DeviceDirectory } from '#mail/devices/devices';
import type { AccountId } from '#mail/ids';
import type { EnvelopeRefusal } from '#mail/intake';

interface Place {
  readonly device: Device;
  readonly perHour: number;
  sent: Sent | undefined;
}

export class SmallDevices implements DeviceDirectory {
  readonly #clock: Clock;
  readonly #places = new Map<string, Place>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(name: string, at: string, account: AccountId, sender: Address, perHour: number): void {
    this.#places.set(at, { device: { name, account, sender }, perHour, sent: undefined });
  }

  at(address: string): Device | undefined {
    return this.#places.get(address)?.device;
  }

  refusal(device: Device): EnvelopeRefusal | undefined {
    const place = this.#placeOf(device);
    const wait = waitBefore(place?.sent, place?.perHour ?? 0, this.#clock.elapsed());
    return wait === 0 ? undefined : refusal('too-many', `${device.name} has sent enough for now`);
  }

  sends(device: Device): void {
    const place = this.#placeOf(device);
    if (place !== undefined) place.sent = oneMore(place.sent, this.#clock.elapsed());
  }

  #placeOf({ name }: Device): Place | undefined {
    return [...this.#places.values()].find(({ device }) => device.name === name);
  }
}
