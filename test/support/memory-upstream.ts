/*
 * A source that is played in memory: folders with messages, and every way in which servers
 * misbehave. It is a server for tests what MemoryStore is for the store. Its connection ends after
 * so many octets when a test says so; what was removed over POP3 by a session that was cut may be
 * gone or not.
 */

import { failed, ok, type Result } from '#base/result';
import type {
  Listed,
  OpenFolder,
  Receiver,
  SourceTarget,
  Upstream,
  UpstreamConnector,
  UpstreamConnectTrouble,
  UpstreamFacts,
  UpstreamTrouble,
} from '#collector/upstream';

export interface MemoryMessage {
  uid: string;
  readonly octets: Buffer;
  /** Its listed size, when that is a lie. */
  readonly listed?: number;
  readonly arrivedAt?: number;
}

export interface MemoryFolder {
  validity: number;
  next: number;
  modseq: number;
  messages: MemoryMessage[];
}

type Got<T = void> = Promise<Result<T, UpstreamTrouble>>;
const broken = failed({ kind: 'broken', detail: 'the connection is cut' } as const);
const pageLength = 7;

export class MemorySource implements UpstreamConnector {
  protocol: 'pop3' | 'imap';
  readonly folders = new Map<string, MemoryFolder>();
  /** TOP, or its like, is offered. */
  tops = true;
  tells = false;
  loginDelay: number | undefined;
  /** The next connections fail like this. */
  refusal: UpstreamConnectTrouble | undefined;
  /** Octets until the connection breaks, listings included. */
  cutAfter: number | undefined;
  /** DELE and its like are refused, or done without effect. */
  removal: 'works' | 'refused' | 'ignored' = 'works';
  /** A POP3 session that is cut behind its QUIT has removed. */
  removesThoughCut = false;
  /** A field that is another one each time stands on top of what is given out. */
  writesIntoMail = false;
  /** A connection breaks when it is to end. */
  breaksAtClose = false;
  /** These are listed and not given. */
  readonly withheld = new Set<string>();
  /** The connection breaks when one of these is asked for, or its header section. */
  readonly breaksAt = new Set<string>();
  /** Nothing of one fetch reaches us when it breaks. */
  breaksEarly = false;
  /** The header sections of these are refused. */
  readonly headless = new Set<string>();
  /** Its listings are refused. */
  unlisted = false;
  /** UIDNEXT grows each time a folder is opened, and nothing comes. */
  uidNextGrows = false;
  /** Each message waits for this before it begins. */
  gate: Promise<void> | undefined;
  /** What was asked of it, e.g. 'connect', 'fetch 3', 'close'. */
  readonly asked: string[] = [];
  readonly secrets: string[] = [];
  open = 0;
  most = 0;
  readonly #watchers = new Set<() => void>();
  readonly #upstreams: MemoryUpstream[] = [];

  constructor(protocol: 'pop3' | 'imap' = 'imap') {
    this.protocol = protocol;
    this.folder(protocol === 'imap' ? 'INBOX' : '');
  }

  folder(name: string): MemoryFolder {
    const there = this.folders.get(name);
    if (there !== undefined) return there;
    const made = { validity: 1_000, next: 1, modseq: 1, messages: [] };
    this.folders.set(name, made);
    return made;
  }

