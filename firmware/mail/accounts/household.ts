/*
 * The household: its accounts with their addresses and passwords. All of it is in memory, for a
 * household is small; a change is on disk before it shows here, and changes run one after the
 * other. Whose an address is, is decided in routing.ts; who may come in, in doorkeeper.ts.
 */
import type { Clock } from '#base/clock';
import type { Random } from '#base/random';
import { failed, ok, type Result, refusal } from '#base/result';
import type { Seal } from '#base/seal';
import { Turns } from '#base/turns';
import { type Address, domainKey, foldCase, parseAddress } from '../address.ts';
import type { AccountId, MailboxId } from '../ids.ts';
import type { StoreTrouble } from '../store/store.ts';
import type { Directory, Identity, Route } from './accounts.ts';
import { addition, forwarding, naming, removal } from './address-changes.ts';
import { AddressRows, shownAddresses } from './address-rows.ts';
import { type Derivations, tooManyWaiting } from './derivations.ts';
import { inventPassword, openKeys, sealKeys } from './keys.ts';
import { checkAccountName, checkPasswordName, preparePassword } from './names.ts';
import { type HouseholdRefusal, noSuchAccount, obstacleToName } from './obstacles.ts';
import type {
  AccountRecord,
  AccountRecords,
  AddressChange,
  AddressKind,
  PasswordRecord,
  PasswordUse,
} from './records.ts';
import {
  type AccountView,
  findPassword,
  freshPassword,
  isRecoverable,
  type Kept,
  type Resident,
  type ResidentPassword,
  viewOf,
} from './residents.ts';
import {
  claim,
  type HouseholdSettings,
  ownersOf,
  ownLocal,
  type Picture,
  route,
} from './routing.ts';
import { sealSecret } from './secrets.ts';

type Change<T = void> = Promise<Result<T, HouseholdRefusal | StoreTrouble | typeof tooManyWaiting>>;

export interface HouseholdPorts {
  readonly records: AccountRecords;
  readonly derivations: Derivations;
  readonly seal: Seal;
  readonly random: Random;
  readonly clock: Clock;
}

const saltOctets = 16;
const mostPasswords = 64;

export class Household implements Directory {
  readonly #ports: HouseholdPorts;
  readonly #accounts = new Map<string, Resident>();
  readonly #rows = new AddressRows();
  #settings: HouseholdSettings;
  #picture: Picture;
  /** Uses of passwords that are not on disk yet, by account and password name. */
  #uses = new Map<string, PasswordUse>();
  readonly #changes = new Turns();

  constructor(ports: HouseholdPorts, settings: HouseholdSettings) {
    this.#ports = ports;
    this.#settings = settings;
    this.#picture = this.#draw();
  }

