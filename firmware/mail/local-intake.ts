/*
 * The intake's rules over the house's directory, its devices and the store: who may send as whom,
 * and whose mail is taken. Who lives here may write to the world when an uplink serves the address
 * that the mail goes out under; an address of this house may forward, whoever writes to it. What
 * happens to the octets stands in delivery.ts.
 */
import { failed, ok, type Result, refusal, trouble } from '#base/result';
import { type Address, addressKey, formatAddress, isAmong, type ReversePath } from './address.ts';
import { type DeliveryParts, LocalDelivery } from './delivery.ts';
import type { Device, DeviceDirectory } from './devices/devices.ts';
import type { AccountId } from './ids.ts';
import type {
  Delivery,
  Envelope,
  EnvelopeRefusal,
  Intake,
  Origin,
  Recipient,
  Unfinished,
} from './intake.ts';
import { type Senders, viaOf } from './outgoing.ts';

export interface IntakeParts extends DeliveryParts {
  readonly devices: DeviceDirectory;
}

export class LocalIntake implements Intake {
  readonly #parts: IntakeParts;

  constructor(parts: IntakeParts) {
    this.#parts = parts;
  }

  device(address: string): Device | undefined {
    return this.#parts.devices.at(address);
  }

  sender(from: ReversePath, origin: Origin): Result<ReversePath, EnvelopeRefusal> {
    const { devices, directory, failingSenders } = this.#parts;
    const { identity, device } = origin;
    if (device !== undefined) {
      const refused = devices.refusal(device);
      if (refused === undefined) return ok(device.sender);
      failingSenders.failed(origin, refused.code === 'too-many' ? 'too-many' : 'sender-lost');
      return failed(refused);
    }
    if (!origin.submission) return ok(from);
    if (identity === undefined) {
      failingSenders.failed(origin, 'not-signed-in');
      const say = 'Sign in first: this port is for the people who live here';
      return failed(refusal('sign-in-first', say));
    }
    if (!directory.stillHas(identity)) {
      const say = 'The password that you signed in with is not valid any more; sign in again';
      return failed(refusal('sign-in-first', say));
    }
    // The null sender is for notices of programs (RFC 8098 §3), so it is everybody's.
    if (from === 'null' || directory.maySendAs(identity.account, from)) return ok(from);
    const address = formatAddress(from);
    const say = `${identity.login} may not send as ${address}`;
    return failed(refusal('not-your-address', `${say}; add that address to the account first`));
  }

  recipient(to: Address, origin: Origin, sender: ReversePath): Result<Recipient, EnvelopeRefusal> {
    const route = this.#parts.directory.route(to);
    switch (route.kind) {
      case 'local': {
        const inboxes = route.inboxes.map(({ inbox }) => inbox);
        if (route.forwards.length === 0) return ok({ address: to, inboxes });
        // Taken even when no uplink serves them now: they wait, and their account is told.
        const departures = route.forwards.map((forward) => ({ ...forward, forwarded: true }));
        return ok({ address: to, inboxes, departures });
      }
      case 'unknown':
        return failed(
          refusal('unknown-recipient', `Nobody here has the address ${formatAddress(to)}`),
        );
      case 'outside':
        return this.#outside(to, origin, sender);
    }
  }

  /** Mail for the world: only from those who live here, and only where there is a way. */
  #outside(to: Address, origin: Origin, sender: ReversePath): Result<Recipient, EnvelopeRefusal> {
    const { directory, uplinks, failingSenders } = this.#parts;
    const account = origin.identity?.account ?? origin.device?.account;
    if (!origin.submission || account === undefined) {
      failingSenders.failed(origin, 'not-signed-in');
      const say = 'This box takes mail only for the people who live here, not for';
      return failed(refusal('relay-denied', `${say} ${formatAddress(to)}`));
    }
    const via = viaOf(directory, account, sender);
    if (via !== undefined && uplinks.serving(addressKey(via)) !== undefined) {
      return ok({ address: to, inboxes: [], departures: [{ to, account, forwarded: false }] });
    }
    return failed(noWayOut(directory, account, via));
  }

  open(envelope: Envelope, origin: Origin): Result<Delivery> {
    const { store, devices } = this.#parts;
    // Several connections may have passed MAIL at the same time.
    const refused = origin.device && devices.refusal(origin.device);
    if (refused !== undefined) return failed(refused);
    const health = store.health();
    if (!health.takesMail || (envelope.size ?? 0) > health.room) {
      const say = health.say ?? 'There is no room for this message now';
      return failed(trouble('full', say, `room for ${health.room} octets`));
    }
    if (origin.device !== undefined) devices.sends(origin.device);
    return ok(new LocalDelivery(this.#parts, envelope, origin));
  }

  unfinished(from: Pick<Origin, 'address' | 'place' | 'session'>, why: Unfinished): void {
    this.#parts.failingSenders.failed(from, why);
  }
}

/** `via`: under what the mail would go out; undefined when its account was just removed. */
function noWayOut(senders: Senders, account: AccountId, via: Address | undefined): EnvelopeRefusal {
  const whose = via === undefined ? 'this account' : formatAddress(via);
  const add = `There is no way out for mail of ${whose}: add one with "restante uplink add"`;
  // No provider takes a sender that only this house knows.
  const isLocal = via !== undefined && isAmong(senders.ownLocal(account), via);
  const login = senders.homeAddress(account)?.local ?? 'it';
  return refusal(
    'relay-denied',
    isLocal ? `${add}, or name the address ${login} is known by` : add,
  );
}
