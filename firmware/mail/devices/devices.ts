/*
 * Printers, scanners, cameras, a NAS: machines that know neither TLS nor passwords. Each is let in
 * by its address, which must be one of the home network, and sends as one account. All of them are
 * in memory, for a house has few; a change is on disk before it shows here.
 *
 * The sender of a device is settled by its owner, not by the device: whatever its MAIL says, the
 * envelope carries the address given here, so that bounces reach a person. That is one the account
 * may send as; by default its own, which reaches it and which its provider knows. The header
 * section, From included, stays as the device wrote it.
 */
import { isIP, SocketAddress } from 'node:net';
import type { Clock } from '#base/clock';
import { failed, ok, type Refusal, type Result, refusal } from '#base/result';
import { Turns } from '#base/turns';
import type { Household } from '../accounts/household.ts';
import { noSuchAccount } from '../accounts/obstacles.ts';
import { type Address, domainKey, foldCase, formatAddress, parseAddress } from '../address.ts';
import type { AccountId } from '../ids.ts';
import type { EnvelopeRefusal } from '../intake.ts';
import type { Place } from '../place.ts';
import type { StoreTrouble } from '../store/store.ts';
import {
  mostPerHour,
  oneMore,
  type Sent,
  sentThisHour,
  usualPerHour,
  waitBefore,
} from './allowance.ts';
import type { DeviceRecord, DeviceRecords } from './records.ts';

/** A machine that may send from its address without signing in. */
export interface Device {
  readonly name: string;
  readonly account: AccountId;
  /** What every message of it carries as sender. */
  readonly sender: Address;
}

/** Looked up during SMTP sessions; answers at once, and differently when the owner changes it. */
export interface DeviceDirectory {
  at(address: string): Device | undefined;
  /** Why it may not send now. */
  refusal(device: Device): EnvelopeRefusal | undefined;
  /** It sends a message. */
  sends(device: Device): void;
}

/** A device as `device list` shows it. */
export interface DeviceView {
  readonly name: string;
  readonly address: string;
  readonly account: string;
  /** The sender of its mail. */
  readonly from: string;
  readonly oldTls: boolean;
  readonly perHour: number;
  readonly sentThisHour: number;
}

/** What the owner says of a new device. */
export interface NewDevice {
  readonly name: string;
  readonly address: string;
  readonly account: string;
  readonly from?: string;
  readonly oldTls: boolean;
  readonly perHour?: number;
}

/** A device was added. `newAddress`: its sender is an address of the account from now on. */
export interface Added {
  readonly device: DeviceView;
  readonly newAddress: boolean;
}

export interface DevicePorts {
  readonly records: DeviceRecords;
  readonly household: Household;
  readonly clock: Clock;
  /** How near an IP address is. */
  readonly placeOf: (address: string) => Place;
}

const longestName = 32;
const mostDevices = 64;

export class Devices implements DeviceDirectory {
  readonly #ports: DevicePorts;
  /** By name. */
  readonly #devices = new Map<string, DeviceRecord>();
  /** By name. Not kept over a restart: who restarts the box is a person, not a scanner. */
  readonly #sent = new Map<string, Sent>();
  readonly #changes = new Turns();

  constructor(ports: DevicePorts) {
    this.#ports = ports;
  }