  /** A message comes to a folder. */
  put(octets: Buffer | string, more: Partial<MemoryMessage> & { folder?: string } = {}): string {
    const { folder: name = this.protocol === 'imap' ? 'INBOX' : '', ...rest } = more;
    const folder = this.folder(name);
    const uid = rest.uid ?? `${folder.next}`;
    folder.next++;
    folder.modseq++;
    folder.messages.push({ ...rest, uid, octets: Buffer.from(octets) });
    for (const tell of this.#watchers) tell();
    return uid;
  }

  /** Ends every connection, from the server's side. */
  hangUp(): void {
    for (const one of this.#upstreams) one.hangUp();
    for (const tell of this.#watchers) tell();
  }

  watch(tell: () => void): Disposable {
    this.#watchers.add(tell);
    return { [Symbol.dispose]: () => void this.#watchers.delete(tell) };
  }

  async connect(
    { secret }: SourceTarget,
    signal?: AbortSignal,
  ): Promise<Result<Upstream, UpstreamConnectTrouble>> {
    this.asked.push('connect');
    this.secrets.push(Object.values(secret)[0] ?? '');
    if (signal?.aborted) return failed({ stage: 'connect', code: 'EABORTED', detail: 'aborted' });
    if (this.refusal !== undefined) return failed(this.refusal);
    this.open++;
    this.most = Math.max(this.most, this.open);
    const upstream = new MemoryUpstream(this);
    this.#upstreams.push(upstream);
    return ok(upstream);
  }
}

/** How many times somebody may say no at the sign-in, as data. */
export function signInRefused(text: string, code?: string): UpstreamConnectTrouble {
  const answer = { text, ...(code === undefined ? {} : { code }) };
  return { stage: 'sign-in', code: 'REFUSED', detail: text, answer };
}

class MemoryUpstream implements Upstream {
  readonly #source: MemorySource;
  #ended = false;
  #opened: MemoryFolder | undefined;
  #leaving: MemoryMessage[] = [];
  #lists = false;

  constructor(source: MemorySource) {
    this.#source = source;
  }

  get facts(): UpstreamFacts {
    const { protocol, tells, loginDelay } = this.#source;
    return {
      with: protocol === 'imap' ? 'IMAPS' : 'POP3S',
      address: '192.0.2.1',
      tells,
      ...(loginDelay === undefined ? {} : { loginDelay }),
    };
  }

  async open(name: string): Got<OpenFolder> {
    if (!this.spend(20)) return broken;
    const folder = this.#source.folders.get(name);
    if (folder === undefined) return failed({ kind: 'absent', detail: `no folder ${name}` });
    this.#opened = folder;
    if (this.#source.uidNextGrows) folder.next++;
    return ok(this.#source.protocol === 'imap' ? this.#imap(folder) : this.#pop3(folder));
  }

  async folderNames(): Got<readonly string[]> {
    return this.#ended ? broken : ok([...this.#source.folders.keys()]);
  }

  async changed(until: AbortSignal): Got<'changed' | 'quiet'> {
    if (this.#ended) return broken;
    this.#source.asked.push('idle');
    if (until.aborted) return ok('quiet');
    const { promise, resolve } = Promise.withResolvers<'changed' | 'quiet'>();
    using _watch = this.#source.watch(() => resolve('changed'));
    until.addEventListener('abort', () => resolve('quiet'), { once: true });
    const what = await promise;
    return this.#ended ? broken : ok(what);
  }

  async close(): Got {
    if (this.#ended) return broken;
    const whole = this.spend(10) && !this.#source.breaksAtClose;
    this.#source.asked.push('close');
    if (this.#opened !== undefined && (whole || this.#source.removesThoughCut)) {
      leave(this.#opened, this.#leaving);
    }
    this.#end();
    return whole ? ok(undefined) : broken;
  }

  abort(): void {
    if (!this.#ended) this.#source.asked.push('abort');
    this.#end();
  }

  hangUp(): void {
    this.#end();
  }

  #end(): void {
    if (!this.#ended) this.#source.open--;
    this.#ended = true;
  }

  /** So many octets cross the wire; false: the connection broke before they did. */
  spend(octets: number): boolean {
    if (this.#ended) return false;
    const left = this.#source.cutAfter;
    if (left === undefined) return true;
    this.#source.cutAfter = left - octets;
    if (left >= octets) return true;
    this.#source.cutAfter = undefined;
    this.#end();
    return false;
  }

  #imap(folder: MemoryFolder): OpenFolder {
    const there = ({ uid }: Listed) => folder.messages.find((message) => message.uid === uid);
    return {
      identity: `${folder.validity}`,
      messages: folder.messages.length,
      uidNext: folder.next,
      modseq: `${folder.modseq}`,
      list: (from) => this.#list(folder.messages.filter(({ uid }) => Number(uid) >= from)),
      has: async (uid) => {
        this.#source.asked.push(`has ${uid}`);
        return this.spend(20) ? ok(folder.messages.some((one) => one.uid === uid)) : broken;
      },
      header: async (listed) => this.#header(there(listed)),
      fetch: (messages, receive) => this.#fetch(messages, there, receive),
      remove: async (messages) => {
        const refused = this.#mayRemove(messages);
        if (refused !== undefined) return refused;
        leave(
          folder,
          messages.flatMap((listed) => there(listed) ?? []),
        );
        return ok(undefined);
      },
    };
  }

  /** RFC 1939 §4: what is there and its numbers are of the session. */
  #pop3(folder: MemoryFolder): OpenFolder {
    const messages = [...folder.messages];
    const there = ({ number }: Listed) => {
      const found = messages[number - 1];
      return found !== undefined && this.#leaving.includes(found) ? undefined : found;
    };
    return {
      identity: '',
      messages: messages.length,
      list: () => this.#list(messages),
      has: async (uid) => (this.#ended ? broken : ok(messages.some((one) => one.uid === uid))),
      header: async (listed) => this.#header(there(listed)),
      fetch: (wanted, receive) => this.#fetch(wanted, there, receive),
      remove: async (wanted) => {
        const refused = this.#mayRemove(wanted);
        if (refused !== undefined) return refused;
        this.#leaving.push(...wanted.flatMap((listed) => there(listed) ?? []));
        return ok(undefined);
      },
    };
  }

  /** One call at a time, as the port has it. */
  #mayBeAsked(): void {
    if (this.#lists) throw new Error('it is asked for something while it lists');
  }

  #mayRemove(messages: readonly Listed[]) {
    const { asked, removal } = this.#source;
    asked.push(`remove ${messages.map(({ uid }) => uid).join(' ')}`);
    if (!this.spend(10 * messages.length)) return broken;
    if (removal === 'refused') return failed({ kind: 'refused', detail: 'read only' } as const);
    return removal === 'ignored' ? ok(undefined) : undefined;
  }

  async *#list(
    messages: readonly MemoryMessage[],
  ): AsyncGenerator<Result<readonly Listed[], UpstreamTrouble>> {
    const counts = new Map<string, number>();
    const met = new Map<string, number>();
    for (const { uid } of messages) counts.set(uid, (counts.get(uid) ?? 0) + 1);
    this.#source.asked.push('list');
    this.#lists = true;
    try {
      if (this.#source.unlisted) yield failed({ kind: 'refused', detail: 'no listing' } as const);
      for (let from = 0; from < messages.length; from += pageLength) {
        if (!this.spend(20)) return void (yield broken);
        const page = messages.slice(from, from + pageLength);
        yield ok(
          page.map((message, index) => {
            const { uid } = message;
            if (counts.get(uid) === 1) return this.#listed(message, uid, from + index);
            // The others of one unique-id get a suffix that none can have.
            const count = (met.get(uid) ?? 0) + 1;
            met.set(uid, count);
            const name = count === 1 ? uid : `${uid} ${count}`;
            return { ...this.#listed(message, name, from + index), ambiguous: true as const };
          }),
        );
      }
    } finally {
      this.#lists = false;
    }
  }

  #listed({ octets, listed, arrivedAt }: MemoryMessage, uid: string, index: number): Listed {
    const imap = this.#source.protocol === 'imap';
    return {
      ...{ uid, number: imap ? 0 : index + 1, octets: listed ?? octets.length },
      ...(arrivedAt === undefined || !imap ? {} : { arrivedAt }),
    };
  }

  async #header(message: MemoryMessage | undefined): Got<Buffer | undefined> {
    if (this.#ended) return broken;
    this.#mayBeAsked();
    if (!this.#source.tops) return ok(undefined);
    if (message === undefined || this.#source.headless.has(message.uid)) {
      return failed({ kind: 'refused', detail: 'no such message' });
    }
    this.#source.asked.push(`header ${message.uid}`);
    if (this.#source.breaksAt.has(message.uid)) return this.#breaks();
    const end = message.octets.indexOf('\r\n\r\n');
    const header = end < 0 ? message.octets : message.octets.subarray(0, end + 4);
    return this.spend(header.length) ? ok(header) : broken;
  }

  async #fetch(
    wanted: readonly Listed[],
    there: (listed: Listed) => MemoryMessage | undefined,
    receive: (message: Listed) => Receiver,
  ): Got {
    this.#mayBeAsked();
    const { breaksAt, breaksEarly } = this.#source;
    if (breaksEarly && wanted.some(({ uid }) => breaksAt.has(uid))) return this.#breaks();
    for (const listed of wanted) {
      await this.#source.gate;
      if (this.#ended) return broken;
      this.#source.asked.push(`fetch ${listed.uid}`);
      if (breaksAt.has(listed.uid)) return this.#breaks();
      const receiver = receive(listed);
      const message = there(listed);
      if (message === undefined || this.#source.withheld.has(message.uid)) {
        await receiver.missing('it is not there');
      } else if (!(await this.#give(this.#written(message.octets), receiver))) return broken;
    }
    return ok(undefined);
  }

  #breaks() {
    this.#end();
    return broken;
  }

  #written(octets: Buffer): Buffer {
    if (!this.#source.writesIntoMail) return octets;
    return Buffer.concat([Buffer.from(`X-Scanned: ${this.#source.asked.length}\r\n`), octets]);
  }

  /** In uneven pieces, from a buffer that is used again. */
  async #give(octets: Buffer, receiver: Receiver): Promise<boolean> {
    let wanted = true;
    for (let at = 0, length = 1; at < octets.length; at += length, length = (length * 7) % 1_009) {
      const piece = Buffer.from(octets.subarray(at, at + length));
      if (!this.spend(piece.length)) return false;
      if (wanted) wanted = await receiver.write(piece);
      piece.fill(0x23);
    }
    if (wanted) await receiver.end();
    return !this.#ended;
  }
}

function leave(folder: MemoryFolder, messages: readonly MemoryMessage[]): void {
  folder.messages = folder.messages.filter((message) => !messages.includes(message));
  folder.modseq++;
}
