/*
 * A house for protocol tests: accounts, a store in memory, a clock turned by hand. Understands the
 * `given` and `then` sentences of transcripts that are about the house and not about a protocol.
 */
import { trouble } from '#base/result';
import { FailingSenders } from '#mail/devices/failing-senders';
import type { AccountId } from '#mail/ids';
import { FailingStore } from '#mail/store/failing/failing-store';
import { MemoryStore } from '#mail/store/memory/memory-store';
import type { Peer, TlsFacts } from '#protocol/session';
import { FakeClock } from './fake-clock.ts';
import { SeededRandom } from './seeded-random.ts';
import { SmallDevices } from './small-devices.ts';
import { SmallHousehold } from './small-household.ts';

const tlsFacts: TlsFacts = { version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384' };

export class House {
  readonly clock = new FakeClock();
  readonly random = new SeededRandom();
  readonly accounts = new SmallHousehold();
  readonly devices = new SmallDevices(this.clock);
  readonly failingSenders = new FailingSenders(this.clock, (at) => this.devices.at(at));
  readonly memory = new MemoryStore(this.clock);
  /** What protocols are given. */
  readonly store = new FailingStore(this.memory);
  /** Settings that a transcript names, by name. */
  readonly settings = new Map<string, string>();
  /** TLS of the next connection, from its first octet. */
  tls: TlsFacts | undefined;
  certificate = true;
  peer: Peer = { session: 's1', address: '127.0.0.1', place: 'loopback' };
  #accounts = 0;

  static readonly tls = tlsFacts;

  /** A setting, or what the protocol's test takes for granted. */
  setting(name: string, otherwise: string): string {
    return this.settings.get(name) ?? otherwise;
  }

  async given(line: string, octets: string | undefined): Promise<void> {
    const words = line.split(' ');
    const account = /^account (\S+)(?: with password (.*))?$/.exec(line);
    const sendsAs = /^(\S+) sends as (\S+)$/.exec(line);
    const recoverable = /^(\S+)'s password is recoverable$/.exec(line);
    const device = /^device (\S+) of (\S+) at (\S+)(?: with (\d+) an hour)?$/.exec(line);
    const has = /^(\S+) has (?:(\d+) messages?|the message)$/.exec(line);
    if (account?.[1] !== undefined) this.#addAccount(account[1], account[2] ?? 'tuna');
    else if (sendsAs?.[1] !== undefined) this.accounts.sendsAs(sendsAs[1], sendsAs[2] ?? '');
    else if (recoverable?.[1] !== undefined) this.accounts.makeRecoverable(recoverable[1]);
    else if (device !== null) this.#addDevice(device);
    else if (has?.[1] !== undefined && octets !== undefined) await this.#deliver(has[1], octets);
    else if (has?.[1] !== undefined) await this.#deliverSeveral(has[1], Number(has[2]));
    else if (line === 'a far peer')
      this.peer = { ...this.peer, address: '192.0.2.7', place: 'far' };
    else if (line === 'a local peer')
      this.peer = { ...this.peer, address: '192.168.1.23', place: 'local' };
    else if (line === 'TLS') this.tls = tlsFacts;
    else if (line === 'no certificate') this.certificate = false;
    else if (this.storeIs(line)) return;
    else if (words.length === 2 && /^[a-z]+(\.[a-zA-Z]+)+$/.test(words[0] ?? '')) {
      this.settings.set(words[0] ?? '', words[1] ?? '');
    } else throw new Error(`not understood: given ${line}`);
  }

  /** `the store is full`, `the store is failing`, `the store works`. */
  storeIs(line: string): boolean {
    const state = /^the store (?:is (full|failing)|works)$/.exec(line);
    if (state === null) return false;
    const say = { full: 'The store is full', failing: 'The disk reports errors' };
    const code = state[1] as keyof typeof say | undefined;
    this.store.trouble = code && trouble(code, say[code], `${code} on demand`);
    return true;
  }

  /** The messages in somebody's inbox. */
  messages(login: string): { octets: Buffer; retrieved: boolean }[] {
    return this.memory.contents(this.accounts.member(login).inbox);
  }

  #addAccount(login: string, password: string): void {
    const account = ++this.#accounts as AccountId;
    this.accounts.add(login, password, account, this.memory.makeInbox(account));
  }

  #addDevice([, name = '', login = '', at = '', perHour = '100']: readonly string[]): void {
    const { account } = this.accounts.member(login);
    const sender = { local: login, domain: 'restante.local' };
    this.devices.add(name, at, account, sender, Number(perHour));
  }

  async #deliverSeveral(login: string, count: number): Promise<void> {
    for (let i = 1; i <= count; i++) {
      await this.#deliver(login, `Subject: message ${i}\r\n\r\nThis is message ${i}.\r\n`);
    }
  }

  async #deliver(login: string, octets: string): Promise<void> {
    const incoming = this.memory.incoming();
    await incoming.write(Buffer.from(octets, 'latin1'));
    const { inbox } = this.accounts.member(login);
    await incoming.commit([{ mailbox: inbox, internalDate: this.clock.now() }]);
  }
}