  /** Loads all. Rejects when the database cannot be read. */
  async start(): Promise<void> {
    for (const record of await this.#ports.records.load()) this.#devices.set(record.name, record);
  }

  at(address: string): Device | undefined {
    const record = this.#recordAt(address);
    const sender = record && this.#senderOf(record);
    if (record === undefined || sender === undefined) return undefined;
    return { name: record.name, account: record.account, sender };
  }

  refusal({ name, account, sender }: Device): EnvelopeRefusal | undefined {
    const { household, clock } = this.#ports;
    const record = this.#devices.get(name);
    if (record === undefined) {
      return refusal('sign-in-first', `There is no device ${name} any more; sign in first`);
    }
    if (!household.maySendAs(account, sender)) {
      const address = formatAddress(sender);
      return refusal(
        'not-your-address',
        `The device ${name} sends as ${address}, which its account may not use any more; ` +
          'add that address to the account, or the device anew',
      );
    }
    const { perHour } = record;
    const wait = waitBefore(this.#sent.get(name), perHour, clock.elapsed());
    if (wait === 0) return undefined;
    const minutes = Math.max(1, Math.ceil(wait / 60_000));
    const later = minutes === 1 ? 'a minute' : `${minutes} minutes`;
    const say = `The device ${name} may send ${perHour} messages an hour; try again in ${later}`;
    return refusal('too-many', say);
  }

  sends({ name }: Device): void {
    this.#sent.set(name, oneMore(this.#sent.get(name), this.#ports.clock.elapsed()));
  }

  /** May whoever is at this address use TLS 1.0 and 1.1? */
  allowsOldTls(address: string): boolean {
    return this.#recordAt(address)?.oldTls ?? false;
  }

  /** May anybody? */
  anyOldTls(): boolean {
    return [...this.#devices.values()].some(({ address }) => this.allowsOldTls(address));
  }

  /** By name. */
  list(): DeviceView[] {
    const records = [...this.#devices.values()];
    records.sort((one, other) => (one.name < other.name ? -1 : 1));
    return records.flatMap((record) => this.#view(record) ?? []);
  }

  add(wanted: NewDevice): Promise<Result<Added>> {
    return this.#changes.take(async () => {
      this.#forgetOrphans();
      const checked = this.#check(wanted);
      if (!checked.ok) return checked;
      const settled = await this.#settleFrom(checked.value);
      if (!settled.ok) return settled;
      const saved = await this.#ports.records.add(checked.value);
      if (!saved.ok) return saved;
      this.#devices.set(checked.value.name, checked.value);
      const device = this.#view(checked.value);
      if (device === undefined) throw new Error(`${wanted.name} was added and is not there`);
      return ok({ device, newAddress: settled.value });
    });
  }

  remove(name: string): Promise<Result<void, Refusal | StoreTrouble>> {
    return this.#changes.take(async () => {
      const record = this.#devices.get(foldCase(name));
      if (record === undefined) return failed(refusal('unknown', `There is no device ${name}`));
      const saved = await this.#ports.records.remove(record.name);
      if (!saved.ok) return saved;
      this.#forget(record.name);
      return saved;
    });
  }

  #check(wanted: NewDevice): Result<DeviceRecord, Refusal> {
    const name = foldCase(wanted.name);
    // It is written into the Received field, so it is what any header section can carry.
    if (!/^[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?$/.test(name) || name.length > longestName) {
      const say = `A device's name has at most ${longestName} letters (a to z)`;
      return failed(refusal('bad-name', `${say}, digits, dots, - and _`));
    }
    if (this.#devices.has(name)) {
      const say = `There is a device ${name} already; remove it first or choose another name`;
      return failed(refusal('taken', say));
    }
    if (this.#devices.size >= mostDevices) {
      return failed(refusal('taken', `This box keeps at most ${mostDevices} devices`));
    }
    const address = this.#checkAddress(wanted.address);
    if (!address.ok) return address;
    const account = this.#ports.household.byLogin(wanted.account)?.record.id;
    if (account === undefined) return failed(noSuchAccount(wanted.account));
    const { oldTls, from, perHour = usualPerHour } = wanted;
    if (!Number.isInteger(perHour) || perHour < 1 || perHour > mostPerHour) {
      const say = `A device may send from 1 to ${mostPerHour} messages an hour`;
      return failed(refusal('bad-limit', say));
    }
    const record = { name, address: address.value, account, oldTls, perHour };
    return ok(from === undefined ? record : { ...record, from });
  }

  #checkAddress(text: string): Result<string, Refusal> {
    const address = plainAddress(text);
    if (address === undefined) {
      const say = `"${text}" is not an IP address; the device or your router shows it`;
      return failed(refusal('bad-address', `${say}, for example 192.168.1.40`));
    }
    if (this.#ports.placeOf(address) === 'far') {
      return failed(
        refusal(
          'not-local',
          `${address} is not an address of the home network, and whoever has it could send ` +
            'without a password. A device needs one that begins with 10., 192.168., 172.16. to ' +
            '172.31., 169.254., fd or fe80',
        ),
      );
    }
    const other = this.#recordAt(address);
    if (other === undefined) return ok(address);
    const say = `The device ${other.name} has the address ${address} already; remove it first`;
    return failed(refusal('taken', say));
  }

