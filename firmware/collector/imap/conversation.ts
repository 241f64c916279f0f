/*
 * imapflow as questions that always settle: an answer, or the reason why there will be none. It gives
 * imapflow a socket of ours (net/dial.ts) by the `transport` option, limits silence, duration and
 * octets of each question, knows at which stage signing in is, and ends for good at the first
 * trouble. What is asked and what answers mean is its caller's. One question at a time.
 */
import type { Socket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import type { ImapFlow, ImapFlowOptions, ImapResponse } from 'imapflow';
import type { Clock } from '#base/clock';
import { plainText } from '#base/plain-text';
import { failed, ok, type Result } from '#base/result';
import { type ConnectStage, type Target, tlsTerms } from '#net/dial';
import { Patience } from '#net/patience';
import type { SignInAnswer } from '../upstream.ts';
import { chatter, quotedOctets } from './limits.ts';
import { answerOf } from './status-response.ts';

/** imapflow's errors, Node's, and ours. */
export interface ImapTrouble extends Error {
  readonly code?: string;
  /** The server said no: the command is over, the connection goes on. */
  readonly responseStatus?: 'NO' | 'BAD';
  /** RFC 5530 §3, in capitals. imapflow adds it for some commands only. */
  readonly serverResponseCode?: string;
  readonly responseText?: string;
  /** As imapflow read it, or as text. */
  readonly response?: ImapResponse | string;
  /** It happened on the way to encryption. */
  readonly tlsFailed?: boolean;
  /** SELECT: there is no folder of that name. */
  readonly mailboxMissing?: boolean;
}

/** What an answer may have beside chatter: responses, and octets in all. */
export interface Size {
  readonly responses: number;
  readonly octets: number;
}

/** Milliseconds of silence and in all. */
export interface Wait extends Partial<Size> {
  readonly quiet: number;
  readonly most: number;
}

/** Methods of imapflow's that its types leave out; package.json pins the version, and tests fail when
 * they are gone. All commands leave by the first, all responses come by the second, and each BYE ends
 * in the third, which alone sees its response code. */
interface Hidden {
  exec(command: string, ...rest: unknown[]): Promise<unknown>;
  handleResponse(response: { readonly payload: Buffer }): Promise<boolean>;
  serverBye(response: ImapResponse): Promise<void>;
}

type Library = new (options: ImapFlowOptions) => ImapFlow;

export class Conversation {
  readonly client: ImapFlow;
  readonly #target: Target;
  readonly #patience: Patience;
  #socket: Socket;
  #stage: ConnectStage = 'greeting';
  #bye: SignInAnswer | undefined;
  #gone: ImapTrouble | undefined;
  /** Who waits for an answer: one, or two when a connection is closed while something is asked. */
  readonly #asking = new Set<(trouble: ImapTrouble) => void>();
  #wait: Wait = { quiet: 0, most: 0 };
  /** What may still come. */
  #octets: number = chatter.octets;
  #responses: number = chatter.responses;
  #isGreeted = false;
  readonly #onData = (octets: Buffer) => {
    if (!this.#isGreeted) this.#greeted(octets);
    this.#hear(octets.length);
  };

  /** `socket`: connected, nothing of it read yet, and encrypted when the target says `tls`. */
  constructor(
    library: Library,
    options: ImapFlowOptions,
    socket: Socket,
    target: Target,
    clock: Clock,
  ) {
    this.#socket = socket;
    this.#target = target;
    this.#patience = new Patience(clock, (waited) => {
      this.cut('ETIMEDOUT', `the server said nothing for ${Math.round(waited / 1000)} s`);
    });
    this.client = new library({ ...options, transport: this.#transport() });
    this.client.on('error', (error: ImapTrouble) => this.#over(error));
    this.client.on('close', () => this.#over(this.#hungUp()));
    this.#listenIn();
  }

  /** How far the sign-in has come. */
  get stage(): ConnectStage {
    return this.#stage;
  }

  /** What the server said when it ended the connection. */
  get bye(): SignInAnswer | undefined {
    return this.#bye;
  }

  /** Why it ended; undefined while it goes on. */
  get gone(): ImapTrouble | undefined {
    return this.#gone;
  }

  get socket(): Socket {
    return this.#socket;
  }

  /** An extension, by itself or as a part of IMAP4rev2 (RFC 9051 §E), which imapflow speaks only
   * where there is nothing else. */
  offers(extension: 'UIDPLUS' | 'IDLE'): boolean {
    const { capabilities } = this.client;
    if (capabilities.has(extension)) return true;
    return capabilities.has('IMAP4rev2') && !capabilities.has('IMAP4rev1');
  }

  /** Asks one thing, and waits for the end of it. When the server said no, the error has its
   * `responseStatus`, and the next thing may be asked; any other error has ended the conversation. */
  ask<T>(wait: Wait, run: () => Promise<T>): Promise<Result<T, ImapTrouble>> {
    if (this.#gone !== undefined) return Promise.resolve(failed(this.#gone));
    return new Promise((resolve) => {
      const end = (trouble: ImapTrouble) => settle(failed(trouble));
      const settle = (settled: Result<T, ImapTrouble>) => {
        if (!this.#asking.delete(end)) return;
        this.#patience.rest();
        this.#allow({});
        resolve(settled);
      };
      this.#asking.add(end);
      this.#wait = wait;
      this.#allow(wait);
      this.hears();
      run().then(
        (value) => settle(ok(value)),
        (error: ImapTrouble) => {
          if (error.responseStatus === undefined) this.#over(error);
          settle(failed(this.#gone ?? error));
        },
      );
    });
  }

  /** Greeting to sign-in. Whom the server does not let in, or who cannot come in, signs off, too (RFC
   * 9051 §6.1.3), where imapflow would just hang up. Nobody waits for the answer. */
  async signIn(): Promise<void> {
    try {
      await this.client.connect();
    } catch (error) {
      const { responseStatus, code } = error as ImapTrouble;
      // It said no; or imapflow found nothing to go on with, which has no code.
      const isOurTurn = responseStatus === undefined ? code === undefined : !this.#bye;
      if (isOurTurn && !this.#socket.destroyed) this.#socket.write('bye LOGOUT\r\n');
      throw error;
    }
  }

  /** It is the server's turn, within what was asked. */
  hears(): void {
    if (this.#asking.size > 0) this.#patience.begin(this.#wait.quiet, this.#wait.most);
  }

  /** It is our turn, and takes its time. */
  rests(): void {
    this.#patience.rest();
  }

  /** Ends at once, for a reason of ours. */
  cut(code: string, why: string): void {
    this.#over(coded(code, why));
  }

  #over(trouble: ImapTrouble): void {
    if (this.#gone !== undefined) return;
    this.#gone = trouble;
    this.#patience.stop();
    // Before imapflow hears of it: it would tell the same in its own words.
    for (const end of [...this.#asking]) end(trouble);
    this.#socket.destroy();
    this.client.close();
  }

  #hungUp(): ImapTrouble {
    const said = this.#bye?.text;
    const why = said ? `the server ended the connection: ${said}` : 'the server hung up';
    return coded('ECLOSED', why);
  }

  #transport(): NonNullable<ImapFlowOptions['transport']> {
    return {
      connect: (_options, onConnect) => {
        setImmediate(() => {
          onConnect();
          this.#watch(this.#socket);
          // imapflow listens from here on; what happened before it did not see.
          if (this.#socket.destroyed) this.#over(this.#hungUp());
        });
        return this.#socket;
      },
      upgrade: (_plain, _options, onSecure) => {
        const plain = this.#socket;
        plain.off('data', this.#onData);
        const { host } = this.#target;
        const secure = tlsConnect({ ...tlsTerms(this.#target), socket: plain, host });
        this.#socket = secure;
        secure.once('secureConnect', () => {
          onSecure();
          this.#watch(secure);
        });
        return secure;
      },
    };
  }

  #listenIn(): void {
    const hidden = this.client as unknown as Hidden;
    const exec = hidden.exec.bind(this.client);
    hidden.exec = (command, ...rest) => {
      this.#onCommand(command);
      return exec(command, ...rest);
    };
    const handleResponse = hidden.handleResponse.bind(this.client);
    hidden.handleResponse = (response) => {
      this.#responses -= 1;
      if (this.#responses < 0) this.#endless();
      const isUseless = expanding.test(response.payload.toString('latin1', 0, 64));
      return isUseless ? Promise.resolve(true) : handleResponse(response);
    };
    const serverBye = hidden.serverBye.bind(this.client);
    hidden.serverBye = (response) => {
      this.#bye = answerOf(response);
      return serverBye(response);
    };
  }

  #onCommand(command: string): void {
    if (this.#stage === 'sign-in') return;
    if (command === 'AUTHENTICATE' || command === 'LOGIN') this.#stage = 'sign-in';
    else this.#stage = command === 'STARTTLS' ? 'tls' : 'hello';
  }

  /** After imapflow has begun to read: whoever listens first makes the octets flow. */
  #watch(socket: Socket): void {
    socket.on('data', this.#onData);
    // imapflow takes its own listener away when it closes, and the socket may fail after that.
    socket.on('error', () => {});
  }

  /** imapflow waits on for a greeting of its own protocol. */
  #greeted(octets: Buffer): void {
    this.#isGreeted = true;
    const said = octets.toString('latin1', 0, quotedOctets);
    // RFC 1939 §3, RFC 5321 §4.2
    if (!/^(?:\+OK|-ERR|\d{3}[ -])/.test(said)) return;
    const [line = ''] = said.split(/[\r\n]/);
    this.cut('EPROTOCOL', `the server said "${plainText(line)}" in place of "* OK"`);
  }

  #hear(octets: number): void {
    this.#patience.alive();
    this.#octets -= octets;
    if (this.#octets < 0) this.#endless();
  }

  #allow({ octets = 0, responses = 0 }: Partial<Size>): void {
    this.#octets = chatter.octets + octets;
    this.#responses = chatter.responses + responses;
  }

  #endless(): void {
    this.cut('EPROTOCOL', 'the server does not stop talking');
  }
}

/** Ranges in these are written out by imapflow, and ten octets are enough for four thousand million
 * numbers. VANISHED (RFC 7162 §3.2.10) and ESEARCH (RFC 4731 §3.1) are only sent to those who ask for
 * them, and nobody here does. */
const expanding = /^[\0\s]*\*[\0\s]*(?:VANISHED|ESEARCH)/i;

export function coded(code: string, message: string): ImapTrouble {
  return Object.assign(new Error(message), { code });
}
