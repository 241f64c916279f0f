/*
 * New messages in the open folder, as the server tells of them: by IDLE (RFC 2177), begun anew well
 * before its time and before a router forgets the connection, or by NOOP every few minutes where
 * IDLE is not offered. What it tells while other things are done is kept, so that none is missed.
 */
import type { Clock } from '#base/clock';
import { failed, ok, type Result } from '#base/result';
import type { Conversation, ImapTrouble } from './conversation.ts';
import type { ImapWaits } from './limits.ts';

export class News {
  readonly #conversation: Conversation;
  readonly #clock: Clock;
  readonly #waits: ImapWaits;
  #idles: boolean;
  #told = false;
  #wake: (() => void) | undefined;

  constructor(conversation: Conversation, clock: Clock, waits: ImapWaits) {
    this.#conversation = conversation;
    this.#clock = clock;
    this.#waits = waits;
    const { client } = conversation;
    this.#idles = conversation.offers('IDLE');
    client.on('exists', ({ count, prevCount }) => {
      if (count <= (prevCount ?? 0)) return;
      this.#told = true;
      this.#wake?.();
    });
    client.on('close', () => this.#wake?.());
  }

  /** All that is there is about to be listed. */
  forget(): void {
    this.#told = false;
  }

  async wait(until: AbortSignal): Promise<Result<'changed' | 'quiet', ImapTrouble>> {
    for (;;) {
      const { gone } = this.#conversation;
      if (gone !== undefined) return failed(gone);
      if (this.#told) {
        this.#told = false;
        return ok('changed');
      }
      if (until.aborted) return ok('quiet');
      await (this.#idles ? this.#idle(until) : this.#poll(until));
    }
  }

  async #idle(until: AbortSignal): Promise<void> {
    const { client } = this.#conversation;
    const { idle, quiet } = this.#waits;
    let woken = false;
    const wait = { quiet: idle + quiet, most: idle + 2 * quiet };
    const asked = await this.#conversation.ask(wait, async () => {
      const idling = client.idle();
      woken = await Promise.race([
        this.#sleep(idle, until).then(() => true),
        idling.then(() => false),
      ]);
      // Breaks IDLE (DONE), and shows that the server is there.
      if (woken) await client.noop();
      await idling;
    });
    // Who ends IDLE unasked, or refuses it, would do so all the time.
    if (!asked.ok || !woken) this.#idles = false;
  }

  async #poll(until: AbortSignal): Promise<void> {
    const { poll, quiet, most } = this.#waits;
    await this.#sleep(poll, until);
    if (until.aborted) return;
    await this.#conversation.ask({ quiet, most }, () => this.#conversation.client.noop());
  }

  /** Until there is news, the connection ends, `until` is aborted, or so long. */
  #sleep(ms: number, until: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        this.#wake = undefined;
        until.removeEventListener('abort', wake);
        alarm[Symbol.dispose]();
        resolve();
      };
      this.#wake = wake;
      until.addEventListener('abort', wake, { once: true });
      const alarm = this.#clock.after(ms, wake);
      if (until.aborted || this.#told || this.#conversation.gone !== undefined) wake();
    });
  }
}
