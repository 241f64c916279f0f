/*
 * The owner's password: it opens the web pages, and no mail. It belongs to no account. Kept as keys
 * derived from it (../accounts/keys.ts), by the same one-at-a-time queue as all derivations, and
 * its failed tries are counted by the same rules as those of mail (../accounts/failed-sign-ins.ts):
 * ten wrong ones from an address lock that address out for a while, and nobody else.
 */
import { type Clock, pause } from '#base/clock';
import type { Log } from '#base/log';
import { networkOf } from '#base/network-of';
import type { Random } from '#base/random';
import { type Failure, failed, ok, type Refusal, type Result, refusal } from '#base/result';
import type { Seal } from '#base/seal';
import { Turns } from '#base/turns';
import { Watchers } from '#base/watchers';
import { type Derivations, tooManyWaiting } from '../accounts/derivations.ts';
import { ownerLogin } from '../accounts/failed-sign-ins.ts';
import { type Keys, openKeys, sameKeys, sealKeys } from '../accounts/keys.ts';
import { preparePassword } from '../accounts/names.ts';
import type { Tally } from '../accounts/tally.ts';
import type { OwnerRecords } from './records.ts';

export interface OwnerPorts {
  readonly records: OwnerRecords;
  readonly derivations: Derivations;
  readonly tally: Tally;
  /** The tally has counted something that is to be on disk soon. */
  readonly counted: () => void;
  readonly seal: Seal;
  readonly random: Random;
  readonly clock: Clock;
  readonly log: Log;
}

/** `unusable`: kept under another box's device key; only a new one helps. */
export type OwnerState = 'none' | 'set' | 'unusable';

const saltOctets = 16;
/** More than for mail, for an owner signs in once a day and mail programs every minute; half a
 * second on a small board, in which one mail program may have to wait. */
const rounds = 100_000;
/** It guards everything, and can be tried from the whole network. */
const fewestCharacters = 8;
const worthTelling = 3;

export class OwnerPassword {
  readonly #ports: OwnerPorts;
  #kept: { readonly salt: Buffer; readonly rounds: number; readonly keys: Keys } | undefined;
  #state: OwnerState = 'none';
  readonly #changes = new Turns();
  readonly #watchers = new Watchers();

  constructor(ports: OwnerPorts) {
    this.#ports = ports;
  }

  /** Rejects when the database cannot be read. */
  async start(): Promise<void> {
    const record = await this.#ports.records.load();
    if (record === undefined) return;
    const keys = openKeys(this.#ports.seal, record.salt, ownerLogin, record.sealed);
    this.#state = keys === undefined ? 'unusable' : 'set';
    if (keys !== undefined) this.#kept = { salt: record.salt, rounds: record.rounds, keys };
  }

  get state(): OwnerState {
    return this.#state;
  }

  /** Calls `changed` after each change of the password. */
  watch(changed: () => void): Disposable {
    return this.#watchers.add(changed);
  }

  /** On disk when it is answered. */
  set(password: string): Promise<Result<void>> {
    return this.#changes.take(() => this.#set(password));
  }

  /** Is it right? A wrong one is answered late when there were many. */
  async check(password: string, address: string): Promise<Result<void>> {
    const { tally, clock, log } = this.#ports;
    const network = networkOf(address);
    const locked = this.#lockedUntil(network);
    if (locked !== undefined) return failed(this.#locked(locked));
    const kept = this.#kept;
    if (kept === undefined) return failed(noOwner);
    const prepared = preparePassword(password);
    const right = prepared.ok && (await this.#matches(prepared.value, kept, network));
    if (right === undefined) return failed(tooManyWaiting);
    // Asked again: others tried from here while this one waited.
    const since = this.#lockedUntil(network);
    if (since !== undefined) return failed(this.#locked(since));
    if (right && this.#kept === kept) {
      tally.succeeded(ownerLogin, network);
      return ok(undefined);
    }
    const { delay } = tally.judge(ownerLogin, network, clock.now());
    tally.failed(ownerLogin, network, clock.now());
    this.#ports.counted();
    log.warn("The owner's password was tried wrongly", { address });
    if (delay > 0) await pause(clock, delay);
    return failed(wrong);
  }

  /** Forgets all wrong tries, for somebody at the box itself says so. */
  unlock(): void {
    this.#ports.tally.lift(ownerLogin);
    this.#ports.counted();
  }

  /** For `status`: who tries it wrongly. */
  worries(): string[] {
    const { tally, clock } = this.#ports;
    const kept = this.#state === 'unusable' ? [unusable] : [];
    const tried = tally
      .remembered(clock.now())
      .filter(({ login, failures }) => login === ownerLogin && failures >= worthTelling)
      .map(({ address }) => `The owner's password is being tried wrongly from ${address}`);
    return [...kept, ...tried];
  }

  async #set(password: string): Promise<Result<void>> {
    const { derivations, records, seal, random, clock, log } = this.#ports;
    const prepared = checkOwnerPassword(password);
    if (!prepared.ok) return prepared;
    const salt = random.octets(saltOctets);
    const keys = await derivations.keys(prepared.value, salt, rounds, 'the box itself');
    if (keys === undefined) return failed(tooManyWaiting);
    const sealed = sealKeys(seal, salt, ownerLogin, keys);
    const saved = await records.put({ salt, rounds, sealed, changed: clock.now() });
    if (!saved.ok) return saved;
    this.#kept = { salt, rounds, keys };
    this.#state = 'set';
    this.unlock();
    log.info("The owner's password was set");
    this.#watchers.tell();
    return ok(undefined);
  }

  async #matches(
    password: string,
    { salt, rounds: times, keys }: { salt: Buffer; rounds: number; keys: Keys },
    network: string,
  ): Promise<boolean | undefined> {
    const derived = await this.#ports.derivations.keys(password, salt, times, network);
    return derived === undefined ? undefined : sameKeys(derived, keys);
  }

  #lockedUntil(network: string): number | undefined {
    const { tally, clock } = this.#ports;
    return tally.judge(ownerLogin, network, clock.now()).lockedUntil;
  }

  #locked(until: number): Failure {
    const minutes = Math.max(1, Math.ceil((until - this.#ports.clock.now()) / 60_000));
    const wait = minutes === 1 ? 'a minute' : `${minutes} minutes`;
    return refusal('locked', `Too many wrong passwords came from here; try again in ${wait}`);
  }
}

/** The password as it is derived from, or why it will not do. */
function checkOwnerPassword(text: string): Result<string, Refusal<'bad-password'>> {
  const prepared = preparePassword(text);
  if (!prepared.ok || [...prepared.value].length >= fewestCharacters) return prepared;
  const say = `The owner's password needs at least ${fewestCharacters} characters`;
  return failed(refusal('bad-password', say));
}

const wrong = refusal('password', 'That is not the password');
const noOwner = refusal('no-owner', 'This box has no owner yet');
const unusable =
  "The owner's password was kept by another box and cannot be checked here; set a new one with: " +
  'restante owner password';