  /** Loads everybody. Rejects when the database cannot be read. */
  async start(): Promise<void> {
    const { accounts, passwords, addresses, forwards } = await this.#ports.records.load();
    for (const record of accounts) {
      const own = passwords.filter((password) => password.account === record.id);
      const opened = own.map((password) => this.#open(record, password));
      this.#accounts.set(record.name, { record, passwords: opened });
    }
    this.#rows.change({ add: addresses, forward: forwards });
  }

  /** Takes changed settings over at once. */
  useSettings(settings: HouseholdSettings): void {
    this.#settings = settings;
    this.#picture = this.#draw();
  }

  get settings(): HouseholdSettings {
    return this.#settings;
  }

  route(address: Address): Route {
    return route(this.#picture, address);
  }

  maySendAs(account: AccountId, address: Address): boolean {
    const found = claim(this.#picture, address);
    return found !== undefined && ownersOf(found).includes(account);
  }

  /** Everybody who may send as it. */
  ownersOf(text: string): readonly AccountId[] {
    const address = parseAddress(text);
    return address === undefined ? [] : (claim(this.#picture, address)?.accounts ?? []);
  }

  stillHas({ account, password }: Identity): boolean {
    return this.byId(account)?.passwords.some(({ name }) => name === password) ?? false;
  }

  inbox(account: AccountId): MailboxId | undefined {
    return this.byId(account)?.record.inbox;
  }

  homeAddress(account: AccountId): Address | undefined {
    const name = this.byId(account)?.record.name;
    const [domain] = this.#settings.domains;
    return name === undefined ? undefined : parseAddress(`${name}@${domain}`);
  }

  knownAs(account: AccountId): Address | undefined {
    const key = this.byId(account)?.record.knownAs;
    const rows = key === undefined ? [] : (this.#rows.addresses.get(key) ?? []);
    const row = rows.find((one) => one.account === account && one.kind === 'outside');
    return row && parseAddress(row.spelling);
  }

  ownLocal(account: AccountId): readonly string[] {
    const resident = this.byId(account);
    return resident === undefined ? [] : ownLocal(this.#picture, resident.record);
  }

  /** Who signs in by this login: an account's name, or an address that is one account's alone. */
  byLogin(login: string): Resident | undefined {
    const named = this.#accounts.get(foldCase(login));
    if (named !== undefined) return named;
    const address = parseAddress(login);
    const found = address && claim(this.#picture, address);
    const [owner, ...others] = found === undefined ? [] : ownersOf(found);
    return owner === undefined || others.length > 0 ? undefined : this.byId(owner);
  }

  /** The most recoverable passwords that one account has; 0 while nobody wants CRAM-MD5 or APOP. */
  get mostSecrets(): number {
    let most = 0;
    for (const { passwords } of this.#accounts.values()) {
      most = Math.max(most, passwords.filter(isRecoverable).length);
    }
    return most;
  }

  byId(account: AccountId): Resident | undefined {
    return [...this.#accounts.values()].find(({ record }) => record.id === account);
  }

  list(): AccountView[] {
    return [...this.#accounts.values()].map(({ record, passwords }) => ({
      id: record.id,
      name: record.name,
      created: record.created,
      addresses: shownAddresses(this.#picture, record, this.#settings.domains),
      passwords: passwords.map(viewOf),
    }));
  }

  /** `recoverable`: keep the password itself, too, so that CRAM-MD5 and APOP work with it. */
  addAccount(name: string, password: string, recoverable = false): Change<AccountView> {
    return this.#changes.take(async () => {
      const checked = checkAccountName(name);
      if (!checked.ok) return checked;
      const obstacle = obstacleToName(this.#picture, checked.value);
      if (obstacle !== undefined) return failed(obstacle);
      const salt = this.#ports.random.octets(saltOctets);
      const { rounds } = this.#settings;
      const kept = await this.#keep('main', password, { salt, rounds }, recoverable);
      if (!kept.ok) return kept;
      const created = this.#ports.clock.now();
      const account = { name: checked.value, salt, rounds, created, ...kept.value.written };
      const saved = await this.#ports.records.addAccount(account);
      if (!saved.ok) return saved;
      const main = freshPassword('main', kept.value, created);
      this.#accounts.set(checked.value, { record: saved.value, passwords: [main] });
      return ok(this.#view(checked.value));
    });
  }

  /** Its mail goes, too. */
  removeAccount(name: string): Change {
    return this.#changeOf(name, async ({ record }) => {
      const saved = await this.#ports.records.removeAccount(record.id);
      if (!saved.ok) return saved;
      this.#accounts.delete(record.name);
      this.#rows.forget(record.id);
      return saved;
    });
  }

  /** Changes the account's own password. Its app passwords stay. */
  setPassword(name: string, password: string, recoverable = false): Change {
    return this.#changeOf(name, async (resident) => {
      const kept = await this.#keep('main', password, resident.record, recoverable);
      return kept.ok ? this.#put(resident, 'main', kept.value) : kept;
    });
  }

  /** Makes an app password. It is shown this once, also when it is recoverable. */
  addPassword(
    name: string,
    passwordName: string,
    recoverable = false,
  ): Change<{ readonly password: string }> {
    return this.#changeOf(name, async (resident) => {
      const checked = checkPasswordName(passwordName);
      if (!checked.ok) return checked;
      if (findPassword(resident, checked.value) !== undefined) {
        const say = `${resident.record.name} has a password called "${checked.value}" already`;
        return failed(refusal('taken', `${say}; revoke it first or choose another name`));
      }
      if (resident.passwords.length >= mostPasswords) {
        return failed(refusal('taken', `An account has at most ${mostPasswords} passwords`));
      }
      const password = inventPassword(this.#ports.random);
      const kept = await this.#keep(checked.value, password, resident.record, recoverable);
      if (!kept.ok) return kept;
      const put = await this.#put(resident, checked.value, kept.value);
      return put.ok ? ok({ password }) : put;
    });
  }

  revokePassword(name: string, passwordName: string): Change {
    return this.#changeOf(name, async ({ record, passwords }) => {
      if (foldCase(passwordName) === 'main') {
        const say = 'The main password can be changed, not revoked';
        return failed(refusal('bad-name', say));
      }
      const found = findPassword({ passwords }, passwordName);
      if (found === undefined) {
        const say = `${record.name} has no password called "${passwordName}"`;
        return failed(refusal('unknown', say));
      }
      const saved = await this.#ports.records.removePassword(record.id, found.name);
      if (!saved.ok) return saved;
      const left = passwords.filter((password) => password !== found);
      this.#accounts.set(record.name, { record, passwords: left });
      return saved;
    });
  }

  /** `knownAs`: the account is known by this outside address. */
  addAddress(name: string, text: string, kind: AddressKind, knownAs = false): Change {
    return this.#changeOf(name, ({ record }) =>
      this.#changeAddresses(addition(this.#picture, record, text, kind, knownAs)),
    );
  }

