/*
 * Who tries to send and does not manage, in words for `status`: a printer that never ends its
 * message, a scanner that nobody gave permission. Such machines have no screen on which a person
 * could read a reply, so the box says it for them, with what to try.
 *
 * In memory only, bounded, forgotten after a week of quiet and as soon as a message gets through.
 */
import type { Clock } from '#base/clock';
import type { Origin } from '../intake.ts';
import type { Place } from '../place.ts';

/**
 * 'not-signed-in': refused for want of a password. 'too-many': a device beyond its messages an
 * hour. 'sender-lost': a device whose sender its account may not use any more. 'bare-newlines':
 * ends lines with LF or CR alone, and so never its message. 'silence': began a message and fell
 * silent.
 */
export type Fault = 'not-signed-in' | 'too-many' | 'sender-lost' | 'bare-newlines' | 'silence';

type Sender = Pick<Origin, 'address' | 'place' | 'session'>;

interface Entry {
  readonly fault: Fault;
  readonly address: string;
  readonly place: Place;
  /** The last session that failed so: one that tries several times counts once. */
  readonly session: string;
  readonly times: number;
  /** The clock's `elapsed`. */
  readonly last: number;
}

/** Bounds the memory when somebody plays with addresses. One takes about 300 octets. */
const mostEntries = 64;
/** Lines in `status`. */
const mostTold = 8;
/** Some scan once a week. */
const memoryTime = 7 * 24 * 3_600_000;
/** Anybody may try once without a password; who tries again is a machine. */
const worthTelling: Readonly<Record<Fault, number>> = {
  'not-signed-in': 2,
  'too-many': 1,
  'sender-lost': 1,
  'bare-newlines': 1,
  silence: 1,
};

export class FailingSenders {
  readonly #clock: Clock;
  readonly #deviceAt: (address: string) => { readonly name: string } | undefined;
  /** The last to fail stands last. */
  readonly #entries = new Map<string, Entry>();

  constructor(clock: Clock, deviceAt: (address: string) => { readonly name: string } | undefined) {
    this.#clock = clock;
    this.#deviceAt = deviceAt;
  }

  /** A message was not taken, for this reason. */
  failed({ address, place, session }: Sender, fault: Fault): void {
    // Strangers who are refused or go away are every mail server's daily bread.
    if (place === 'far' && fault !== 'bare-newlines') return;
    const key = `${address} ${fault}`;
    const known = this.#entries.get(key);
    const times = (known?.times ?? 0) + (known?.session === session ? 0 : 1);
    this.#entries.delete(key);
    const last = this.#clock.elapsed();
    this.#entries.set(key, { fault, address, place, session, times, last });
    if (this.#entries.size > mostEntries) this.#makeRoom();
  }

  /** A message from there got through: whatever it was, it is mended. */
  succeeded(address: string): void {
    if (this.#entries.size === 0) return;
    for (const [key, entry] of this.#entries) {
      if (entry.address === address) this.#entries.delete(key);
    }
  }

  /** One sentence or more for each, the latest first. */
  worries(): string[] {
    const now = this.#clock.elapsed();
    for (const [key, { last }] of this.#entries) {
      if (now - last >= memoryTime) this.#entries.delete(key);
    }
    return [...this.#entries.values()]
      .filter(({ fault, times }) => times >= worthTelling[fault])
      .filter(({ fault, address }) => fault !== 'not-signed-in' || !this.#deviceAt(address))
      .slice(-mostTold)
      .reverse()
      .map((entry) => this.#inWords(entry));
  }

  #inWords({ fault, address, times }: Entry): string {
    const device = this.#deviceAt(address);
    const who = device === undefined ? `Something at ${address}` : `${device.name} (${address})`;
    const often = times === 1 ? 'once' : `${times} times`;
    switch (fault) {
      case 'not-signed-in':
        return (
          `${who} tries to send mail without signing in and was refused ${often}. If it is your ` +
          `printer or scanner: restante device add NAME --address ${address} --account ACCOUNT`
        );
      case 'too-many':
        return (
          `${who} wants to send more messages in an hour than it may, and was refused ${often}. ` +
          'Look what it is doing; if that is right, remove it and add it with a greater --per-hour.'
        );
      case 'sender-lost':
        return (
          `${who} was refused ${often}, because its account may not use the address it sends as ` +
          'any more. Give the account that address again, or remove the device and add it anew.'
        );
      case 'bare-newlines':
        return (
          `${who} ends its lines with LF or CR alone and so never ends its message (${often}); ` +
          'that needs CR LF, a dot and CR LF. Nothing it sends is taken. Look for newer firmware ' +
          'for it, or for a setting about line ends.'
        );
      case 'silence':
        return (
          `${who} began a message and fell silent before its end (${often}); the message was not ` +
          'taken. Look at its network connection, and for newer firmware for it.'
        );
    }
  }

  /** Strangers go first, or a flood of them would hide the printer in the hall; then the oldest. */
  #makeRoom(): void {
    const entries = [...this.#entries];
    const victim = entries.find(([, { place }]) => place === 'far') ?? entries[0];
    if (victim !== undefined) this.#entries.delete(victim[0]);
  }
}
