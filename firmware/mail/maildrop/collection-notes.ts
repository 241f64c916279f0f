/*
 * What a session with a maildrop tells the history of its messages: collected, deleted, or marked
 * for deletion by a client that left without saying so. One call for many messages, and only the
 * first collection in a session counts, so that RETR costs a push into a list.
 */
import type { History } from '../history/history.ts';
import type { MessageId } from '../ids.ts';
import type { MaildropHolder } from '../maildrop.ts';

/** Messages that are noted together. */
const batchMessages = 64;

export class CollectionNotes {
  readonly #history: Pick<History, 'note'>;
  readonly #holder: MaildropHolder;
  readonly #messages: number;
  /** One octet a message; made with the first, for most sessions collect nothing. */
  #noted: Uint8Array | undefined;
  #waiting: MessageId[] = [];

  /** `messages`: how many the maildrop has. */
  constructor(history: Pick<History, 'note'>, holder: MaildropHolder, messages: number) {
    this.#history = history;
    this.#holder = holder;
    this.#messages = messages;
  }

  collected(index: number, message: MessageId): void {
    this.#noted ??= new Uint8Array(this.#messages);
    if (this.#noted[index] !== 0) return;
    this.#noted[index] = 1;
    this.#waiting.push(message);
    if (this.#waiting.length >= batchMessages) this.flush();
  }

  deleted(messages: readonly MessageId[]): void {
    this.flush();
    this.#history.note(messages, `shelved: deleted by ${this.#who} by ${this.#how}`);
  }

  /** The deletions were asked for properly, and the store could not. */
  notDeleted(messages: readonly MessageId[], why: string): void {
    this.flush();
    this.#history.note(messages, `not deleted, though ${this.#who} asked for it: ${why}`);
  }

  /** The session ended, and nobody had said that the marks are to count (RFC 1939 §6). */
  forgotten(messages: readonly MessageId[]): void {
    this.flush();
    const count = messages.length === 1 ? '1 deletion' : `${messages.length} deletions`;
    this.#history.note(messages, `${this.#who} left without QUIT: ${count} not carried out`);
  }

  /** Hands on what waits. */
  flush(): void {
    if (this.#waiting.length === 0) return;
    const { login, password } = this.#holder.identity;
    const whose = password === 'main' ? login : `${login}, ${password}`;
    this.#history.note(this.#waiting, `fetched by ${this.#how} (${whose})`);
    this.#waiting = [];
  }

  /** "Ann's iPad", when that is a password of its own; else the account. */
  get #who(): string {
    const { login, password } = this.#holder.identity;
    return password === 'main' ? login : password;
  }

  get #how(): string {
    return `${this.#holder.protocol} from ${this.#holder.address}`;
  }
}
