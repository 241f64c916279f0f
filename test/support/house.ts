/*
 * A house for protocol tests: accounts, a store in memory, a clock turned by hand. Understands the
 * `given` and `then` sentences of transcripts that are about the house and not about a protocol.
 */
import { failed, ok, trouble } from '#base/result';
import { domainKey, parseAddress } from '#mail/address';
import { FailingSenders } from '#mail/devices/failing-senders';
import { KeyedForwardMark } from '#mail/forward-mark';
import type { AccountId, MessageId, Uid } from '#mail/ids';
import type { IntakeParts } from '#mail/local-intake';
import { FailingStore } from '#mail/store/failing/failing-store';
import { MemoryStore } from '#mail/store/memory/memory-store';
import type { Peer, TlsFacts } from '#protocol/session';
import { FakeClock } from './fake-clock.ts';
import { NotingStore } from './noting-store.ts';
import { SeededRandom } from './seeded-random.ts';
import { SmallDevices } from './small-devices.ts';
import { SmallHousehold } from './small-household.ts';
import { SmallUplinks } from './small-uplinks.ts';

const tlsFacts: TlsFacts = { version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384' };

export class House {
  readonly clock = new FakeClock();
  readonly random = new SeededRandom();
  readonly accounts = new SmallHousehold();
  readonly devices = new SmallDevices(this.clock);
  readonly failingSenders = new FailingSenders(this.clock, (at) => this.devices.at(at));
  readonly memory = new MemoryStore(this.clock);
  readonly noted = new NotingStore(this.memory);
  /** What protocols are given. */
  readonly store = new FailingStore(this.noted.asStore());
  readonly uplinks = new SmallUplinks();
  readonly forwardMark = new KeyedForwardMark(Buffer.alloc(32, 7), this.random);
  /** How often the intake said that something is queued. */
  wakes = 0;
  /** What ETRN asked for: domains, or `everything`. */
  readonly flushes: string[] = [];
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

  /** All that the intake of this house wants. */
  get intakeParts(): IntakeParts {
    const { accounts, devices, failingSenders, store, clock, random, uplinks, forwardMark } = this;
    return {
      directory: accounts,
      devices,
      failingSenders,
      store,
      clock,
      random,
      hostName: () => 'restante.local',
      uplinks,
      queueTime: { box: () => clock.elapsed(), ageing: () => clock.elapsed() },
      forwardMark,
      queued: () => void this.wakes++,
    };
  }

  /** As ETRN asks for it; nothing is sent in this house. */
  async flush(domain: string | undefined) {
    if (this.store.trouble !== undefined) return failed(this.store.trouble);
    this.flushes.push(domain ?? 'everything');
    const at = (text: string) => domainKey(parseAddress(text)?.domain ?? '');
    const waiting = this.noted.queued.filter(({ recipients }) => {
      return domain === undefined || recipients.some(({ address }) => at(address) === domain);
    });
    return ok({ messages: waiting.length });
  }

  async given(line: string, octets: string | undefined): Promise<void> {
    const words = line.split(' ');
    const account = /^account (\S+)(?: with password (.*))?$/.exec(line);
    const known = /^(\S+) is known as (\S+)$/.exec(line);
    const forwards = /^(\S+) forwards (\S+) to (\S+)$/.exec(line);
    const uplink = /^uplink (\S+)(?: for (.+))?$/.exec(line);
    const sendsAs = /^(\S+) sends as (\S+)$/.exec(line);
    const recoverable = /^(\S+)'s password is recoverable$/.exec(line);
    const device = /^device (\S+) of (\S+) at (\S+)(?: with (\d+) an hour)?$/.exec(line);
    const has = /^(\S+) has (?:(\d+) messages?|the message)$/.exec(line);
    if (account?.[1] !== undefined) this.#addAccount(account[1], account[2] ?? 'tuna');
    else if (sendsAs?.[1] !== undefined) this.accounts.sendsAs(sendsAs[1], sendsAs[2] ?? '');
    else if (known?.[1] !== undefined) this.accounts.isKnownAs(known[1], known[2] ?? '');
    else if (forwards !== null) this.#addForward(forwards);
    else if (uplink?.[1] !== undefined) this.uplinks.add(uplink[1], uplink[2]?.split(' ') ?? []);
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

  /** The history of a message in somebody's inbox. */
  async history(login: string, index: number): Promise<readonly string[]> {
    const { inbox } = this.accounts.member(login);
    const listing = await this.memory.listing(inbox, Number.MAX_SAFE_INTEGER as Uid);
    const message = listing.ok ? listing.value.messages[index] : undefined;
    return message === undefined ? [] : this.noted.history(message as MessageId);
  }

  /** What is to leave the house, one line for each copy. */
  get queue(): string[] {
    return this.noted.queued.map((copy) => {
      const { sender, uplink, rewrite, recipients } = copy;
      const by = uplink === undefined ? 'nothing yet' : this.uplinks.nameOf(uplink);
      const to = recipients.map(({ address }) => address).join(', ');
      const from = rewrite === undefined ? '' : `, From as ${rewrite.to}`;
      return `<${sender}> to ${to} by ${by}${from}`;
    });
  }

  #addForward([, login = '', from = '', to = '']: readonly string[]): void {
    this.accounts.forwards(login, from, to);
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
