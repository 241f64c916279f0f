/*
 * The household's sources: outside mailboxes, each collected for one account. All of them are in
 * memory, for a house has few; a change is on disk before it shows here, and changes run one after
 * the other.
 *
 * A source that is removed is remembered: added again under its name for the same account it is the
 * same one, so that what was collected from it is known. It is forgotten when somebody wants that, or
 * when its name goes to another, for then it could never come back. Whether a source can be reached,
 * and when it is looked into, is not known here: see collector/. Who wants to know of changes watches.
 */
import type { Clock } from '#base/clock';
import { failed, ok, type Result, refusal } from '#base/result';
import type { Seal } from '#base/seal';
import { Turns } from '#base/turns';
import { Watchers } from '#base/watchers';
import { noSuchAccount } from '../accounts/obstacles.ts';
import { foldCase } from '../address.ts';
import type { AccountId, SourceId } from '../ids.ts';
import { opened, type SecretUse, type SignInSecret, sealed } from '../sign-ins/secrets.ts';
import { obstacleToSecret } from '../sign-ins/server-checks.ts';
import type { StoreTrouble } from '../store/store.ts';
import type { SourceRecord, SourceRecords } from './records.ts';
import { checkSource, type SourceRefusal, type WantedSource } from './wanted.ts';

/** A source as it may be shown. */
export type Source = Omit<SourceRecord, 'secret' | 'removed'>;

/** What can be said anew of one. `ca` and `password`: undefined stays as it was. */
export type SourceChange = Partial<Omit<WantedSource, 'account'>>;

export interface SourcePorts {
  readonly records: SourceRecords;
  readonly seal: Seal;
  readonly clock: Clock;
  readonly accounts: SourceAccounts;
}

/** What is asked of the household. */
export interface SourceAccounts {
  /** By login. */
  idOf(login: string): AccountId | undefined;
  isThere(account: AccountId): boolean;
}

type Change<T = void> = Promise<Result<T, SourceRefusal | StoreTrouble>>;

export class Sources {
  readonly #ports: SourcePorts;
  /** The removed ones too. */
  readonly #sources = new Map<SourceId, SourceRecord>();
  readonly #watchers = new Watchers<[SourceId]>();
  readonly #changes = new Turns();

  constructor(ports: SourcePorts) {
    this.#ports = ports;
  }

