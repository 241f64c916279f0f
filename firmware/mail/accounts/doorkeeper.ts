/*
 * Checks passwords. A login that does not exist costs the same work and gets the same answers as
 * one with a wrong password. What failures lead to stands in failed-sign-ins.ts; a locked pair of
 * login and address lets in only an app password that was last used from there, because nobody
 * guesses those.
 *
 * A password that was right a moment ago is remembered (as an HMAC under a key that is never
 * written down), so that a phone that asks every minute does not derive keys every minute, and
 * comes in while a stranger keeps the derivations busy.
 */

import { createHmac } from 'node:crypto';
import { type Clock, pause } from '#base/clock';
import type { Log } from '#base/log';
import { networkOf } from '#base/network-of';
import type { Random } from '#base/random';
import { type Failure, failed, ok, type Result, refusal } from '#base/result';
import type { Seal } from '#base/seal';
import { foldCase } from '../address.ts';
import type { Identity, ScramKeys, ScramRecord, SignIn, SignInContext } from './accounts.ts';
import { type Derivations, tooManyWaiting } from './derivations.ts';
import { failuresBeforeLock, ownerLogin } from './failed-sign-ins.ts';
import type { Household } from './household.ts';
import { sameKeys } from './keys.ts';
import { preparePassword } from './names.ts';
import type { Resident, ResidentPassword } from './residents.ts';
import { openSecret, sealSecret } from './secrets.ts';
import type { Tally } from './tally.ts';

export interface DoorkeeperPorts {
  readonly household: Household;
  readonly tally: Tally;
  readonly derivations: Derivations;
  readonly seal: Seal;
  readonly random: Random;
  readonly clock: Clock;
  readonly log: Log;
}

/** Somebody is trying wrong passwords, in words for `status`. */
export interface Worry {
  /** The account whose password is tried; undefined for names that nobody has. */
  readonly account: string | undefined;
  readonly address: string;
  readonly failures: number;
  readonly lockedUntil: number | undefined;
  readonly say: string;
}

interface SealedSecret {
  readonly password: ResidentPassword | undefined;
  readonly name: string;
  readonly salt: Buffer;
  readonly sealed: Buffer;
}

const saltOctets = 16;
/** Right passwords that are remembered; a household has fewer devices. */
const mostKnown = 64;
/** Of a login that nobody has, this much is kept. */
const longestLogin = 64;
/** Failures are written soon, so that a lock survives a power cut; uses when it is convenient. */
const failuresOnDiskWithin = 30_000;
const usesOnDiskWithin = 600_000;
/** From this many failures on, a person should know. */
const worthTelling = 3;

export class Doorkeeper implements SignIn {
  readonly #ports: DoorkeeperPorts;
  readonly #saltKey: Buffer;
  readonly #knownKey: Buffer;
  /** Opened and tried where a login has no recoverable password. */
  readonly #decoy: SealedSecret;
  readonly #known = new Map<string, ResidentPassword>();
  /** Per login and address, the last wrong password, to see when it is only said again. */
  readonly #lastWrong = new Map<string, string>();
  #alarm: { readonly at: number; readonly stop: Disposable } | undefined;

  constructor(ports: DoorkeeperPorts) {
    this.#ports = ports;
    this.#saltKey = ports.seal.derive('salts of logins that nobody has');
    this.#knownKey = ports.random.octets(32);
    const salt = ports.random.octets(saltOctets);
    const nobodys = ports.random.octets(saltOctets).toString('base64');
    const sealed = sealSecret(ports.seal, salt, '', nobodys);
    this.#decoy = { password: undefined, name: '', salt, sealed };
  }

  start(): Promise<void> {
    return this.#ports.tally.start();
  }

  /** Writes down what has not been written yet. */
  async stop(): Promise<void> {
    this.#alarm?.stop[Symbol.dispose]();
    await this.#write();
  }

