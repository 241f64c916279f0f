/*
 * Folders by the names that people write: INBOX in any case, levels divided by '/', letters of any
 * script (imapflow does the modified UTF-7 of RFC 3501 §5.1.3), or a special use ('\Sent', RFC 6154)
 * whatever the folder is called. Names are never guessed: 'Sent' is a folder called Sent.
 */
import type { MailboxObject } from 'imapflow';
import { failed, ok, type Result } from '#base/result';
import type { UpstreamTrouble } from '../upstream.ts';
import type { Conversation, ImapTrouble, Wait } from './conversation.ts';
import type { ImapWaits } from './limits.ts';
import { upstreamTroubleOf } from './troubles.ts';

export class FolderNames {
  readonly #conversation: Conversation;
  readonly #wait: Wait;

  constructor(conversation: Conversation, { quiet, most }: ImapWaits) {
    this.#conversation = conversation;
    this.#wait = { quiet, most };
  }

  /** SELECT, never EXAMINE: messages may have to be removed. */
  async open(name: string): Promise<Result<MailboxObject, UpstreamTrouble>> {
    const { client } = this.#conversation;
    const path = name.startsWith('\\') ? await this.#inUse(name) : ok(name);
    if (!path.ok) return path;
    let opened = await this.#select(path.value);
    const delimiter = client.namespace?.delimiter ?? '/';
    if (!opened.ok && opened.error.mailboxMissing && delimiter !== '/' && name.includes('/')) {
      opened = await this.#select(name.split('/'));
    }
    if (opened.ok) return opened;
    if (opened.error.mailboxMissing) {
      return failed({ kind: 'absent', detail: `there is no folder ${name}` });
    }
    const trouble = upstreamTroubleOf(opened.error);
    // Exchange has no code for it; the collector's manners.test.ts has where it was met.
    const isForNow = /\b(?:service|server) unavailable\b|\bnot connected\b/i.test(trouble.detail);
    return failed(trouble.kind === 'refused' && isForNow ? { ...trouble, kind: 'later' } : trouble);
  }

  /** Those that can hold messages. */
  async all(): Promise<Result<readonly string[], UpstreamTrouble>> {
    const listed = await this.#list();
    return listed.ok ? ok(listed.value.map(({ path }) => path)) : listed;
  }

  #select(path: string | string[]): Promise<Result<MailboxObject, ImapTrouble>> {
    return this.#conversation.ask(this.#wait, () => this.#conversation.client.mailboxOpen(path));
  }

  async #inUse(use: string): Promise<Result<string, UpstreamTrouble>> {
    const listed = await this.#list();
    if (!listed.ok) return listed;
    const wanted = use.toLowerCase();
    const found = listed.value.find(({ specialUse }) => specialUse?.toLowerCase() === wanted);
    if (found !== undefined) return ok(found.path);
    return failed({ kind: 'absent', detail: `there is no folder for the use ${use}` });
  }

  async #list() {
    const { client } = this.#conversation;
    const listed = await this.#conversation.ask(this.#wait, () => client.list());
    if (!listed.ok) return failed(upstreamTroubleOf(listed.error));
    return ok(listed.value.filter(({ flags }) => !flags.has('\\Noselect')));
  }
}
