/*
 * Join links: the address of somebody's own help page, which whoever has it may open without a
 * sign-in, because it stands in a QR code. Each is 128 bits of a hash that only this box can make
 * (RFC 2104), so it cannot be guessed; a link that went astray is renewed, and the old one is
 * nobody's. Nothing is kept but how often that was done.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { failed, ok, type Result } from '#base/result';
import type { AccountId } from '../ids.ts';
import type { StoreTrouble } from '../store/store.ts';
import { type HouseholdRefusal, noSuchAccount } from './obstacles.ts';

/** Where the numbers of renewals are kept. */
export interface JoinRecords {
  load(): Promise<ReadonlyMap<AccountId, number>>;
  /** One more; on disk when it resolves. How often it was now. */
  renew(account: AccountId): Promise<Result<number, StoreTrouble>>;
}

/** An account, as far as its link is made of it. A restored box may give an id again. */
interface Owner {
  readonly id: AccountId;
  readonly name: string;
  readonly created: number;
}

export interface JoinPorts {
  readonly records: JoinRecords;
  readonly accounts: () => readonly Owner[];
  /** Whose login this is, in whatever case, or whose address. */
  readonly byLogin: (login: string) => Owner | undefined;
  /** 32 octets that only this box has. */
  readonly key: Uint8Array;
}

const tokenOctets = 16;

export class JoinLinks {
  readonly #ports: JoinPorts;
  readonly #renewals = new Map<AccountId, number>();

  constructor(ports: JoinPorts) {
    this.#ports = ports;
  }

  async start(): Promise<void> {
    for (const [account, renewals] of await this.#ports.records.load()) {
      this.#renewals.set(account, renewals);
    }
  }

  /** In base64url (RFC 4648 §5). */
  tokenOf(name: string): Result<string, HouseholdRefusal> {
    const owner = this.#ports.byLogin(name);
    return owner === undefined
      ? failed(noSuchAccount(name))
      : ok(this.#token(owner).toString('base64url'));
  }

  /** Another link; the one before leads nowhere from now on. */
  async renew(name: string): Promise<Result<string, HouseholdRefusal | StoreTrouble>> {
    const owner = this.#ports.byLogin(name);
    if (owner === undefined) return failed(noSuchAccount(name));
    const renewed = await this.#ports.records.renew(owner.id);
    if (!renewed.ok) return renewed;
    this.#renewals.set(owner.id, renewed.value);
    return this.tokenOf(name);
  }

  /** Whose link this is, by name. */
  accountOf(token: string): string | undefined {
    if (!/^[\w-]{22}$/.test(token)) return undefined;
    const given = Buffer.from(token, 'base64url');
    const all = this.#ports.accounts();
    // All are compared, and each in the same time.
    const own = all.filter((one) => timingSafeEqual(this.#token(one), given));
    return own[0]?.name;
  }

  #token({ id, name, created }: Owner): Buffer {
    const renewals = this.#renewals.get(id) ?? 0;
    const about = JSON.stringify([id, name, created, renewals]);
    return createHmac('sha256', this.#ports.key).update(about).digest().subarray(0, tokenOctets);
  }
}
