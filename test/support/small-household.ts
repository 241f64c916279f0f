/*
 * Accounts for protocol tests: a Directory and a SignIn that answer at once. Passwords are kept in
 * the clear and SCRAM keys made with few rounds, so that a test takes no time.
 */
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import { failed, ok, type Result, refusal } from '#base/result';
import type { Directory, Identity, Route, ScramRecord, SignIn } from '#mail/accounts/accounts';
import { type Address, isAmong, parseAddress } from '#mail/address';
import type { AccountId, MailboxId } from '#mail/ids';

interface Member {
  readonly account: AccountId;
  readonly login: string;
  readonly password: string;
  readonly inbox: MailboxId;
  readonly outside: string[];
  /** What it forwards: an address of this house, and the address elsewhere. */
  readonly forwards: { readonly from: string; readonly to: string }[];
  knownAs: string | undefined;
  /** CRAM-MD5 and APOP work with the password. */
  recoverable: boolean;
}

const rounds = 16;

export class SmallHousehold implements Directory, SignIn {
  readonly #members: Member[] = [];
  readonly #domain = 'restante.local';

  add(login: string, password: string, account: AccountId, inbox: MailboxId): void {
    const nothing = { outside: [], forwards: [], knownAs: undefined, recoverable: false };
    this.#members.push({ account, login, password, inbox, ...nothing });
  }

  sendsAs(login: string, address: string): void {
    this.member(login).outside.push(address);
  }

  /** `from` is forward-only unless somebody has that name. */
  forwards(login: string, from: string, to: string): void {
    this.member(login).forwards.push({ from, to });
  }

  /** The account sends as this outside address, and is known by it. */
  isKnownAs(login: string, address: string): void {
    this.sendsAs(login, address);
    this.member(login).knownAs = address;
  }

  makeRecoverable(login: string): void {
    this.member(login).recoverable = true;
  }

  get sharesSecrets(): boolean {
    return this.#members.some((member) => member.recoverable);
  }

  member(login: string): Member {
    const member = this.#find(login);
    if (member === undefined) throw new Error(`there is no account ${login}`);
    return member;
  }

  route(address: Address): Route {
    const written = `${address.local}@${address.domain}`;
    if (this.#members.some((member) => member.outside.includes(written)))
      return { kind: 'outside' };
    if (address.domain !== this.#domain && address.domain !== '') return { kind: 'outside' };
    const local = address.local.toLowerCase();
    const first = this.#members[0];
    const member = this.#find(local) ?? this.#find(local.replace(/\+.*/s, ''));
    const found = member ?? (/^(postmaster|abuse)$/.test(local) ? first : undefined);
    const forwards = this.#forwardsOf(written);
    if (local === 'everybody') return { kind: 'local', inboxes: this.#members, forwards };
    if (found === undefined && forwards.length === 0) return { kind: 'unknown' };
    return { kind: 'local', inboxes: found === undefined ? [] : [found], forwards };
  }

  maySendAs(account: AccountId, address: Address): boolean {
    const member = this.#members.find((one) => one.account === account);
    if (member === undefined) return false;
    if (member.outside.includes(`${address.local}@${address.domain}`)) return true;
    return isAmong(this.ownLocal(account), address);
  }

  stillHas({ account }: Identity): boolean {
    return this.#members.some((one) => one.account === account);
  }

  inbox(account: AccountId): MailboxId | undefined {
    return this.#members.find((one) => one.account === account)?.inbox;
  }

  homeAddress(account: AccountId): Address | undefined {
    const member = this.#members.find((one) => one.account === account);
    return member === undefined ? undefined : { local: member.login, domain: this.#domain };
  }

  knownAs(account: AccountId): Address | undefined {
    return parseAddress(this.#members.find((one) => one.account === account)?.knownAs ?? '');
  }

  ownLocal(account: AccountId): readonly string[] {
    const member = this.#members.find((one) => one.account === account);
    if (member === undefined) return [];
    return [`${member.login}@${this.#domain}`, ...member.forwards.map(({ from }) => from)];
  }

  async withPassword(login: string, password: string): Promise<Result<Identity>> {
    const member = this.#find(login);
    if (member?.password !== password) return wrong();
    return ok({ account: member.account, login: member.login, password: 'main' });
  }

  async withSecret(login: string, proves: (secret: string) => boolean): Promise<Result<Identity>> {
    const member = this.#find(login);
    if (member?.recoverable !== true || !proves(member.password)) return wrong();
    return ok({ account: member.account, login: member.login, password: 'main' });
  }

  scramRecord(login: string): ScramRecord {
    const salt = Buffer.from(`salt of ${login}`);
    const member = this.#find(login);
    if (member === undefined) return { salt, rounds, keys: [] };
    const salted = pbkdf2Sync(member.password, salt, rounds, 32, 'sha256');
    const clientKey = createHmac('sha256', salted).update('Client Key').digest();
    const storedKey = createHash('sha256').update(clientKey).digest();
    const serverKey = createHmac('sha256', salted).update('Server Key').digest();
    return { salt, rounds, keys: [{ password: 'main', storedKey, serverKey }] };
  }

  async scramDone(login: string, password: string | undefined): Promise<Result<Identity>> {
    const member = this.#find(login);
    if (member === undefined || password === undefined) return wrong();
    return ok({ account: member.account, login: member.login, password });
  }

  #forwardsOf(written: string): { account: AccountId; to: Address }[] {
    return this.#members.flatMap(({ account, forwards }) =>
      forwards.flatMap(({ from, to }) => {
        const target = parseAddress(to);
        return from !== written || target === undefined ? [] : [{ account, to: target }];
      }),
    );
  }

  #find(login: string): Member | undefined {
    return this.#members.find((one) => one.login === login);
  }
}

function wrong(): Result<never> {
  return failed(refusal('password', 'The name or the password is wrong.'));
}
