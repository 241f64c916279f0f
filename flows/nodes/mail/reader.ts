/*
 * Reads the mail of an inbox in the order in which it came, at least once each, for the node
 * restante-mail-in. It keeps a cursor that goes forward only when somebody says that a message is
 * dealt with, so a power cut, a restart or a deploy makes it hand the same message out again, under
 * the same id. One message is out at a time: that is the order, and it bounds the memory.
 */
import type { MailReport } from '#control/types';
import type { Answer, BoxClient } from '../box.ts';

/** Where the cursor lies between starts. */
export interface CursorShelf {
  read(): Promise<string | undefined>;
  write(cursor: string): Promise<void>;
}

export interface ReaderTold {
  /** Resolves when the message is dealt with; rejects when it shall come again. */
  message(mail: MailReport): Promise<void>;
  trouble(say: string): void;
  well(): void;
}

export class MailReader {
  readonly #box: BoxClient;
  readonly #account: string;
  readonly #shelf: CursorShelf;
  readonly #told: ReaderTold;
  #cursor: string | undefined;
  #reading = false;
  #again = false;
  #stopped = false;

  /** `account`: '' reads those of all. */
  constructor(box: BoxClient, account: string, shelf: CursorShelf, told: ReaderTold) {
    this.#box = box;
    this.#account = account;
    this.#shelf = shelf;
    this.#told = told;
  }

  stop(): void {
    this.#stopped = true;
  }

  /** Reads on to the end of what is there. Call it again whenever more may be there; and after a
   * while when it answers false, for then something was in the way. */
  async look(): Promise<boolean> {
    if (this.#reading) {
      this.#again = true;
      return true;
    }
    this.#reading = true;
    try {
      let isRead: boolean;
      do {
        this.#again = false;
        isRead = await this.#readOn();
      } while (this.#again && !this.#stopped);
      return isRead || this.#stopped;
    } catch (error) {
      // The cursor cannot be read or kept: the disk is full, for example.
      this.#told.trouble(error instanceof Error ? error.message : String(error));
      return this.#stopped;
    } finally {
      this.#reading = false;
    }
  }

  async #readOn(): Promise<boolean> {
    const begun = await this.#begin();
    if (!begun.ok) {
      this.#told.trouble(begun.refused.say);
      return false;
    }
    for (;;) {
      if (this.#stopped) return true;
      const next = await this.#next();
      if (!next.ok) {
        this.#told.trouble(next.refused.say);
        return false;
      }
      this.#told.well();
      const [mail] = next.value;
      if (mail === undefined || this.#stopped) return true;
      try {
        await this.#told.message(mail);
      } catch {
        // It was not dealt with: it comes again at the next look.
        return false;
      }
      this.#cursor = mail.cursor;
      await this.#shelf.write(mail.cursor);
    }
  }

  /** A reader that is new begins with what comes from now on, and remembers where that was. */
  async #begin(): Promise<Answer<void>> {
    this.#cursor ??= await this.#shelf.read();
    if (this.#cursor !== undefined) return { ok: true, value: undefined };
    const end = await this.#box.ask<{ cursor: string }>({ words: ['mail', 'cursor'], reads: true });
    if (!end.ok) return end;
    this.#cursor = end.value.cursor;
    await this.#shelf.write(end.value.cursor);
    return { ok: true, value: undefined };
  }

  #next(): Promise<Answer<readonly MailReport[]>> {
    const fields = {
      ...(this.#account === '' ? {} : { account: this.#account }),
      ...(this.#cursor ? { after: this.#cursor } : {}),
      count: '1',
    };
    return this.#box.ask({ words: ['mail', 'list'], reads: true, fields });
  }
}
