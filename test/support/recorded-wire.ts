/* A wire to nobody: what a session sends and asks for is kept for the test to look at. */
import type { Wire } from '#protocol/session';

export class RecordedWire implements Wire {
  lost = false;
  closed = false;
  tlsAsked = false;
  /** Whether `drained` makes the session wait a little, as a slow line would. */
  readonly slow: boolean;
  #sent: Buffer[] = [];

  constructor(slow = false) {
    this.slow = slow;
  }

  send(octets: Uint8Array | string): void {
    if (this.closed) throw new Error('the session sent something after it closed');
    this.#sent.push(typeof octets === 'string' ? Buffer.from(octets) : Buffer.from(octets));
  }

  drained(): Promise<void> | undefined {
    return this.slow ? new Promise((resolve) => setImmediate(resolve)) : undefined;
  }

  startTls(): void {
    this.tlsAsked = true;
  }

  close(): void {
    this.closed = true;
  }

  /** What was sent since the last call. */
  takeSent(): Buffer {
    const sent = Buffer.concat(this.#sent);
    this.#sent = [];
    return sent;
  }
}
