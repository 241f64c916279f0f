/*
 * One connection: drives one protocol session over one socket, through STARTTLS (RFC 3207,
 * RFC 2595) where the session asks for it. The session is called for one thing at a time. While
 * it is busy the socket is not read, so TCP itself slows the peer down; what it sends leaves in
 * one write when the call is over, or earlier when `drained` finds much unsent.
 * It has no timer of its own: the network looks at every connection once a second.
 */
import type { Socket } from 'node:net';
import { type SecureContext, TLSSocket } from 'node:tls';
import type { Clock } from '#base/clock';
import type { Log } from '#base/log';
import type { Peer, Protocol, Session, TlsFacts, Wire } from '#protocol/session';
import { SignsOfLife } from './signs-of-life.ts';
import { handshakeWords } from './tls/words.ts';

/** Where connections get their certificate from. */
export interface TlsTerms {
  /** What a handshake that begins now uses; undefined while the box has no certificate. */
  context(peer: Peer): SecureContext | undefined;
}

export interface ConnectionParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly tls: TlsTerms;
}

/**
 * open: the session is served; securing: a handshake is under way; closing: the last words are
 * leaving; gone: the socket is closed.
 */
type Phase = 'open' | 'securing' | 'closing' | 'gone';

/** A TLS handshake that takes longer than this (ms) belongs to nobody who wants mail. */
const handshakePatience = 30_000;
/** How long (ms) a peer may keep its half open after our last words and our FIN. */
const linger = 3_000;
/** First TCP keep-alive probe after this many ms; finds peers that vanished without a word. */
const keepAliveAfter = 60_000;
/** ALPN (RFC 7301 §3.1) is not asked for; who offers it offers one of these. */
const alpn = Buffer.from(['imap', 'pop3', 'smtp'].map((name) => `\x04${name}`).join(''));
/** How connections end that just end. */
const ordinaryEnds = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ECONNABORTED']);

export class Connection implements Wire {
  readonly #protocol: Protocol;
  readonly #peer: Peer;
  readonly #parts: ConnectionParts;
  readonly #gone: () => void;
  readonly #session: Session;
  #socket: Socket;
  #phase: Phase = 'open';
  /** A session's call is under way: none other may begin. */
  #acting = false;
  /** What the session asked for during its call. */
  #wish: 'nothing' | 'tls' | 'close' = 'nothing';
  #dismissal: 'stopping' | 'overload' | undefined;
  /** Octets that came while the session was busy: at most one read, for then reading pauses. */
  #backlog: Buffer[] = [];
  /** Strings the session sent, not yet given to the socket. */
  #text = '';
  #corked = false;
  #resolveDrained: (() => void) | undefined;
  #drained: Promise<void> | undefined;
  /** The peer has said its last octet (it may still listen). */
  #peerDone = false;
  readonly #life: SignsOfLife;

  /** `gone` is called once, after the session's `ended`. */
  constructor(
    socket: Socket,
    protocol: Protocol,
    peer: Peer,
    parts: ConnectionParts,
    gone: () => void,
  ) {
    this.#socket = socket;
    this.#protocol = protocol;
    this.#peer = peer;
    this.#parts = parts;
    this.#gone = gone;
    this.#life = new SignsOfLife(parts.clock.elapsed());
    this.#session = protocol.open(this, peer);
  }

  /** Begins: with the greeting, or on implicit-TLS ports (RFC 8314 §3) with the handshake. */
  start(implicitTls: boolean): void {
    this.#log.debug('Connected.', { peer: this.#peer.address, place: this.#peer.place });
    this.#socket.setNoDelay(true);
    this.#socket.setKeepAlive(true, keepAliveAfter);
    this.#attend(this.#socket);
    if (implicitTls) this.#handshake((facts) => this.#session.greet(facts));
    else this.#act(() => this.#session.greet(undefined));
  }

  // What the session may do: the Wire.

  get lost(): boolean {
    return this.#phase === 'gone';
  }

