/*
 * smtp-sink as the provider: it takes every message, keeps none, and counts them. Both sides speak
 * to it as it is, on loopback without TLS and without a password.
 */
import { freePort, Program, waitForGreeting, waitUntil } from './processes.ts';

export class Sink {
  #port = 0;
  #program: Program | undefined;

  get port(): number {
    return this.#port;
  }

  async start(): Promise<void> {
    this.#port = await freePort();
    const address = `127.0.0.1:${this.#port}`;
    this.#program = new Program('/usr/sbin/smtp-sink', ['-c', '-u', 'nobody', address, '1000']);
    await waitForGreeting(this.#port, this.#program);
  }

  async stop(): Promise<void> {
    await this.#program?.stop();
  }

  /** Messages it has taken so far. */
  get messages(): number {
    const counts = this.#program?.output.match(/(?<=mesg=)\d+(?=\r)/g);
    return Number(counts?.at(-1) ?? 0);
  }

  /** Waits until it has taken so many in all. */
  async taken(messages: number, seconds = 120): Promise<void> {
    await waitUntil(`${messages} messages at the sink`, () => this.messages >= messages, seconds);
  }
}
