/*
 * One sign-in for everything that is one account at one provider. An uplink and a source belong
 * together when they have the same provider (or, with none, the same host) and the same user. They
 * have one secret, which one of them holds: the first, uplinks before sources, that has one it can
 * open. What is added later goes with it, a new one takes its place wherever it lies, and who holds
 * it hands it on before it goes. So a password is given once and never differs from itself, and the
 * tokens of an OAuth sign-in lie once.
 *
 * What each of them may be is the registries' to say (../uplinks/, ../sources/).
 */
import { failed, ok, type Refusal, type Result, refusal } from '#base/result';
import { Turns } from '#base/turns';
import { foldCase } from '../address.ts';
import type { AccountId } from '../ids.ts';
import type { Source, SourceChange, Sources } from '../sources/sources.ts';
import type { SourceRefusal, WantedSource } from '../sources/wanted.ts';
import type { StoreTrouble } from '../store/store.ts';
import type { Uplink, Uplinks } from '../uplinks/uplinks.ts';
import type { UplinkRefusal, WantedUplink } from '../uplinks/wanted.ts';
import type { SignInSecret } from './secrets.ts';
import { obstacleToSecret } from './server-checks.ts';
import { memberOf, type SignInKey, sourceKey, uplinkKey } from './sign-in-key.ts';

/** What is asked of both registries. */
type Asked =
  | 'list'
  | 'byId'
  | 'byName'
  | 'secretOf'
  | 'setSecret'
  | 'dropSecret'
  | 'renewTokens'
  | 'add'
  | 'remove';

export interface SignInRegistries {
  readonly uplinks: Pick<Uplinks, Asked>;
  readonly sources: Pick<Sources, Asked | 'forget' | 'change' | 'clearStop'>;
}

/** By what accounts at providers are told apart. */
export interface ProviderAccount {
  readonly provider: string;
  readonly host: string;
  readonly user?: string;
}

type Place = Pick<Uplink | Source, 'name' | 'provider' | 'host' | 'security' | 'user'>;
type Held = SignInSecret | 'none' | 'unreadable';
type Change<T = void> = Promise<Result<T, UplinkRefusal | SourceRefusal | StoreTrouble | Refusal>>;

export class HouseholdSignIns {
  readonly #uplinks: SignInRegistries['uplinks'];
  readonly #sources: SignInRegistries['sources'];
  /** So that what is held is held once. */
  readonly #changes = new Turns();

  constructor({ uplinks, sources }: SignInRegistries) {
    this.#uplinks = uplinks;
    this.#sources = sources;
  }

  /** All that sign in with the same secret, this one included; the first of them first. */
  members(key: SignInKey): readonly SignInKey[] {
    const place = this.#placeOf(key);
    if (place === undefined) return [];
    return mayHaveSecret(place) ? this.#membersOf(place) : [key];
  }

  /** Who holds the secret of this one: itself, when nobody does. */
  holder(key: SignInKey): SignInKey {
    return this.#holderAmong(this.members(key)) ?? key;
  }