  /** Loads all. Rejects when the database cannot be read. */
  async start(): Promise<void> {
    for (const record of await this.#ports.records.load()) this.#sources.set(record.id, record);
  }

  /** By name. */
  list(): Source[] {
    return this.#there()
      .sort((one, other) => (one.name < other.name ? -1 : 1))
      .map(shown);
  }

  /** Undefined when it was removed, or its account was. */
  byId(id: SourceId): Source | undefined {
    const record = this.#recordOf(id);
    return record && shown(record);
  }

  byName(name: string): Source | undefined {
    const record = this.#recordNamed(name);
    return record && shown(record);
  }

  /** 'none': nobody has given it one of its own. 'unreadable': another box sealed it. */
  secretOf(id: SourceId): SignInSecret | 'none' | 'unreadable' {
    const record = this.#recordOf(id);
    return record === undefined ? 'none' : opened(this.#ports.seal, useOf(record), record);
  }

  /** Calls `tell` after each change of a source, when it is on disk. */
  watch(tell: (source: SourceId) => void): Disposable {
    return this.#watchers.add(tell);
  }

  /** An account is gone, and the database has removed its sources with it. */
  forgetOrphans(): void {
    for (const { id, account } of this.#sources.values()) {
      if (this.#ports.accounts.isThere(account)) continue;
      this.#sources.delete(id);
      this.#watchers.tell(id);
    }
  }

  add(wanted: WantedSource): Change<Source> {
    return this.#changes.take(async () => {
      this.forgetOrphans();
      const account = this.#ports.accounts.idOf(wanted.account);
      if (account === undefined) return failed(noSuchAccount(wanted.account));
      const checked = checkSource(wanted, account, this.#there());
      if (!checked.ok) return checked;
      const { password } = wanted;
      const fresh = {
        ...checked.value,
        ...(password === undefined ? {} : this.#sealed(checked.value, { password })),
        ...{ addedAt: this.#ports.clock.now(), paused: wanted.paused === true, removed: false },
      };
      const former = this.#removedNamed(checked.value.name);
      if (former?.account === account) return this.#put({ ...fresh, id: former.id });
      const freed = await this.#forget(former);
      if (!freed.ok) return freed;
      const saved = await this.#ports.records.add(fresh);
      return saved.ok ? ok(this.#keep(saved.value)) : saved;
    });
  }

  /** Its account stays. It is tried again, whatever it was stopped for. */
  change(name: string, changes: SourceChange): Change<Source> {
    return this.#changeOf(name, async (record) => {
      const others = this.#there().filter(({ id }) => id !== record.id);
      const protocol = changes.protocol ?? record.protocol;
      const folders = protocol === record.protocol ? record.folders : [];
      const { provider, host, port, security, user, since, keep, every, ca } = record;
      const wanted = {
        ...{ name: record.name, account: '', provider, protocol, host, port, security, user },
        ...{ folders, since, keep, every },
        ...(ca === undefined ? {} : { ca }),
        ...said(changes),
      };
      const checked = checkSource(wanted, record.account, others);
      if (!checked.ok) return checked;
      const freed = await this.#forget(this.#removedNamed(checked.value.name));
      if (!freed.ok) return freed;
      const { password } = changes;
      const held = password === undefined ? this.secretOf(record.id) : { password };
      const { id, addedAt, paused, removed } = record;
      return this.#put({
        ...checked.value,
        ...(typeof held === 'string' ? {} : this.#sealed(checked.value, held)),
        ...{ id, addedAt, paused, removed },
      });
    });
  }

  pause(name: string): Change<Source> {
    return this.#changeOf(name, (record) => this.#put({ ...record, paused: true }));
  }

  /** It is tried again, whatever it was stopped for. */
  resume(name: string): Change<Source> {
    return this.#changeOf(name, (record) => this.#put({ ...going(record), paused: false }));
  }

  /** It waits for a person. Not when that is no longer so by the time its turn comes: somebody may
   * just have given another password. */
  stop(
    id: SourceId,
    stopped: NonNullable<SourceRecord['stopped']>,
    isStillSo = () => true,
  ): Change {
    return this.#changeById(id, (record) => (isStillSo() ? { ...record, stopped } : record));
  }

  /** A person has done something about it. */
  clearStop(id: SourceId): Change {
    return this.#changeById(id, (record) =>
      record.stopped === undefined ? record : going(record),
    );
  }

  /** What was collected stays, and is remembered; its secret is forgotten. */
  remove(name: string): Change {
    return this.#changeOf(name, async (record) => {
      const saved = await this.#put({ ...withoutSecret(going(record)), removed: true });
      return saved.ok ? ok(undefined) : saved;
    });
  }

  /** Also one that was removed before: added again, it is a new one, and brings everything anew. */
  forget(name: string): Change {
    return this.#changes.take(async () => {
      const record = this.#recordNamed(name) ?? this.#removedNamed(foldCase(name));
      return record === undefined ? failed(unknown(name)) : this.#forget(record);
    });
  }

  /** A removed one that is remembered. */
  remembers(name: string): boolean {
    return this.#removedNamed(foldCase(name)) !== undefined;
  }

  setSecret(name: string, secret: SignInSecret): Change {
    return this.#changeOf(name, async (record) => {
      // Tokens are no less a password than a password is.
      const text = 'password' in secret ? secret.password : 'tokens';
      const obstacle = obstacleToSecret('source', record, text);
      if (obstacle !== undefined) return failed(obstacle);
      const saved = await this.#put({ ...going(record), ...this.#sealed(record, secret) });
      return saved.ok ? ok(undefined) : saved;
    });
  }

  /** Forgets its secret: another keeps it now. */
  dropSecret(id: SourceId): Change {
    return this.#changeById(id, withoutSecret);
  }

  /**
   * Other tokens for the same sign-in, in place of `before`; false when something else stands there
   * by now.
   */
  renewTokens(
    id: SourceId,
    before: string,
    tokens: string,
  ): Promise<Result<boolean, StoreTrouble>> {
    return this.#changes.take(async () => {
      const [record, secret] = [this.#recordOf(id), this.secretOf(id)];
      if (record === undefined || typeof secret === 'string') return ok(false);
      if (!('tokens' in secret) || secret.tokens !== before) return ok(false);
      const renewed = { ...record, ...this.#sealed(record, { tokens }) };
      const saved = await this.#ports.records.put(renewed);
      if (!saved.ok) return saved;
      // No news to anybody: it is the same sign-in.
      this.#sources.set(id, renewed);
      return ok(true);
    });
  }

  #changeOf<T>(name: string, job: (record: SourceRecord) => Change<T>): Change<T> {
    return this.#changes.take(async () => {
      const record = this.#recordNamed(name);
      if (record !== undefined) return job(record);
      return failed(unknown(name));
    });
  }

  #changeById(id: SourceId, become: (record: SourceRecord) => SourceRecord): Change {
    return this.#changes.take(async () => {
      const record = this.#recordOf(id);
      if (record === undefined) return ok(undefined);
      const next = become(record);
      if (next === record) return ok(undefined);
      const saved = await this.#put(next);
      return saved.ok ? ok(undefined) : saved;
    });
  }

  async #put(record: SourceRecord): Promise<Result<Source, StoreTrouble>> {
    const saved = await this.#ports.records.put(record);
    return saved.ok ? ok(this.#keep(record)) : saved;
  }

  async #forget(record: SourceRecord | undefined): Promise<Result<void, StoreTrouble>> {
    if (record === undefined) return ok(undefined);
    const saved = await this.#ports.records.forget(record.id);
    if (!saved.ok) return saved;
    this.#sources.delete(record.id);
    this.#watchers.tell(record.id);
    return saved;
  }

  #keep(record: SourceRecord): Source {
    this.#sources.set(record.id, record);
    this.#watchers.tell(record.id);
    return shown(record);
  }

  #sealed(use: Omit<SecretUse, 'of'>, secret: SignInSecret) {
    return sealed(this.#ports.seal, useOf(use), secret);
  }

  #there(): SourceRecord[] {
    return [...this.#sources.values()].filter((record) => this.#isThere(record));
  }

  #isThere({ removed, account }: SourceRecord): boolean {
    return !removed && this.#ports.accounts.isThere(account);
  }

  #recordOf(id: SourceId): SourceRecord | undefined {
    const record = this.#sources.get(id);
    return record !== undefined && this.#isThere(record) ? record : undefined;
  }

  #recordNamed(name: string): SourceRecord | undefined {
    const folded = foldCase(name);
    return this.#there().find((record) => record.name === folded);
  }

  #removedNamed(name: string): SourceRecord | undefined {
    return [...this.#sources.values()].find((one) => one.removed && one.name === name);
  }
}

function unknown(name: string): SourceRefusal {
  return refusal('unknown', `There is no source ${name}; see: restante source list`);
}

function useOf(use: Omit<SecretUse, 'of'>): SecretUse {
  return { ...use, of: 'source' };
}

/** What is undefined was not said. */
function said(changes: SourceChange): SourceChange {
  const entries = Object.entries(changes).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries);
}

function going({ stopped: _stopped, ...record }: SourceRecord): SourceRecord {
  return record;
}

function withoutSecret(record: SourceRecord): SourceRecord {
  const { secret: _secret, secretKind: _kind, ...rest } = record;
  return rest;
}

function shown({ secret: _secret, removed: _removed, ...source }: SourceRecord): Source {
  return source;
}
