/*
 * The household's ways out: accounts at providers, and relays. All of them are in memory, for a
 * house has few; a change is on disk before it shows here, and changes run one after the other.
 *
 * Who sends by which is decided by the sender's address. Whether an uplink can be reached, and what
 * waits for it, is not known here: see uplink/ and queue/. Whoever changes something tells the
 * dispatcher, which gives waiting mail to another uplink.
 */
import { failed, ok, type Result, refusal } from '#base/result';
import type { Seal } from '#base/seal';
import { Turns } from '#base/turns';
import { addressKey, foldCase, parseAddress, withoutDetail } from '../address.ts';
import type { UplinkId } from '../ids.ts';
import { opened, type SecretUse, type SignInSecret, sealed } from '../sign-ins/secrets.ts';
import { obstacleToSecret } from '../sign-ins/server-checks.ts';
import type { StoreTrouble } from '../store/store.ts';
import type { UplinkDirectory } from './directory.ts';
import type { UplinkRecord, UplinkRecords } from './records.ts';
import { checkUplink, senderKey, type UplinkRefusal, type WantedUplink } from './wanted.ts';

/** An uplink as it may be shown. */
export type Uplink = Omit<UplinkRecord, 'secret'>;

export interface UplinkPorts {
  readonly records: UplinkRecords;
  readonly seal: Seal;
}

type Change<T = void> = Promise<Result<T, UplinkRefusal | StoreTrouble>>;

export class Uplinks implements UplinkDirectory {
  readonly #ports: UplinkPorts;
  readonly #uplinks = new Map<UplinkId, UplinkRecord>();
  /** Who is served by which, by `addressKey`. */
  readonly #served = new Map<string, UplinkId>();
  readonly #changes = new Turns();

  constructor(ports: UplinkPorts) {
    this.#ports = ports;
  }

  /** Loads all. Rejects when the database cannot be read. */
  async start(): Promise<void> {
    for (const record of await this.#ports.records.load()) this.#keep(record);
  }

  serving(via: string): UplinkId | undefined {
    return this.#served.get(via) ?? this.#served.get(keyWithoutDetail(via)) ?? this.#default()?.id;
  }

  nameOf(uplink: UplinkId): string | undefined {
    return this.#uplinks.get(uplink)?.name;
  }

  /** By name. */
  list(): Uplink[] {
    const records = [...this.#uplinks.values()];
    return records.sort((one, other) => (one.name < other.name ? -1 : 1)).map(shown);
  }

  byId(id: UplinkId): Uplink | undefined {
    const record = this.#uplinks.get(id);
    return record && shown(record);
  }

  byName(name: string): Uplink | undefined {
    const record = this.#recordOf(name);
    return record && shown(record);
  }

  /** 'none': nobody has given one, or none is wanted. 'unreadable': another box sealed it. */
  secretOf(id: UplinkId): SignInSecret | 'none' | 'unreadable' {
    const record = this.#uplinks.get(id);
    if (record === undefined) return 'none';
    return opened(this.#ports.seal, { ...record, of: 'uplink' }, record);
  }

  add(wanted: WantedUplink): Change<Uplink> {
    return this.#changes.take(async () => {
      const checked = checkUplink(wanted, [...this.#uplinks.values()]);
      if (!checked.ok) return checked;
      const { password } = wanted;
      const secret = password === undefined ? {} : this.#sealed(checked.value, { password });
      const saved = await this.#ports.records.add({ ...checked.value, ...secret });
      if (!saved.ok) return saved;
      const before = saved.value.isDefault ? this.#default() : undefined;
      if (before !== undefined) this.#keep({ ...before, isDefault: false });
      this.#keep(saved.value);
      return ok(shown(saved.value));
    });
  }

  /** Mail that waits for it stays in the queue. */
  remove(name: string): Change {
    return this.#changeOf(name, async (record) => {
      const saved = await this.#ports.records.remove(record.id);
      if (!saved.ok) return saved;
      this.#uplinks.delete(record.id);
      for (const text of record.addresses) this.#served.delete(senderKey(text));
      return saved;
    });
  }

  /** Forgets its secret: another keeps it now. */
  dropSecret(id: UplinkId): Promise<Result<void, StoreTrouble>> {
    return this.#changes.take(async () => {
      const record = this.#uplinks.get(id);
      if (record === undefined) return ok(undefined);
      const { secret: _secret, secretKind: _kind, ...rest } = record;
      return this.#put(rest);
    });
  }

  setSecret(name: string, secret: SignInSecret): Change {
    return this.#changeOf(name, async (record) => {
      if (record.user === undefined) {
        const say = `The uplink ${record.name} signs in as nobody, so a password is no use to it`;
        return failed(refusal('bad-user', `${say}; remove it and add it with --user`));
      }
      // Tokens are no less a password than a password is.
      const text = 'password' in secret ? secret.password : 'tokens';
      const obstacle = obstacleToSecret('uplink', record, text);
      if (obstacle !== undefined) return failed(obstacle);
      return this.#put({ ...record, ...this.#sealed(record, secret) });
    });
  }

  /**
   * Other tokens for the same sign-in, in place of `before`; false when something else stands there
   * by now.
   */
  renewTokens(
    id: UplinkId,
    before: string,
    tokens: string,
  ): Promise<Result<boolean, StoreTrouble>> {
    return this.#changes.take(async () => {
      const [record, secret] = [this.#uplinks.get(id), this.secretOf(id)];
      if (record === undefined || typeof secret === 'string') return ok(false);
      if (!('tokens' in secret) || secret.tokens !== before) return ok(false);
      const saved = await this.#put({ ...record, ...this.#sealed(record, { tokens }) });
      return saved.ok ? ok(true) : saved;
    });
  }

  /** Until when (wall clock) its provider wants nothing more; undefined: it takes mail again. */
  setQuota(id: UplinkId, quota: UplinkRecord['quota']): Promise<Result<void, StoreTrouble>> {
    return this.#changes.take(async () => {
      const record = this.#uplinks.get(id);
      if (record === undefined) return ok(undefined);
      const { quota: _before, ...rest } = record;
      return this.#put(quota === undefined ? rest : { ...rest, quota });
    });
  }

  #changeOf<T>(name: string, job: (record: UplinkRecord) => Change<T>): Change<T> {
    return this.#changes.take(async () => {
      const record = this.#recordOf(name);
      if (record !== undefined) return job(record);
      return failed(refusal('unknown', `There is no uplink ${name}`));
    });
  }

  async #put(record: UplinkRecord): Promise<Result<void, StoreTrouble>> {
    const saved = await this.#ports.records.put(record);
    if (saved.ok) this.#keep(record);
    return saved;
  }

  #sealed(use: Omit<SecretUse, 'of'>, secret: SignInSecret) {
    return sealed(this.#ports.seal, { ...use, of: 'uplink' }, secret);
  }

  #keep(record: UplinkRecord): void {
    this.#uplinks.set(record.id, record);
    for (const text of record.addresses) this.#served.set(senderKey(text), record.id);
  }

  #recordOf(name: string): UplinkRecord | undefined {
    const folded = foldCase(name);
    return [...this.#uplinks.values()].find((record) => record.name === folded);
  }

  #default(): UplinkRecord | undefined {
    return [...this.#uplinks.values()].find(({ isDefault }) => isDefault);
  }
}

/** RFC 5233 §4: mail of ann+list@ goes the way of ann@. */
function keyWithoutDetail(via: string): string {
  const address = parseAddress(via);
  return address === undefined ? via : addressKey(withoutDetail(address));
}

function shown({ secret: _secret, ...uplink }: UplinkRecord): Uplink {
  return uplink;
}
