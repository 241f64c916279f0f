/*
 * nodemailer's SMTP connection as promises that always settle: an answer, or the reason why there
 * will be none. Beside what nodemailer does it limits the time for each step and the octets of the
 * answers, knows at which stage the connection is, and ends for good at the first trouble. What is
 * asked and what answers mean is its caller's.
 */
import type { Socket } from 'node:net';
import type SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { Clock } from '#base/clock';
import { failed, ok, type Result } from '#base/result';
import type { ConnectStage } from '#net/dial';
import { Patience } from '#net/patience';
import { answerOctets } from './limits.ts';

/** Why a dialogue ended: nodemailer's error, or one of ours, with a stable `code`. */
export interface Trouble extends Error {
  readonly code?: string | undefined;
  /** The answer that nodemailer did not like, and the command that it was for. */
  readonly response?: string | undefined;
  readonly command?: string | undefined;
}

type Callback<T> = (error?: Trouble | null, value?: T) => void;

/** Milliseconds: of silence, and in all. */
export interface Wait {
  readonly quiet: number;
  readonly most?: number;
}

/** nodemailer's method that writes a command. Its types leave it out; package.json pins the
 * version, and the integration tests fail when it is gone. */
interface Commands {
  _sendCommand(command: string, logged?: string): void;
}

export class Dialogue {
  readonly smtp: SMTPConnection;
  readonly #patience: Patience;
  #stage: ConnectStage = 'greeting';
  #gone: Trouble | undefined;
  #settle: ((trouble: Trouble) => void) | undefined;
  #socket: Socket | undefined;
  #heard = 0;
  #utf8 = false;
  readonly #onData = (octets: Buffer) => this.#hear(octets.length);

  constructor(smtp: SMTPConnection, clock: Clock) {
    this.smtp = smtp;
    this.#patience = new Patience(clock, (waited) => {
      this.cut('ETIMEDOUT', `the server said nothing for ${Math.round(waited / 1000)} s`);
    });
  }

  get stage(): ConnectStage {
    return this.#stage;
  }

  /** Why it ended; undefined while it goes on. */
  get gone(): Trouble | undefined {
    return this.#gone;
  }

  get socket(): Socket | undefined {
    const socket = this.smtp._socket;
    return socket === false || socket === null ? undefined : socket;
  }

  /** The server's last answer. */
  get answer(): string {
    return this.smtp.lastServerResponse || '';
  }

  /** Watches the connection; to be called once, before anything is asked. */
  begin(socket: Socket): void {
    this.smtp.on('error', (error: Trouble) => this.#over(error));
    // With a 421, nodemailer closes first and says why right after.
    this.smtp.on('end', () => {
      queueMicrotask(() => this.#over(coded('ECLOSED', 'the server closed the connection')));
    });
    this.#watch(socket);
    const commands = this.smtp as unknown as Commands;
    const write = commands._sendCommand.bind(this.smtp);
    commands._sendCommand = (command, logged) => {
      this.#onCommand(command);
      write(this.#extended(command), logged);
    };
  }

  /** Asks one thing, and waits for the end of it. */
  ask<T>(wait: Wait, begin: (done: Callback<T>) => void): Promise<Result<T | undefined, Trouble>> {
    if (this.#gone !== undefined) return Promise.resolve(failed(this.#gone));
    return new Promise((resolve) => {
      this.#settle = (trouble) => {
        this.#settle = undefined;
        this.#patience.rest();
        resolve(failed(trouble));
      };
      this.wait(wait);
      begin((error, value) => {
        // It has ended meanwhile, and was answered.
        if (this.#settle === undefined) return;
        if (error) return this.#settle(error);
        this.#settle = undefined;
        this.#patience.rest();
        resolve(ok(value));
      });
    });
  }

  /** From now on something else is waited for, within what was asked. */
  wait({ quiet, most }: Wait): void {
    this.#patience.begin(quiet, most);
  }

  /** Nothing is waited for: it is our turn, and takes its time. */
  rest(): void {
    this.#patience.rest();
  }

  /** The next MAIL carries SMTPUTF8 (RFC 6531 §3.4). nodemailer says it only when an address is not
   * ASCII, but a header section may need it, too. */
  withUtf8(utf8: boolean): void {
    this.#utf8 = utf8;
  }

  /** Ends at once: what is written and not sent yet is never sent. */
  cut(code: string, why: string): void {
    const trouble = coded(code, why);
    this.socket?.destroy();
    this.smtp.close();
    this.#over(trouble);
  }

  /** Ends; politely (RFC 5321 §4.1.1.10), but without waiting for an answer. */
  end(): void {
    if (this.#gone === undefined && !this.smtp.destroyed) this.smtp.quit();
    this.smtp.close();
    this.#over(coded('ECLOSED', 'the connection was closed'));
  }

  #over(trouble: Trouble): void {
    this.#gone ??= trouble;
    this.#patience.stop();
    this.#settle?.(trouble);
  }

  #onCommand(command: string): void {
    this.#heard = 0;
    const verb = /^[A-Z]+/.exec(command)?.[0] ?? '';
    if (verb === 'STARTTLS') this.#stage = 'tls';
    else if (verb === 'EHLO' || verb === 'HELO') this.#stage = 'hello';
    else if (verb === 'AUTH') this.#stage = 'sign-in';
    // After STARTTLS it is another one.
    const { socket } = this;
    if (socket !== undefined && socket !== this.#socket) this.#watch(socket);
  }

  #watch(socket: Socket): void {
    this.#socket?.off('data', this.#onData);
    this.#socket = socket;
    socket.on('data', this.#onData);
  }

  #hear(octets: number): void {
    this.#patience.alive();
    this.#heard += octets;
    if (this.#heard > answerOctets) this.cut('EPROTOCOL', 'the server does not stop talking');
  }

  #extended(command: string): string {
    const add = this.#utf8 && command.startsWith('MAIL FROM:') && !/ SMTPUTF8\b/.test(command);
    return add ? `${command} SMTPUTF8` : command;
  }
}

export function coded(code: string, message: string): Trouble {
  return Object.assign(new Error(message), { code });
}