  /** Mail to this address of the house is sent to `target`, too, in the account's name. */
  addForward(name: string, text: string, target: string): Change {
    return this.#changeOf(name, ({ record }) =>
      this.#changeAddresses(forwarding(this.#picture, record, text, target)),
    );
  }

  /** The outside address the account is known by; undefined: none. */
  setKnownAs(name: string, text: string | undefined): Change {
    return this.#changeOf(name, ({ record }) =>
      this.#changeAddresses(naming(this.#picture, record, text)),
    );
  }

  /** Takes an address away from one account, or from every account that has it, and what they
   * forward from it; with a `target`, only the forwarding to that. */
  removeAddress(text: string, name?: string, target?: string): Change {
    const take = async ({ record }: Partial<Resident>) =>
      this.#changeAddresses(removal(this.#picture, record, text, target));
    return name === undefined ? this.#changes.take(() => take({})) : this.#changeOf(name, take);
  }

  async #changeAddresses(decided: Result<AddressChange, HouseholdRefusal>): Change {
    if (!decided.ok) return decided;
    const saved = await this.#ports.records.changeAddresses(decided.value);
    if (!saved.ok) return saved;
    this.#rows.change(decided.value);
    for (const { account, key } of decided.value.knownAs ?? []) {
      const resident = this.byId(account);
      if (resident === undefined) continue;
      const { knownAs: _before, ...rest } = resident.record;
      const record = key === undefined ? rest : { ...rest, knownAs: key };
      this.#accounts.set(record.name, { ...resident, record });
    }
    return saved;
  }

  /** A password was right. On disk with the next `saveUses`, at no fsync of its own. */
  noteUse({ record }: Resident, password: ResidentPassword, address: string): void {
    const at = this.#ports.clock.now();
    password.lastUsed = at;
    password.lastAddress = address;
    const use = { account: record.id, name: password.name, at, address };
    this.#uses.set(`${record.id} ${password.name}`, use);
  }

  /** When it fails, the uses wait for the next time. */
  async saveUses(): Promise<void> {
    const uses = this.#uses;
    if (uses.size === 0) return;
    this.#uses = new Map();
    const saved = await this.#ports.records.noteUses([...uses.values()]);
    if (!saved.ok) this.#uses = new Map([...uses, ...this.#uses]);
  }

  #changeOf<T>(name: string, job: (resident: Resident) => Change<T>): Change<T> {
    return this.#changes.take(async () => {
      const resident = this.#accounts.get(foldCase(name));
      return resident === undefined ? failed(noSuchAccount(name)) : job(resident);
    });
  }

  /** Makes what is kept of a password. */
  async #keep(
    name: string,
    password: string,
    { salt, rounds }: Pick<AccountRecord, 'salt' | 'rounds'>,
    recoverable: boolean,
  ): Change<Kept> {
    const prepared = preparePassword(password);
    if (!prepared.ok) return prepared;
    const { derivations, seal } = this.#ports;
    const keys = await derivations.keys(prepared.value, salt, rounds, 'the box itself');
    if (keys === undefined) return failed(tooManyWaiting);
    const sealed = sealKeys(seal, salt, name, keys);
    if (!recoverable) return ok({ keys, written: { sealed } });
    return ok({ keys, written: { sealed, secret: sealSecret(seal, salt, name, prepared.value) } });
  }

  async #put({ record, passwords }: Resident, name: string, kept: Kept): Change {
    const created = this.#ports.clock.now();
    const password = { account: record.id, name, ...kept.written, created };
    const saved = await this.#ports.records.putPassword(password);
    if (!saved.ok) return saved;
    const others = passwords.filter((password) => password.name !== name);
    const all = [...others, freshPassword(name, kept, created)];
    this.#accounts.set(record.name, { record, passwords: all });
    return saved;
  }

  #open(record: AccountRecord, password: PasswordRecord): ResidentPassword {
    const { name, sealed, secret, created, lastUsed, lastAddress } = password;
    const keys = openKeys(this.#ports.seal, record.salt, name, sealed);
    return { name, keys, secret, created, lastUsed, lastAddress };
  }

  #draw(): Picture {
    return {
      domains: this.#settings.domains.map(domainKey),
      catchAll: foldCase(this.#settings.catchAll),
      accounts: this.#accounts,
      addresses: this.#rows.addresses,
      forwards: this.#rows.forwards,
    };
  }

  #view(name: string): AccountView {
    const view = this.list().find((one) => one.name === name);
    if (view === undefined) throw new Error(`${name} was added and is not there`);
    return view;
  }
}