  send(octets: Uint8Array | string): void {
    if (this.#phase !== 'open') return;
    this.#life.answered();
    if (typeof octets === 'string') this.#text += octets;
    else {
      if (!this.#corked) this.#socket.cork();
      this.#corked = true;
      this.#writeText();
      this.#socket.write(octets);
    }
    if (!this.#acting) this.#flush();
  }

  drained(): Promise<void> | undefined {
    const much = this.#socket.writableHighWaterMark;
    if (this.lost || this.#text.length + this.#socket.writableLength < much) return undefined;
    this.#flush();
    // At or above its high-water mark a stream promises a 'drain' event.
    if (this.#socket.writableLength < much) return undefined;
    this.#drained ??= new Promise((resolve) => {
      this.#resolveDrained = resolve;
    });
    return this.#drained;
  }

  startTls(): void {
    if (this.#wish === 'nothing') this.#wish = 'tls';
    if (!this.#acting) this.#proceed();
  }

  close(): void {
    this.#wish = 'close';
    if (!this.#acting) this.#proceed();
  }

  // What the network may do.

  /**
   * How long (ms) it has been waiting for its peer, who is to speak or to read; 0 when it is the
   * session that is busy, or when the connection is about to end anyway. As of the last look.
   */
  silence(now: number): number {
    const waits = this.#phase === 'securing' || this.#phase === 'open';
    const busy = this.#acting && !this.#life.isBehind;
    return waits && !busy && this.#dismissal === undefined ? this.#life.silence(now) : 0;
  }

  /** Lets the session say goodbye as soon as it is not busy, and closes. */
  dismiss(why: 'stopping' | 'overload'): void {
    this.#dismissal = why;
    if (why === 'overload') this.#log.warn('Memory is short: this silent session must go.');
    // Who does not read hears no goodbye, and what waits for him is in memory.
    const deaf = why === 'overload' && this.#life.isBehind;
    if (this.#phase === 'securing' || deaf) this.destroy();
    else if (!this.#acting) this.#proceed();
  }

  /** Ends at once, without a word. */
  destroy(): void {
    this.#socket.destroy();
  }

  /** Ends what has taken too long. To be called about once a second with the clock's `elapsed`. */
  look(now: number): void {
    this.#life.look(this.#socket.writableLength, now);
    const silence = this.#life.silence(now);
    switch (this.#phase) {
      case 'open':
        if (silence < this.#session.patience) return;
        if (this.#life.isBehind) this.#abandon('The peer no longer reads; closing.');
        else if (!this.#acting) this.#lastWords(() => this.#session.expire());
        return;
      case 'securing':
        if (silence >= handshakePatience)
          this.#abandon('The TLS handshake takes too long; closing.');
        return;
      case 'closing':
        if (silence >= (this.#socket.writableFinished ? linger : this.#session.patience)) {
          this.destroy();
        }
        return;
      case 'gone':
    }
  }

  // Calling the session.

  #act(call: () => void | Promise<void>): void {
    this.#acting = true;
    let busy: Promise<void> | undefined;
    try {
      busy = call() ?? undefined;
    } catch (bug) {
      this.#bug(bug);
    }
    if (busy === undefined) this.#settled();
    else {
      busy.then(
        () => this.#settled(),
        (bug: unknown) => {
          this.#bug(bug);
          this.#settled();
        },
      );
    }
  }

  #settled(): void {
    this.#acting = false;
    this.#life.settled(this.#parts.clock.elapsed());
    if (this.#phase === 'gone') void this.#farewell();
    else this.#proceed();
  }

  /** The session is not busy: what comes next? */
  #proceed(): void {
    if (this.#phase !== 'open') return;
    this.#flush();
    if (this.#wish === 'close') this.#shut();
    else if (this.#dismissal !== undefined) {
      const why = this.#dismissal;
      this.#lastWords(() => this.#session.dismiss(why));
    } else if (this.#wish === 'tls') this.#secure();
    else this.#readOn();
  }

  #readOn(): void {
    const next = this.#backlog.shift();
    if (next !== undefined) this.#receive(next);
    else if (this.#peerDone) this.#shut();
    else if (this.#socket.isPaused()) this.#socket.resume();
  }

  #take(octets: Buffer): void {
    if (this.#phase !== 'open') return;
    if (this.#acting) {
      this.#backlog.push(octets);
      this.#socket.pause();
    } else this.#receive(octets);
  }

  #receive(octets: Buffer): void {
    this.#life.heard(octets.length);
    this.#act(() => this.#session.receive(octets));
  }

  #lastWords(say: () => void): void {
    this.#wish = 'close';
    this.#act(say);
  }

  /** A defect of ours must not become the other sessions' trouble, nor stay unsaid. */
  #bug(bug: unknown): void {
    const stack = bug instanceof Error ? bug.stack : String(bug);
    this.#log.error('A defect in Restante ended this session. Please report it.', { stack });
    this.send(this.#protocol.busy);
    this.#wish = 'close';
  }

  // Octets out.

  #writeText(): void {
    if (this.#text === '') return;
    this.#socket.write(this.#text);
    this.#text = '';
  }

  #flush(): void {
    this.#writeText();
    if (!this.#corked) return;
    this.#corked = false;
    this.#socket.uncork();
  }

  // TLS.

  /**
   * RFC 3207 §4.2, RFC 2595 §4: what came behind the command in plaintext is not the client's word.
   * Reading stops before our go-ahead is sent, so what is dropped here came before it.
   */
  #secure(): void {
    this.#wish = 'nothing';
    this.#phase = 'securing';
    this.#backlog = [];
    const plain = this.#socket;
    plain.pause();
    while (plain.readableLength > 0) plain.read();
    // An empty write is called back when those before it have left.
    plain.write('', (error) => {
      if (!error) this.#handshake((facts) => this.#session.secured(facts));
    });
  }

  #handshake(then: (facts: TlsFacts) => void | Promise<void>): void {
    this.#phase = 'securing';
    this.#life.note(this.#parts.clock.elapsed());
    const secureContext = this.#parts.tls.context(this.#peer);
    if (secureContext === undefined) {
      this.#abandon('There is no certificate to serve TLS with; closing.');
      return;
    }
    const secure = new TLSSocket(this.#socket, {
      isServer: true,
      secureContext,
      ALPNProtocols: alpn,
    });
    this.#socket = secure;
    this.#attend(secure);
    secure.once('secure', () => {
      this.#phase = 'open';
      this.#life.note(this.#parts.clock.elapsed());
      const cipher = secure.getCipher();
      const version = secure.getProtocol() ?? cipher.version;
      this.#act(() => then({ version, cipher: cipher.standardName }));
    });
  }

  // The socket's life.

  #attend(socket: Socket): void {
    // Once TLS is on, the socket beneath is not asked any more; but its close is the end.
    const current = () => socket === this.#socket;
    socket.on('data', (octets: Buffer) => current() && this.#take(octets));
    socket.on('drain', () => current() && this.#taken());
    socket.on('end', () => current() && this.#hangUp());
    socket.on('error', (error) => current() && this.#failed(error));
    socket.on('close', () => this.#lose());
  }

  #taken(): void {
    this.#life.note(this.#parts.clock.elapsed());
    this.#releaseDrained();
  }

  #releaseDrained(): void {
    this.#resolveDrained?.();
    this.#resolveDrained = undefined;
    this.#drained = undefined;
  }

  /** The peer has sent its FIN; what it said before is still answered. */
  #hangUp(): void {
    this.#peerDone = true;
    if (this.#phase === 'securing') this.destroy();
    else if (!this.#acting) this.#proceed();
  }

  /**
   * Ends our half and swallows what still comes: closing a socket with unread octets would send
   * a reset, and a reset can overtake our last words.
   */
  #shut(): void {
    this.#phase = 'closing';
    this.#life.note(this.#parts.clock.elapsed());
    this.#backlog = [];
    this.#socket.end();
    this.#socket.resume();
  }

  #failed(error: NodeJS.ErrnoException): void {
    if (ordinaryEnds.has(error.code ?? '') && this.#phase !== 'securing') return;
    if (this.#phase === 'gone') return;
    const code = error.code;
    if (this.#phase === 'securing') this.#log.info(handshakeWords(error), { code });
    else this.#log.info('The connection failed.', { code, reason: error.message });
  }

  #abandon(say: string): void {
    this.#log.info(say);
    this.destroy();
  }

  #lose(): void {
    if (this.#phase === 'gone') return;
    this.#phase = 'gone';
    this.#backlog = [];
    this.#text = '';
    this.#releaseDrained();
    this.#socket.destroy();
    if (!this.#acting) void this.#farewell();
  }

  async #farewell(): Promise<void> {
    try {
      await this.#session.ended();
    } catch (bug) {
      this.#bug(bug);
    }
    this.#log.debug('Gone.');
    this.#gone();
  }

  get #log(): Log {
    return this.#parts.log.of(this.#protocol.name).for(this.#peer.session);
  }
}
