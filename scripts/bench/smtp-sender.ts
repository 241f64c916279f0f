/*
 * Sends letters of our own making by SMTP over several sessions, each kept open, every step
 * awaited. smtp-source measures speed; this is for the rows where the letters' content matters
 * (what packs, what is large) and for filling mailboxes (`pipelined`: MAIL, RCPT and DATA at once).
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface Sending {
  readonly port: number;
  readonly sessions: number;
  /** Where each letter goes; asked once per letter. */
  readonly recipient: (number: number) => string;
  readonly pipelined?: boolean;
}

/** Sends them all; the number of letters that were accepted. Throws at the first refusal. */
export async function send(letters: Iterable<Buffer>, sending: Sending): Promise<number> {
  const source = letters[Symbol.iterator]();
  let sent = 0;
  const session = async () => {
    const client = await SmtpClient.open(sending.port);
    for (let next = source.next(); next.done !== true; next = source.next()) {
      sent += 1;
      await client.send(next.value, sending.recipient(sent - 1), sending.pipelined ?? false);
    }
    await client.close();
  };
  await Promise.all(Array.from({ length: sending.sessions }, session));
  return sent;
}

export class SmtpClient {
  readonly #socket: Socket;
  #received = '';
  #waiting: { expect: string; resolve: () => void; reject: (error: Error) => void }[] = [];

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => this.#take(text));
    socket.on('error', (error) => this.#failAll(error));
    socket.on('close', () => this.#failAll(new Error('the server closed the connection')));
  }

  /** Connects, greets, and stands ready for MAIL. */
  static async open(port: number): Promise<SmtpClient> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const client = new SmtpClient(socket);
    const greeting = client.#reply('220');
    await once(socket, 'connect');
    await greeting;
    await client.command('EHLO bench.example.org', '250');
    return client;
  }

  command(text: string, expect: string): Promise<void> {
    const reply = this.#reply(expect);
    this.#socket.write(`${text}\r\n`);
    return reply;
  }

  async send(letter: Buffer, recipient: string, pipelined: boolean): Promise<void> {
    const steps: [string, string][] = [
      ['MAIL FROM:<grandmother@example.org>', '250'],
      [`RCPT TO:<${recipient}>`, '250'],
      ['DATA', '354'],
    ];
    if (pipelined) {
      const replies = steps.map(([, expect]) => this.#reply(expect));
      this.#socket.write(steps.map(([text]) => `${text}\r\n`).join(''));
      await Promise.all(replies);
    } else {
      for (const [text, expect] of steps) await this.command(text, expect);
    }
    const accepted = this.#reply('250');
    this.#socket.write(letter);
    this.#socket.write('.\r\n');
    await accepted;
  }

  async close(): Promise<void> {
    await this.command('QUIT', '221');
    this.drop();
  }

  /** Leaves without QUIT. */
  drop(): void {
    this.#waiting = [];
    this.#socket.destroy();
  }

  #reply(expect: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ expect, resolve, reject });
    });
  }

  #take(text: string): void {
    this.#received += text;
    for (;;) {
      const end = this.#received.indexOf('\r\n');
      if (end < 0) return;
      const line = this.#received.slice(0, end);
      this.#received = this.#received.slice(end + 2);
      if (line[3] === '-') continue; // more lines of this reply follow
      const waiting = this.#waiting.shift();
      if (waiting === undefined) continue;
      if (line.startsWith(waiting.expect)) waiting.resolve();
      else waiting.reject(new Error(`wanted ${waiting.expect}, got: ${line}`));
    }
  }

  #failAll(error: Error): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}
