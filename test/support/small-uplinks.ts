/* Ways out for tests: an UplinkDirectory that is told who goes by which. */
import { addressKey, parseAddress } from '#mail/address';
import type { UplinkId } from '#mail/ids';
import type { UplinkDirectory } from '#mail/uplinks/directory';

export class SmallUplinks implements UplinkDirectory {
  readonly #names: string[] = [];
  readonly #served = new Map<string, UplinkId>();
  #default: UplinkId | undefined;

  /** Without addresses it serves everybody whom no other serves. */
  add(name: string, addresses: readonly string[]): void {
    const id = this.#names.push(name) as UplinkId;
    if (addresses.length === 0) this.#default = id;
    for (const text of addresses) {
      const address = parseAddress(text);
      if (address === undefined) throw new Error(`not an address: ${text}`);
      this.#served.set(addressKey(address), id);
    }
  }

  serving(via: string): UplinkId | undefined {
    return this.#served.get(via) ?? this.#default;
  }

  nameOf(uplink: UplinkId): string | undefined {
    return this.#names[uplink - 1];
  }
}
