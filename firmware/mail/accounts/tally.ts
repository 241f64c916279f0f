/*
 * The count of failed sign-ins, per login and address and per address, in bounded memory. What it
 * means is decided in failed-sign-ins.ts. It is written down now and then, so that a lock survives
 * a restart; what a hostile network adds makes the table no bigger than its bound.
 */
import type { Result } from '#base/result';
import type { StoreTrouble } from '../store/store.ts';
import { addFailure, type Decision, isForgotten, judge, type Tries } from './failed-sign-ins.ts';

/** Failures of a login from an address; of an address whatever the login, when `login` is ''. */
export interface FailedSignIn extends Tries {
  readonly login: string;
  readonly address: string;
}

/** Which count it is. */
export type Who = Pick<FailedSignIn, 'login' | 'address'>;

/** Where the count is kept. Adapters: SqliteFailedSignIns, MemoryFailedSignIns. */
export interface FailedSignInRecords {
  load(): Promise<FailedSignIn[]>;
  save(changed: readonly FailedSignIn[], gone: readonly Who[]): Promise<Result<void, StoreTrouble>>;
}

/** Entries in all. One takes about 200 octets. */
const mostEntries = 2048;

export class Tally {
  readonly #records: FailedSignInRecords;
  /** Oldest change first. */
  readonly #entries = new Map<string, FailedSignIn>();
  /** What is not on disk yet. */
  #changed = new Map<string, Who>();

  constructor(records: FailedSignInRecords) {
    this.#records = records;
  }

  async start(): Promise<void> {
    const kept = (await this.#records.load()).sort((one, two) => one.last - two.last);
    for (const entry of kept) this.#entries.set(keyOf(entry), entry);
    for (const entry of kept.slice(0, -mostEntries)) this.#delete(entry);
  }

  judge(login: string, address: string, now: number): Decision {
    const pair = this.#entries.get(keyOf({ login, address }));
    return judge(pair, this.#entries.get(keyOf({ login: '', address })), now);
  }

  failed(login: string, address: string, now: number): void {
    for (const who of [
      { login, address },
      { login: '', address },
    ]) {
      this.#set({ ...who, ...addFailure(this.#entries.get(keyOf(who)), now) });
    }
    while (this.#entries.size > mostEntries) this.#makeRoom(now);
  }

  /** The right password came: whoever sits there is at home. */
  succeeded(login: string, address: string): void {
    this.#delete({ login, address });
  }

  /** Forgets all failures of a login; how many addresses they came from. */
  lift(login: string): number {
    const own = [...this.#entries.values()].filter((entry) => entry.login === login);
    for (const entry of own) this.#delete(entry);
    return own.length;
  }

  /** What is still remembered, the latest last. */
  remembered(now: number): FailedSignIn[] {
    return [...this.#entries.values()].filter((entry) => !isForgotten(entry, now));
  }

  get unsaved(): boolean {
    return this.#changed.size > 0;
  }

  /** When it fails, what is still counted waits for the next time. (What is not is forgotten after
   * a restart, too, because it is old.) */
  async save(now: number): Promise<void> {
    for (const entry of [...this.#entries.values()]) {
      if (isForgotten(entry, now)) this.#delete(entry);
    }
    const changed = this.#changed;
    if (changed.size === 0) return;
    this.#changed = new Map();
    const kept: FailedSignIn[] = [];
    const gone: Who[] = [];
    for (const [key, who] of changed) {
      const entry = this.#entries.get(key);
      if (entry === undefined) gone.push(who);
      else kept.push(entry);
    }
    const saved = await this.#records.save(kept, gone);
    if (!saved.ok) for (const entry of kept) this.#changed.set(keyOf(entry), entry);
  }

  /** The oldest goes; locked ones stay as long as others can go, or a flood would lift locks. */
  #makeRoom(now: number): void {
    const entries = [...this.#entries.values()];
    const free = ({ login, address }: FailedSignIn) =>
      login === '' || this.judge(login, address, now).lockedUntil === undefined;
    const victim = entries.find(free) ?? entries[0];
    if (victim !== undefined) this.#delete(victim);
  }

  #set(entry: FailedSignIn): void {
    const key = keyOf(entry);
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    this.#changed.set(key, entry);
  }

  #delete(who: Who): void {
    const key = keyOf(who);
    if (this.#entries.delete(key)) this.#changed.set(key, who);
  }
}

function keyOf({ login, address }: Who): string {
  return `${address} ${login}`;
}