  /**
   * Sees to it that the account may send as the device's address, and gets what is sent back. An
   * address of this house that nobody has becomes the account's; true when that was so.
   */
  async #settleFrom({ account, from }: DeviceRecord): Promise<Result<boolean>> {
    if (from === undefined) return ok(false);
    const { household } = this.#ports;
    const name = household.byId(account)?.record.name ?? '';
    const address = parseAddress(from);
    if (address === undefined) {
      const say = `"${from}" is not a mail address; write all of it`;
      return failed(refusal('bad-address', `${say}, for example scanner@restante.local`));
    }
    if (household.maySendAs(account, address)) return ok(false);
    const owner = household.list().find(({ id }) => household.maySendAs(id, address));
    if (owner !== undefined) {
      const say = `${from} is an address of ${owner.name}, so a device of ${name} may not`;
      return failed(refusal('not-your-address', `${say} send as it`));
    }
    if (!household.settings.domains.map(domainKey).includes(domainKey(address.domain))) {
      return failed(
        refusal(
          'not-your-address',
          `${name} may not send as ${from}. If it is an address of theirs elsewhere: ` +
            `restante address add ${name} ${from} --outside`,
        ),
      );
    }
    const added = await household.addAddress(name, from, 'local');
    return added.ok ? ok(true) : added;
  }

  #view(record: DeviceRecord): DeviceView | undefined {
    const { household, clock } = this.#ports;
    const account = household.byId(record.account)?.record.name;
    const sender = this.#senderOf(record);
    if (account === undefined || sender === undefined) return undefined;
    const { name, address, oldTls, perHour } = record;
    const sent = sentThisHour(this.#sent.get(name), clock.elapsed());
    return {
      ...{ name, address, account, from: formatAddress(sender), oldTls, perHour },
      sentThisHour: sent,
    };
  }

  /** Undefined when the account is gone. */
  #senderOf({ account, from }: DeviceRecord): Address | undefined {
    const { household } = this.#ports;
    const owner = household.byId(account)?.record;
    const [domain] = household.settings.domains;
    if (owner === undefined || domain === undefined) return undefined;
    return from === undefined ? { local: owner.name, domain } : parseAddress(from);
  }

  #recordAt(address: string): DeviceRecord | undefined {
    const { household } = this.#ports;
    for (const record of this.#devices.values()) {
      if (record.address !== address) continue;
      return household.byId(record.account) === undefined ? undefined : record;
    }
    return undefined;
  }

  /** The database removes an account's devices with it; here they only wait to be forgotten. */
  #forgetOrphans(): void {
    for (const { name, account } of this.#devices.values()) {
      if (this.#ports.household.byId(account) === undefined) this.#forget(name);
    }
  }

  #forget(name: string): void {
    this.#devices.delete(name);
    this.#sent.delete(name);
  }
}

/** An IP address as connections have it: one spelling (RFC 5952), no zone, no IPv4 inside IPv6. */
function plainAddress(text: string): string | undefined {
  const [bare = ''] = text.trim().split('%');
  const family = isIP(bare);
  if (family === 0) return undefined;
  if (family === 4) return bare;
  const { address } = new SocketAddress({ address: bare, family: 'ipv6' });
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}
