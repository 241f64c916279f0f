/*
 * A plain SMTP sender and POP3 reader for load and power-cut tests: they know which messages the
 * box has acknowledged, and ask what is there afterwards.
 */
import { NetPeer } from './net-peer.ts';

/** A connection that sends messages one after the other. */
export class SmtpSender {
  readonly #peer: NetPeer;

  private constructor(peer: NetPeer) {
    this.#peer = peer;
  }

  static async dial(port: number): Promise<SmtpSender> {
    const sender = new SmtpSender(await NetPeer.dial(port));
    await sender.#reply();
    await sender.#ask('EHLO load.example\r\n');
    return sender;
  }

  /** Sends a message; its last reply ('250 ...', '452 ...'), or undefined when the line was lost. */
  async send(to: string, message: string): Promise<string | undefined> {
    const commands = `MAIL FROM:<load@example.com>\r\nRCPT TO:<${to}>\r\nDATA\r\n`;
    const sender = await this.#ask(commands);
    const recipient = await this.#reply();
    const data = await this.#reply();
    if (!data?.startsWith('354')) {
      return [sender, recipient, data].find((reply) => reply === undefined || reply[0] !== '2');
    }
    return this.#ask(`${message}\r\n.\r\n`);
  }

  hangUp(): void {
    this.#peer.socket.destroy();
  }

  #ask(text: string): Promise<string | undefined> {
    if (!this.#peer.closed) this.#peer.say(text);
    return this.#reply();
  }

  /** The last line of the next reply. */
  async #reply(): Promise<string | undefined> {
    for (;;) {
      const line = await this.#line();
      if (line === undefined || line[3] === ' ') return line;
    }
  }

  async #line(): Promise<string | undefined> {
    const peer = this.#peer;
    while (!peer.heard.includes('\r\n')) {
      if (peer.closed) return undefined;
      await new Promise<void>((resolve) => {
        const done = () => {
          peer.socket.off('data', done).off('close', done);
          resolve();
        };
        peer.socket.once('data', done).once('close', done);
      });
      // The peer's own listener gathers what came before this one is called, or right after it.
      await new Promise((resolve) => setImmediate(resolve));
    }
    return (await peer.hear('\r\n')).slice(0, -2);
  }
}

/** All messages of a maildrop, as POP3 gives them. */
export async function collect(port: number, user: string, password: string): Promise<string[]> {
  const peer = await NetPeer.dial(port);
  const ask = async (command: string, end: string): Promise<string> => {
    peer.say(`${command}\r\n`);
    const heard = await peer.hear(end);
    if (!heard.startsWith('+OK')) throw new Error(`${command}: ${heard}`);
    return heard;
  };
  await peer.hear('\r\n');
  await ask(`USER ${user}`, '\r\n');
  await ask(`PASS ${password}`, '\r\n');
  const [, count] = (await ask('STAT', '\r\n')).split(' ');
  const messages: string[] = [];
  for (let number = 1; number <= Number(count); number += 1) {
    messages.push(await ask(`RETR ${number}`, '\r\n.\r\n'));
  }
  await ask('QUIT', '\r\n');
  return messages;
}
