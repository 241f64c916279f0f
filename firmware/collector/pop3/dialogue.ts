/*
 * A POP3 client (protocol/pop3/client/) on a real socket: it writes what is asked, reads no
 * faster than what comes is taken, has an end to every wait, and ends for good at the first
 * trouble. What is asked, and what answers mean, is its caller's.
 *
 * What was received before the connection ended still counts: a server that says why and hangs
 * up is heard.
 */
import type { Socket } from 'node:net';
import { type TLSSocket, connect as tlsConnect } from 'node:tls';
import type { Clock } from '#base/clock';
import type { Log } from '#base/log';
import { failed, ok, type Result } from '#base/result';
import type { Soon } from '#base/soon';
import { type Target, tlsTerms, troubleOf } from '#net/dial';
import { Patience } from '#net/patience';
import { type Answer, inWords } from '#protocol/pop3/client/answer';
import { type ClientEvent, Pop3Client } from '#protocol/pop3/client/client';
import type { ClientCommand } from '#protocol/pop3/client/command';
import { signOfLife } from './limits.ts';

/** Why it ended. `code`: Node's or OpenSSL's, ETIMEDOUT, ECLOSED, EPROTOCOL or ABORTED. */
export interface Ending {
  readonly code: string;
  readonly detail: string;
}

/** What somebody who takes events says to one. `endless`: the server does not stop; what it
 * sends. */
export type Verdict = 'more' | 'done' | { readonly endless: string };

export type Take = (event: ClientEvent) => Soon<Verdict>;

interface Talk {
  readonly take: Take;
  readonly wait: number;
  readonly done: () => void;
  readonly over: (ending: Ending) => void;
  readonly bug: (error: unknown) => void;
}

export class Pop3Dialogue {
  readonly #client = new Pop3Client();
  readonly #clock: Clock;
  readonly #log: Log | undefined;
  readonly #patience: Patience;
  #socket: Socket;
  #talk: Talk | undefined;
  /** Somebody was given octets and has not taken them yet. */
  #taking = false;
  /** The connection has ended; what was received before may not be used up yet. */
  #closed: Ending | undefined;
  #gone: Ending | undefined;
  /** Octets since the last sign of life. */
  #heard = 0;