  async #write(): Promise<void> {
    this.#alarm = undefined;
    await this.#ports.household.saveUses();
    await this.#ports.tally.save(this.#ports.clock.now());
  }

  async withPassword(
    login: string,
    password: string,
    context: SignInContext,
  ): Promise<Result<Identity>> {
    const { household, derivations } = this.#ports;
    const until = this.#lockedUntil(login, context);
    if (until !== undefined && this.#trusted(household.byLogin(login), context).length === 0) {
      return this.#locked(login, until, context);
    }
    const mark = this.#markOf(login, password);
    const known = this.#known.get(mark);
    const right = household.byLogin(login)?.passwords.find((each) => each === known);
    if (right !== undefined) return this.#answer(login, right, undefined, context);

    const { salt, rounds } = this.scramRecord(login);
    const prepared = preparePassword(password);
    const text = prepared.ok ? prepared.value : 'not a password';
    const keys = await derivations.keys(text, salt, rounds, networkOf(context.address));
    if (keys === undefined) return failed(tooManyWaiting);
    // Asked again, because the household may have changed meanwhile.
    const passwords = prepared.ok ? (household.byLogin(login)?.passwords ?? []) : [];
    const found = passwords.find((each) => each.keys !== undefined && sameKeys(each.keys, keys));
    if (found !== undefined) this.#remember(mark, found);
    return this.#answer(login, found, mark, context);
  }

  /** For every login as many secrets are tried as for the one with the most, so that the time an
   * answer takes does not tell who has any. */
  withSecret(
    login: string,
    proves: (secret: string) => boolean,
    context: SignInContext,
  ): Promise<Result<Identity>> {
    const { household, seal } = this.#ports;
    const own = sealedSecrets(household.byLogin(login));
    const decoys = Array.from({ length: household.mostSecrets - own.length }, () => this.#decoy);
    let found: ResidentPassword | undefined;
    for (const { password, name, salt, sealed } of [...own, ...decoys]) {
      const secret = openSecret(seal, salt, name, sealed);
      if (secret !== undefined && proves(secret)) found = password;
    }
    return this.#answer(login, found, undefined, context);
  }

  scramRecord(login: string): ScramRecord {
    const resident = this.#ports.household.byLogin(login);
    if (resident === undefined) {
      // An unknown login must look like a known one, always with the same salt, or the salt would
      // tell what RFC 5802 §7 lets a server keep to itself: that there is no such user.
      const salt = createHmac('sha256', this.#saltKey).update(foldCase(login)).digest();
      const { rounds } = this.#ports.household.settings;
      return { salt: salt.subarray(0, saltOctets), rounds, keys: [] };
    }
    const { salt, rounds } = resident.record;
    return { salt, rounds, keys: resident.passwords.flatMap(scramKeys) };
  }

  scramDone(
    login: string,
    password: string | undefined,
    context: SignInContext,
  ): Promise<Result<Identity, Failure>> {
    const passwords = this.#ports.household.byLogin(login)?.passwords ?? [];
    const found = passwords.find((each) => password !== undefined && each.name === password);
    return this.#answer(login, found, undefined, context);
  }

  /** Who is being tried wrongly: accounts by name, the rest in one line per address. */
  worries(): Worry[] {
    const { tally, clock, household } = this.#ports;
    const now = clock.now();
    const worries: Worry[] = [];
    const others = new Map<string, number>();
    for (const { login, address, failures } of tally.remembered(now)) {
      // Of an address as a whole: who was forgiven by name still slows its answers, no more.
      // The owner's password is not an account's: ../owner/ tells of it.
      if (login === '' || login === ownerLogin) continue;
      const account = household.byLogin(login)?.record.name;
      if (account === undefined) others.set(address, (others.get(address) ?? 0) + failures);
      if (account === undefined || failures < worthTelling) continue;
      const { lockedUntil } = tally.judge(login, address, now);
      const say = `${possessive(account)} password is being tried wrongly from ${address}`;
      worries.push({ account, address, failures, lockedUntil, say });
    }
    for (const [address, failures] of others) {
      if (failures < failuresBeforeLock) continue;
      const say = `Names that nobody here has were tried ${failures} times from ${address}`;
      worries.push({ account: undefined, address, failures, lockedUntil: undefined, say });
    }
    return worries;
  }

  /** What was counted elsewhere in the same tally is to be on disk soon. */
  saveSoon(): void {
    this.#save(failuresOnDiskWithin);
  }

  /** Lifts every lock of an account; from how many addresses it was tried wrongly. */
  unlock(account: string): number {
    this.#save(failuresOnDiskWithin);
    return this.#ports.tally.lift(foldCase(account));
  }

  async #answer(
    login: string,
    found: ResidentPassword | undefined,
    mark: string | undefined,
    context: SignInContext,
  ): Promise<Result<Identity>> {
    const { household, tally, clock } = this.#ports;
    const resident = household.byLogin(login);
    const until = this.#lockedUntil(login, context);
    if (until !== undefined && !this.#trusted(resident, context).some((each) => each === found)) {
      return this.#locked(login, until, context);
    }
    const name = this.#nameOf(login);
    const network = networkOf(context.address);
    if (resident !== undefined && found !== undefined) {
      // A program that has its own password proves nothing about who types the main one: were all
      // forgiven then, a phone that asks every minute would let somebody beside it guess for ever.
      if (found.name === 'main') {
        tally.succeeded(name, network);
        this.#lastWrong.delete(`${network} ${name}`);
      }
      household.noteUse(resident, found, context.address);
      this.#save(tally.unsaved ? failuresOnDiskWithin : usesOnDiskWithin);
      const { id, name: signedIn } = resident.record;
      return ok({ account: id, login: signedIn, password: found.name });
    }
    const { delay } = tally.judge(name, network, clock.now());
    if (!this.#isRepeated(`${network} ${name}`, mark)) tally.failed(name, network, clock.now());
    this.#save(failuresOnDiskWithin);
    this.#log(context).info('A sign-in failed', { login: name, address: context.address });
    if (delay > 0) await pause(clock, delay);
    return failed(wrong);
  }

  /** The same wrong password again teaches nobody anything: a phone with an old one does that. */
  #isRepeated(who: string, mark: string | undefined): boolean {
    if (mark === undefined) return false;
    const repeated = this.#lastWrong.get(who) === mark;
    this.#lastWrong.delete(who);
    this.#lastWrong.set(who, mark);
    dropOldest(this.#lastWrong, mostKnown);
    return repeated;
  }

  #locked(login: string, until: number, context: SignInContext): Result<never> {
    const minutes = Math.max(1, Math.ceil((until - this.#ports.clock.now()) / 60_000));
    const facts = { login: this.#nameOf(login), address: context.address };
    this.#log(context).info('A sign-in was refused: too many failed before', facts);
    const wait = minutes === 1 ? 'a minute' : `${minutes} minutes`;
    return failed(refusal('locked', `Too many wrong passwords; try again in ${wait}`));
  }

  #lockedUntil(login: string, context: SignInContext): number | undefined {
    const { tally, clock } = this.#ports;
    const name = this.#nameOf(login);
    return tally.judge(name, networkOf(context.address), clock.now()).lockedUntil;
  }

  /** The app passwords that open a locked door from here. */
  #trusted(resident: Resident | undefined, context: SignInContext): ResidentPassword[] {
    const network = networkOf(context.address);
    return (resident?.passwords ?? []).filter(
      ({ name, lastAddress }) =>
        name !== 'main' && lastAddress !== undefined && networkOf(lastAddress) === network,
    );
  }

  /** One name for all spellings of a login. */
  #nameOf(login: string): string {
    const resident = this.#ports.household.byLogin(login);
    return resident?.record.name ?? foldCase(login).slice(0, longestLogin);
  }

  #markOf(login: string, password: string): string {
    const text = JSON.stringify([this.#nameOf(login), password]);
    return createHmac('sha256', this.#knownKey).update(text).digest('base64');
  }

  #remember(mark: string, password: ResidentPassword): void {
    this.#known.delete(mark);
    this.#known.set(mark, password);
    dropOldest(this.#known, mostKnown);
  }

  /** Sees to it that what is new is on disk within this time. */
  #save(within: number): void {
    const { clock } = this.#ports;
    const at = clock.elapsed() + within;
    if (this.#alarm !== undefined && this.#alarm.at <= at) return;
    this.#alarm?.stop[Symbol.dispose]();
    this.#alarm = { at, stop: clock.after(within, () => void this.#write()) };
  }

  #log(context: SignInContext): Log {
    return this.#ports.log.of(context.protocol).for(context.session);
  }
}

const wrong = refusal('password', 'The name or the password is wrong');

function scramKeys({ name, keys }: ResidentPassword): ScramKeys[] {
  return keys === undefined ? [] : [{ password: name, ...keys }];
}

function sealedSecrets(resident: Resident | undefined): SealedSecret[] {
  if (resident === undefined) return [];
  const { salt } = resident.record;
  return resident.passwords.flatMap((password) => {
    const { name, secret } = password;
    return secret === undefined ? [] : [{ password, name, salt, sealed: secret }];
  });
}

/** "ann" -> "Ann's", as a person would write it. */
function possessive(name: string): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}'s`;
}

function dropOldest<V>(map: Map<string, V>, most: number): void {
  const [oldest] = map.keys();
  if (map.size > most && oldest !== undefined) map.delete(oldest);
}