  /** What it signs in with. 'none': nobody has given any. 'unreadable': another box sealed it. */
  secretOf(key: SignInKey): Held {
    const place = this.#placeOf(key);
    // One that talks in the clear never uses what another holds.
    if (place === undefined || !mayHaveSecret(place)) return 'none';
    const holder = this.#holderAmong(this.#membersOf(place));
    if (holder !== undefined) return this.#ownSecret(holder);
    const unreadable = this.members(key).some((one) => this.#ownSecret(one) === 'unreadable');
    return unreadable ? 'unreadable' : 'none';
  }

  /** Would one that is added with these have a secret already? */
  knows(account: ProviderAccount): boolean {
    return this.#holderAmong(this.#membersOf(account)) !== undefined;
  }

  /** Everybody who holds the tokens of a sign-in. */
  withTokens(): readonly SignInKey[] {
    const holders = new Set(this.#keys().map((key) => this.holder(key)));
    return [...holders].filter((key) => tokensIn(this.#ownSecret(key)) !== undefined);
  }

  /** In place of the one that is held, wherever that lies. */
  setSecret(key: SignInKey, secret: SignInSecret): Change {
    return this.#changes.take(() => this.#set(key, secret));
  }

  /** Other tokens for the same sign-in, in place of `before`, whoever holds them by now; false when
   * something else stands there. */
  renewTokens(
    key: SignInKey,
    before: string,
    tokens: string,
  ): Promise<Result<boolean, StoreTrouble>> {
    return this.#changes.take(async () => {
      const holds = (one: SignInKey) => tokensIn(this.#ownSecret(one)) === before;
      // Who held them may have been removed meanwhile, and handed them on.
      const holder = [this.holder(key), ...this.#keys()].find(holds);
      if (holder === undefined) return ok(false);
      const member = memberOf(holder);
      return 'uplink' in member
        ? this.#uplinks.renewTokens(member.uplink, before, tokens)
        : this.#sources.renewTokens(member.source, before, tokens);
    });
  }

  addUplink(wanted: WantedUplink): Change<Uplink> {
    return this.#changes.take(async () => {
      const { password, ...rest } = wanted;
      if (!this.knows(wanted)) return this.#uplinks.add(wanted);
      const { needs, ...without } = rest;
      const added = await this.#uplinks.add(
        needs === undefined ? rest : { ...without, needs: 'user' },
      );
      if (!added.ok || password === undefined) return added;
      const set = await this.#set(uplinkKey(added.value.id), { password });
      if (set.ok) return added;
      await this.#uplinks.remove(added.value.name);
      return set;
    });
  }

  addSource(wanted: WantedSource): Change<Source> {
    return this.#changes.take(async () => {
      const { password, ...rest } = wanted;
      if (password === undefined || !this.knows(wanted)) return this.#sources.add(wanted);
      const added = await this.#sources.add(rest);
      if (!added.ok) return added;
      const set = await this.#set(sourceKey(added.value.id), { password });
      if (set.ok) return added;
      await this.#sources.remove(added.value.name);
      return set;
    });
  }

  /** A user's password goes with it wherever it moves, and stays with those it leaves; tokens are
   * good at their provider only, and stay there. */
  changeSource(name: string, changes: SourceChange): Change<Source> {
    return this.#changes.take(async () => {
      const source = this.#sources.byName(name);
      if (source === undefined) return this.#sources.change(name, changes);
      const key = sourceKey(source.id);
      const { password, ...rest } = changes;
      const next = { ...placeOfSource(source), ...definedPlace(rest) };
      const secret = this.secretOf(key);
      const left = this.members(key).find((one) => {
        const place = this.#placeOf(one);
        return one !== key && place !== undefined && !isSameAccount(place, next);
      });
      if (left !== undefined && typeof secret !== 'string' && this.holder(key) === key) {
        // Before the change, so that no power cut loses it.
        const handed = await this.#setOwn(left, secret);
        if (!handed.ok) return handed;
        if ('tokens' in secret) await this.#sources.dropSecret(source.id);
      }
      const changed = await this.#sources.change(name, rest);
      if (!changed.ok) return changed;
      const isLost = this.secretOf(key) === 'none' && typeof secret === 'object';
      // As another user, another's password is of no use.
      const isSameUser = foldCase(rest.user ?? source.user) === foldCase(source.user);
      const kept = isLost && isSameUser && 'password' in secret ? secret : undefined;
      const given = password === undefined ? kept : { password };
      if (given === undefined) return changed;
      const set = await this.#set(key, given);
      return set.ok ? changed : set;
    });
  }

  removeUplink(name: string): Change {
    return this.#changes.take(async () => {
      const uplink = this.#uplinks.byName(name);
      const handed = uplink && (await this.#handOn(uplinkKey(uplink.id)));
      return handed?.ok === false ? handed : this.#uplinks.remove(name);
    });
  }

  /** `forget`: what came from it, too; then it may be one that was removed before. */
  removeSource(name: string, forget = false): Change {
    return this.#changes.take(async () => {
      const source = this.#sources.byName(name);
      const handed = source && (await this.#handOn(sourceKey(source.id)));
      if (handed?.ok === false) return handed;
      return forget ? this.#sources.forget(name) : this.#sources.remove(name);
    });
  }

  /** Its sources go with the account; what they hold for others is kept. */
  accountGoes(account: AccountId): Change {
    return this.#changes.take(async () => {
      for (const source of this.#sources.list()) {
        if (source.account !== account) continue;
        const handed = await this.#handOn(sourceKey(source.id), account);
        if (!handed.ok) return handed;
      }
      return ok(undefined);
    });
  }

  /** Another one holds it from now on, when this one does and there is another. */
  async #handOn(key: SignInKey, leaving?: AccountId): Change {
    const secret = this.#ownSecret(key);
    const heir = this.members(key).find((one) => one !== key && this.#stays(one, leaving));
    if (typeof secret === 'string' || heir === undefined || this.holder(key) !== key) {
      return ok(undefined);
    }
    return this.#setOwn(heir, secret);
  }

  #stays(key: SignInKey, leaving: AccountId | undefined): boolean {
    const member = memberOf(key);
    return 'uplink' in member || this.#sources.byId(member.source)?.account !== leaving;
  }

  async #set(key: SignInKey, secret: SignInSecret): Change {
    const members = this.members(key);
    const holder = this.#holderAmong(members) ?? key;
    const set = await this.#setOwn(holder, secret);
    if (!set.ok) return set;
    for (const one of members) {
      const member = memberOf(one);
      if (one !== holder && this.#ownSecret(one) !== 'none') {
        if ('uplink' in member) await this.#uplinks.dropSecret(member.uplink);
        else await this.#sources.dropSecret(member.source);
      }
      if ('source' in member) await this.#sources.clearStop(member.source);
    }
    return set;
  }

  async #setOwn(key: SignInKey, secret: SignInSecret): Change {
    const member = memberOf(key);
    const name = this.#placeOf(key)?.name;
    if (name === undefined) {
      return failed(refusal('unknown', 'It was removed while somebody signed in for it'));
    }
    return 'uplink' in member
      ? this.#uplinks.setSecret(name, secret)
      : this.#sources.setSecret(name, secret);
  }

  #ownSecret(key: SignInKey): Held {
    const member = memberOf(key);
    return 'uplink' in member
      ? this.#uplinks.secretOf(member.uplink)
      : this.#sources.secretOf(member.source);
  }

  #placeOf(key: SignInKey): Place | undefined {
    const member = memberOf(key);
    return 'uplink' in member
      ? this.#uplinks.byId(member.uplink)
      : this.#sources.byId(member.source);
  }

  #membersOf(account: ProviderAccount): SignInKey[] {
    return this.#keys().filter((key) => {
      const place = this.#placeOf(key);
      return place !== undefined && mayHaveSecret(place) && isSameAccount(place, account);
    });
  }

  #holderAmong(members: readonly SignInKey[]): SignInKey | undefined {
    return members.find((one) => typeof this.#ownSecret(one) === 'object');
  }

  /** Uplinks first, each kind in the order in which they were added. */
  #keys(): SignInKey[] {
    const oldest = (one: { readonly id: number }, other: { readonly id: number }) =>
      one.id - other.id;
    return [
      ...this.#uplinks
        .list()
        .sort(oldest)
        .map(({ id }) => uplinkKey(id)),
      ...this.#sources
        .list()
        .sort(oldest)
        .map(({ id }) => sourceKey(id)),
    ];
  }
}

function isSameAccount(one: ProviderAccount, other: ProviderAccount): boolean {
  if (one.user === undefined || other.user === undefined) return false;
  if (foldCase(one.user) !== foldCase(other.user) || one.provider !== other.provider) return false;
  return one.provider !== '' || foldCase(one.host) === foldCase(other.host);
}

/** The registries refuse a secret for such a place; so it is not to have another's either. */
function mayHaveSecret(place: Place): boolean {
  if (place.user === undefined) return false;
  return obstacleToSecret('uplink', place, 'any') === undefined;
}

function tokensIn(held: Held): string | undefined {
  return typeof held === 'object' && 'tokens' in held ? held.tokens : undefined;
}

function placeOfSource({ provider, host, user }: Source): ProviderAccount {
  return { provider, host, user };
}

function definedPlace({ provider, host, user }: SourceChange): Partial<ProviderAccount> {
  return {
    ...(provider === undefined ? {} : { provider }),
    ...(host === undefined ? {} : { host }),
    ...(user === undefined ? {} : { user }),
  };
}
