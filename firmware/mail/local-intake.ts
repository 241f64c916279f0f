/*
 * The intake's rules over the house's directory, its devices and the store: who may send as whom,
 * and whose mail is taken. Mail to other places is refused in words: there is no way out yet. What
 * happens to the octets stands in delivery.ts.
 */
import { failed, ok, type Result, refusal, trouble } from '#base/result';
import { type Address, formatAddress, type ReversePath } from './address.ts';
import { type DeliveryParts, LocalDelivery } from './delivery.ts';
import type { Device, DeviceDirectory } from './devices/devices.ts';
import type {
  Delivery,
  Envelope,
  EnvelopeRefusal,
  Intake,
  Origin,
  Recipient,
  Unfinished,
} from './intake.ts';

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

  recipient(to: Address, origin: Origin): Result<Recipient, EnvelopeRefusal> {
    const route = this.#parts.directory.route(to);
    const address = formatAddress(to);
    switch (route.kind) {
      case 'local':
        return ok({ address: to, inboxes: route.inboxes.map(({ inbox }) => inbox) });
      case 'unknown':
        return failed(refusal('unknown-recipient', `Nobody here has the address ${address}`));
      case 'outside':
        if (!origin.submission) this.#parts.failingSenders.failed(origin, 'not-signed-in');
        return failed(
          refusal(
            'relay-denied',
            origin.submission
              ? `This box cannot send mail out yet, so it cannot take mail for ${address}`
              : `This box takes mail only for the people who live here, not for ${address}`,
          ),
        );
    }
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