  constructor(socket: Socket, clock: Clock, log?: Log) {
    this.#socket = socket;
    this.#clock = clock;
    this.#log = log;
    this.#patience = new Patience(clock, (waited) => {
      this.#end({ code: 'ETIMEDOUT', detail: `no answer for ${Math.round(waited / 1000)} s` });
    });
    this.#attend(socket);
    socket.setNoDelay(true);
  }

  /** Why it ended; undefined while it goes on. */
  get gone(): Ending | undefined {
    return this.#gone;
  }

  get address(): string {
    return this.#socket.remoteAddress ?? '';
  }

  get encrypted(): boolean {
    return 'getCipher' in this.#socket;
  }

  /** 'TLSv1.3 TLS_AES_256_GCM_SHA384' */
  get tls(): string | undefined {
    if (!this.encrypted) return undefined;
    const secure = this.#socket as TLSSocket;
    return `${secure.getProtocol()} ${secure.getCipher().standardName}`;
  }

  /** Sends commands, in one write. Their answers go to the next `until`. */
  send(commands: readonly ClientCommand[]): void {
    if (commands.length === 0) return;
    let octets = '';
    for (const command of commands) {
      this.#trace('C', command.shown);
      octets += this.#client.request(command);
    }
    this.#write(octets);
  }

  /** Answers a challenge. */
  respond(text: string): void {
    this.#trace('C', text === '*' ? '*' : '*****');
    this.#write(this.#client.respond(text));
  }

  /**
   * Hands what comes to `take` until that says 'done'; while its promise is open nothing is
   * read and no time runs. `wait`: milliseconds of silence that end the connection.
   */
  until(wait: number, take: Take): Promise<Result<void, Ending>> {
    if (this.#gone !== undefined) return Promise.resolve(failed(this.#gone));
    if (this.#talk !== undefined) throw new Error('one talk at a time');
    return new Promise((resolve, reject) => {
      this.#talk = {
        take,
        wait,
        done: () => resolve(ok(undefined)),
        over: (ending) => resolve(failed(ending)),
        bug: reject,
      };
      this.#wait(wait);
      this.#advance();
    });
  }

  /** The answer to the one command that is out. */
  async answer(wait: number): Promise<Result<Answer, Ending>> {
    let answer: Answer | undefined;
    const ended = await this.until(wait, (event) => {
      if (event.kind === 'answer') answer = event.answer;
      return event.kind === 'answer' ? 'done' : 'more';
    });
    if (!ended.ok) return ended;
    if (answer === undefined) throw new Error('done without an answer');
    return ok(answer);
  }

  /** Sends a command that is answered with a status line, and waits for that. */
  ask(command: ClientCommand, wait: number): Promise<Result<Answer, Ending>> {
    if (this.#gone === undefined) this.send([command]);
    return this.answer(wait);
  }

  /** The list that a command is answered with; empty when it was refused. */
  async lines(
    command: ClientCommand,
    wait: number,
  ): Promise<Result<{ answer: Answer; lines: readonly string[] }, Ending>> {
    const lines: string[] = [];
    let answer: Answer | undefined;
    if (this.#gone === undefined) this.send([command]);
    const ended = await this.until(wait, (event) => {
      if (event.kind === 'line') lines.push(event.line);
      if (event.kind === 'answer' || event.kind === 'begun') answer = event.answer;
      return event.kind === 'answer' || event.kind === 'end' ? 'done' : 'more';
    });
    if (!ended.ok) return ended;
    if (answer === undefined) throw new Error('done without an answer');
    return ok({ answer, lines });
  }

  /** The handshake after STLS was accepted. RFC 2595 §4: nothing that was said before counts. */
  secure(target: Target, wait: number): Promise<Result<void, Ending>> {
    const plain = this.#socket;
    plain.removeAllListeners('data');
    const secure = tlsConnect({ ...tlsTerms(target), socket: plain, host: target.host });
    this.#socket = secure;
    this.#attend(secure, 'tls');
    return new Promise((resolve, reject) => {
      const over = (ending: Ending) => resolve(failed(ending));
      const done = () => resolve(ok(undefined));
      this.#talk = { take: () => 'more', wait, done, over, bug: reject };
      this.#wait(wait);
      secure.once('secureConnect', () => {
        this.#client.secured();
        this.#finish();
      });
      if (plain.destroyed) this.#end(hungUp);
    });
  }

  /** Resolves when the connection ends. */
  ended(): Promise<Ending> {
    return new Promise((resolve) => {
      if (this.#gone !== undefined) return resolve(this.#gone);
      this.#socket.once('close', () => resolve(this.#gone ?? hungUp));
    });
  }

  /** Ends at once. */
  cut(ending: Ending): void {
    this.#end(ending);
  }

  /** Ends after what was said has left. */
  close(): void {
    if (this.#gone === undefined) this.#socket.end();
    this.#end({ code: 'ECLOSED', detail: 'the connection was closed' }, false);
  }

  /** Silence has an end; what goes on, however long it takes, has none here. */
  #wait(quiet: number): void {
    this.#heard = 0;
    this.#patience.begin(quiet, Number.POSITIVE_INFINITY);
  }

  #write(octets: string): void {
    // What cannot be written any more is found out by reading.
    if (!this.#socket.destroyed) this.#socket.write(octets);
  }

  #attend(socket: Socket, stage: 'tls' | 'hello' = 'hello'): void {
    socket.on('data', (octets: Buffer) => {
      if (this.#gone !== undefined) return;
      this.#hear(octets.length);
      this.#client.push(octets);
      this.#advance();
    });
    const closed = (ending: Ending) => {
      this.#closed ??= ending;
      this.#advance();
    };
    socket.on('error', (error) => closed(troubleOf(stage, error)));
    socket.on('end', () => closed(hungUp));
    socket.on('close', () => closed(hungUp));
    if (socket.destroyed) this.#closed ??= hungUp;
  }

  #hear(octets: number): void {
    this.#heard += octets;
    if (this.#heard < signOfLife) return;
    this.#heard = 0;
    this.#patience.alive();
  }

  /** Hands out what has come, until somebody is not done with it or nothing is left. */
  #advance(): void {
    while (this.#gone === undefined && !this.#taking) {
      const talk = this.#talk;
      // What answers a request is for whoever waits for it next.
      if (talk === undefined && this.#client.waits) {
        this.#socket.pause();
        return;
      }
      const event = this.#client.next();
      if (event === undefined) {
        if (this.#closed !== undefined) this.#end(this.#closed);
        else if (this.#socket.isPaused()) this.#socket.resume();
        return;
      }
      this.#note(event);
      if (event.kind === 'nonsense') this.#end({ code: 'EPROTOCOL', detail: event.detail });
      else if (talk !== undefined) this.#hand(event, talk);
    }
  }

  #hand(event: ClientEvent, talk: Talk): void {
    let verdict: Soon<Verdict>;
    try {
      verdict = talk.take(event);
    } catch (error) {
      this.#bug(error, talk);
      return;
    }
    if (verdict instanceof Promise) this.#await(verdict, talk);
    else this.#judge(verdict);
  }

  #await(verdict: Promise<Verdict>, talk: Talk): void {
    this.#taking = true;
    this.#socket.pause();
    this.#patience.rest();
    verdict.then(
      (judged) => {
        this.#taking = false;
        if (this.#gone !== undefined) return;
        this.#wait(talk.wait);
        this.#judge(judged);
        this.#advance();
      },
      (error) => this.#bug(error, talk),
    );
  }

  #judge(verdict: Verdict): void {
    if (verdict === 'done') this.#finish();
    else if (verdict !== 'more') {
      this.#end({ code: 'EPROTOCOL', detail: `${verdict.endless} does not end` });
    }
  }

  #finish(): void {
    const talk = this.#talk;
    this.#talk = undefined;
    this.#patience.rest();
    talk?.done();
  }

  #bug(error: unknown, talk: Talk): void {
    this.#talk = undefined;
    this.#end({ code: 'EBUG', detail: 'the box itself failed' });
    talk.bug(error);
  }

  #end(ending: Ending, atOnce = true): void {
    if (this.#gone !== undefined) return;
    this.#gone = ending;
    this.#patience.stop();
    if (atOnce) this.#socket.destroy();
    else this.#linger();
    const talk = this.#talk;
    this.#talk = undefined;
    talk?.over(ending);
  }

  /** Lets the other side finish, but does not wait for it for ever. */
  #linger(): void {
    const socket = this.#socket;
    const alarm = this.#clock.after(lingering, () => socket.destroy());
    socket.once('close', () => alarm[Symbol.dispose]());
    socket.resume();
  }

  /** An answer is a sign of life, however short. */
  #note(event: ClientEvent): void {
    if (event.kind !== 'answer' && event.kind !== 'begun' && event.kind !== 'end') return;
    this.#patience.alive();
    if (event.kind === 'end' || this.#log?.keeps('trace') !== true) return;
    const { positive } = event.answer;
    this.#trace('S', `${positive ? '+OK' : '-ERR'} ${inWords(event.answer)}`);
  }

  #trace(side: 'C' | 'S', line: string): void {
    if (line !== '' && this.#log?.keeps('trace') === true) this.#log.trace(`${side}: ${line}`);
  }
}

/** Milliseconds that the server may take to close its half. */
const lingering = 3_000;

const hungUp: Ending = { code: 'ECLOSED', detail: 'the server hung up' };
