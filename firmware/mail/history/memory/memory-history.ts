/*
 * Histories without a disk: the readable model that SqliteHistory is compared with. Forgets lines
 * of one message beyond what it may have, and no message.
 */
import type { Clock } from '#base/clock';
import { ok, type Result } from '#base/result';
import type { MessageId } from '../../ids.ts';
import type { StoreTrouble } from '../../store/store.ts';
import {
  type Beginning,
  type History,
  linesOfMessage,
  type MessageHistory,
  shortestName,
} from '../history.ts';

type Found<T> = Promise<Result<T, StoreTrouble>>;

export class MemoryHistory implements History {
  readonly #clock: Clock;
  readonly #histories = new Map<MessageId, MessageHistory>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Called by the store when a message is committed. */
  begin(message: MessageId, { name, addresses, say, at }: Beginning): void {
    this.#histories.set(message, { message, name, addresses, lines: [{ at, say }] });
  }

  note(messages: readonly MessageId[], say: string): void {
    for (const message of messages) {
      const { name = '', addresses = [], lines = [] } = this.#histories.get(message) ?? {};
      const [first, ...others] = [...lines, { at: this.#clock.now(), say }];
      if (first === undefined) continue;
      const kept = [first, ...others.slice(1 - linesOfMessage)];
      this.#histories.set(message, { message, name, addresses, lines: kept });
    }
  }

  async byName(name: string): Found<MessageHistory | undefined> {
    const found = this.#newestFirst().filter((one) => one.name !== '' && one.name.startsWith(name));
    const only = found.length === 1 && name.length >= shortestName;
    return ok(found.find((one) => one.name === name) ?? (only ? found[0] : undefined));
  }

  async of(message: MessageId): Found<MessageHistory | undefined> {
    return ok(this.#histories.get(message));
  }

  async ofAddress(key: string, count: number): Found<MessageHistory[]> {
    const found = this.#newestFirst().filter(({ addresses }) => addresses.includes(key));
    return ok(found.slice(0, count));
  }

  #newestFirst(): MessageHistory[] {
    return [...this.#histories.values()].sort((one, other) => other.message - one.message);
  }
}
