/*
 * What the scripted servers of a provider share (scripted-smtp-server.ts, -pop3-, -imap-): a
 * listener on this machine, and connections that read line by line, turn to TLS, and do what a
 * script wishes at any moment: answer, pour out octets without end, hang up. Which lines there
 * are, and what a server usually says to them, is each protocol's own.
 */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Certificate } from './certificates.ts';
import { reset } from './reset.ts';

/** What a server does in place of an answer in words. */
export interface Deed {
  /** Octets as they are. */
  readonly raw?: string | Buffer;
  /** After them: as fast as they are taken. */
  readonly stream?: Iterable<string | Buffer>;
  /** After that: hangs up, politely or not. */
  readonly drop?: 'end' | 'reset';
}

/** An answer in words, a deed, or undefined: the usual answer. */
export type Wish = string | Deed | undefined;

/** Never answers. */
export const silence = new Promise<never>(() => {});

export interface ServerSecurity {
  /** `starttls` (offered, not asked for) and `tls` want a certificate. */
  readonly security?: 'none' | 'starttls' | 'tls';
  readonly certificate?: Certificate;
}

export abstract class ScriptedServer<Session extends ScriptedSession> implements AsyncDisposable {
  readonly sessions: Session[] = [];
  readonly #server: Server;

  protected constructor() {
    this.#server = createServer((socket) => {
      const session = this.begin(socket, this.sessions.length);
      this.sessions.push(session);
      void session.run();
    });
  }

  protected abstract begin(socket: Socket, connection: number): Session;

  protected async listening(host = '127.0.0.1'): Promise<this> {
    this.#server.listen(0, host);
    await once(this.#server, 'listening');
    return this;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** All commands of all connections, in their order within each. */
  get commands(): string[] {
    return this.sessions.flatMap((session) => session.commands);
  }

  /** No new connections; those that are open stay. */
  refuse(): void {
    this.#server.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const session of this.sessions) session.cut();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, 'close');
  }
}

export abstract class ScriptedSession {
  /** 0 for the first connection. */
  readonly connection: number;
  readonly commands: string[] = [];
  /** The other end is done: it has closed, or the connection is gone. */
  closed = false;
  secure: boolean;
  /** Who has signed in, and how: 'PLAIN ann'. */
  signedIn = '';
  readonly #certificate: Certificate | undefined;
  readonly #wire: Socket;
  #socket: Socket;
  #heard: Buffer[] = [];
  #unread = Buffer.alloc(0);
  #wake: (() => void) | undefined;

  constructor(socket: Socket, connection: number, { security, certificate }: ServerSecurity) {
    this.connection = connection;
    this.#certificate = certificate;
    this.#wire = socket;
    this.secure = security === 'tls';
    this.#socket = this.secure ? this.#wrapped(socket) : socket;
    this.#attend();
  }

  /** Greets, and obeys until the connection ends. */
  abstract run(): Promise<void>;

  /** All octets that came, TLS undone, nothing else. */
  get heard(): Buffer {
    return Buffer.concat(this.#heard);
  }

  /** Sends octets now, whatever is going on. */
  say(octets: string | Buffer): void {
    if (!this.#socket.destroyed) this.#socket.write(octets);
  }

  /** Hangs up at once. */
  cut(): void {
    this.#socket.destroy();
    this.#wire.destroy();
  }

  protected end(): void {
    this.#socket.end();
  }

  /** False: the connection is to end. */
  protected async perform({ raw, stream, drop }: Deed): Promise<boolean> {
    if (raw !== undefined && raw.length > 0) this.say(raw);
    for (const piece of stream ?? []) {
      if (this.closed || this.#socket.destroyed) return false;
      if (!this.#socket.write(piece)) await this.#drained();
    }
    if (drop === 'reset') reset(this.#wire);
    else if (drop === 'end') this.#socket.end();
    return drop === undefined;
  }

  /** Plaintext that came behind the command is dropped unread. */
  protected startTls(): void {
    this.#socket.removeAllListeners();
    this.#unread = Buffer.alloc(0);
    this.#socket = this.#wrapped(this.#socket);
    this.secure = true;
    this.#attend();
  }

  /** Line ends that have come and were not read yet. */
  protected get linesAhead(): number {
    return this.#unread.toString('latin1').split('\n').length - 1;
  }

  /** The next line without its end; undefined when none will come. */
  protected async line(): Promise<string | undefined> {
    for (;;) {
      const line = this.lineThere();
      if (line !== undefined) return line.subarray(0, -2).toString();
      if (!(await this.more())) return undefined;
    }
  }

  /** The next line with its end, when all of it has come. */
  protected lineThere(): Buffer | undefined {
    const at = this.#unread.indexOf('\r\n');
    return at < 0 ? undefined : this.#taken(at + 2);
  }

  /** That many octets; undefined when they will not come. */
  protected async octets(count: number): Promise<Buffer | undefined> {
    while (this.#unread.length < count) if (!(await this.more())) return undefined;
    return this.#taken(count);
  }

  /** Waits for octets; false when none will come. */
  protected async more(): Promise<boolean> {
    const had = this.#unread.length;
    while (this.#unread.length === had && !this.closed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#unread.length > had;
  }

  #taken(count: number): Buffer {
    const octets = this.#unread.subarray(0, count);
    this.#unread = this.#unread.subarray(count);
    return octets;
  }

  async #drained(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#socket.once('drain', resolve).once('close', resolve);
    await promise;
    this.#socket.off('drain', resolve).off('close', resolve);
  }

  #attend(): void {
    const socket = this.#socket;
    socket.on('data', (octets: Buffer) => {
      this.#heard.push(octets);
      this.#unread = Buffer.concat([this.#unread, octets]);
      this.#wake?.();
    });
    const over = () => {
      this.closed = true;
      this.#wake?.();
    };
    socket.on('error', over).on('end', over).on('close', over);
  }

  #wrapped(socket: Socket): Socket {
    const certificate = this.#certificate;
    if (certificate === undefined) throw new Error('a server with TLS wants a certificate');
    socket.on('error', () => {});
    return new TLSSocket(socket, { isServer: true, ...certificate });
  }
}
