/*
 * The open folder of an IMAP source. Messages are named by unique-id in every command (RFC 9051
 * §2.3.1.1): sequence numbers change under way. Nothing here sets a flag but \Deleted, when a message
 * is removed; bodies are read by BODY.PEEK. On Gmail a message lies in several folders under as many
 * unique-ids, and its settings decide whether removing it deletes or archives it.
 */
import type { FetchMessageObject, FetchQueryObject, MailboxObject } from 'imapflow';
import { failed, ok, type Result } from '#base/result';
import type { Listed, OpenFolder, Receiver, UpstreamTrouble } from '../upstream.ts';
import type { Conversation, ImapTrouble, Size, Wait } from './conversation.ts';
import { Fetching } from './fetching.ts';
import { headerOctets, type ImapWaits, setOctets } from './limits.ts';
import { listing } from './listing.ts';
import type { News } from './news.ts';
import { upstreamTroubleOf } from './troubles.ts';
import { uidNumber, uidSets } from './uid-sets.ts';

type Got<T = void> = Promise<Result<T, UpstreamTrouble>>;

/** Asks for rows of FETCH, one after the other; who takes one may make the server wait. */
export type AskRows = (
  uids: string,
  query: FetchQueryObject,
  size: Size,
  take: (row: FetchMessageObject) => void | Promise<void>,
) => Promise<Result<void, ImapTrouble>>;

export class ImapFolder implements OpenFolder {
  readonly identity: string;
  readonly messages: number;
  readonly uidNext?: number;
  readonly modseq?: string;
  readonly #conversation: Conversation;
  readonly #news: News;
  readonly #wait: Wait;
  readonly #mailbox: MailboxObject;
  readonly #fetching: Fetching;

  private constructor(
    conversation: Conversation,
    news: News,
    { quiet, most }: ImapWaits,
    mailbox: MailboxObject,
  ) {
    this.#conversation = conversation;
    this.#news = news;
    this.#wait = { quiet, most };
    this.#mailbox = mailbox;
    this.identity = String(mailbox.uidValidity);
    this.messages = mailbox.exists;
    if (mailbox.uidNext) this.uidNext = mailbox.uidNext;
    if (mailbox.highestModseq) this.modseq = String(mailbox.highestModseq);
    this.#fetching = new Fetching((...asked) => this.#rows(...asked));
  }

  static of(
    conversation: Conversation,
    news: News,
    waits: ImapWaits,
    mailbox: MailboxObject,
  ): Result<ImapFolder, UpstreamTrouble> {
    if (mailbox.exists === undefined) {
      return failed({ kind: 'broken', detail: 'the server does not say what the folder holds' });
    }
    // RFC 9051 §2.3.1.1: without it a unique-id means nothing in the next session.
    if (!mailbox.uidValidity) {
      return failed({ kind: 'refused', detail: 'the folder has no UIDVALIDITY' });
    }
    return ok(new ImapFolder(conversation, news, waits, mailbox));
  }

  list(from: number): AsyncIterable<Result<readonly Listed[], UpstreamTrouble>> {
    this.#news.forget();
    return listing((...asked) => this.#rows(...asked), from, this.messages, this.uidNext);
  }

  async has(uid: string): Got<boolean> {
    const number = uidNumber(uid);
    if (number === undefined) return ok(false);
    let there = false;
    const asked = await this.#rows(uid, { uid: true }, small, (row) => {
      if (row.uid === number) there = true;
    });
    return asked.ok ? ok(there) : failed(upstreamTroubleOf(asked.error));
  }

  async header({ uid }: Listed): Got<Buffer | undefined> {
    const number = uidNumber(uid);
    let header: Buffer | undefined;
    const query = { uid: true, bodyParts: [{ key: 'HEADER', maxLength: headerOctets }] };
    if (number !== undefined) {
      const asked = await this.#rows(uid, query, { responses: 1, octets: headerOctets }, (row) => {
        if (row.uid === number && row.headers) header = row.headers;
      });
      if (!asked.ok) return failed(upstreamTroubleOf(asked.error));
    }
    if (header !== undefined) return ok(header.subarray(0, headerOctets));
    return failed({ kind: 'refused', detail: 'the message is not there any more' });
  }

  fetch(messages: readonly Listed[], receive: (message: Listed) => Receiver): Got {
    return this.#fetching.fetch(messages, receive);
  }

  /** Without UIDPLUS, EXPUNGE removes all that are marked; so it is only sent when none but these
   * are. Otherwise they stay, marked, and that is said. */
  async remove(messages: readonly Listed[]): Got {
    const uids = messages.flatMap(({ uid }) => uidNumber(uid) ?? []).sort((a, b) => a - b);
    if (uids.length === 0) return ok(undefined);
    if (this.#mailbox.readOnly) {
      return failed({ kind: 'refused', detail: 'the server opens the folder for reading only' });
    }
    const { client } = this.#conversation;
    // RFC 4315
    if (this.#conversation.offers('UIDPLUS')) {
      for (const { text } of uidSets(uids, uids.length, setOctets)) {
        const removed = await this.#change(() => client.messageDelete(text, byUid));
        if (!removed.ok) return removed;
      }
      return ok(undefined);
    }
    return this.#removeAllMarked(uids);
  }

  async #removeAllMarked(uids: readonly number[]): Got {
    const { client } = this.#conversation;
    let last = '';
    for (const { text } of uidSets(uids, uids.length, setOctets)) {
      const marked = await this.#change(() => client.messageFlagsAdd(text, ['\\Deleted'], byUid));
      if (!marked.ok) return marked;
      last = text;
    }
    const found = await this.#ask(() => client.search({ deleted: true }, { uid: true }));
    if (!found.ok) return found;
    const ours = new Set(uids);
    const marked = found.value || undefined;
    if (!marked?.every((uid) => ours.has(uid))) {
      const detail =
        'other messages are marked as deleted, too, and the server can only remove all at once ' +
        '(no UIDPLUS): ours are marked, and stay';
      return failed({ kind: 'refused', detail });
    }
    if (marked.length === 0) return ok(undefined);
    return this.#change(() => client.messageDelete(last, byUid));
  }

  /** imapflow says false where the server said no. */
  async #change(run: () => Promise<boolean>): Got {
    const asked = await this.#ask(run);
    if (!asked.ok) return asked;
    if (asked.value) return ok(undefined);
    return failed({ kind: 'refused', detail: 'the server does not remove messages here' });
  }

  async #ask<T>(run: () => Promise<T>): Got<T> {
    const asked = await this.#conversation.ask(this.#wait, async () => {
      this.#mustBeOpen();
      return run();
    });
    return asked.ok ? asked : failed(upstreamTroubleOf(asked.error));
  }

  #mustBeOpen(): void {
    if (this.#conversation.client.mailbox !== this.#mailbox) throw notOpen;
  }

  #rows(...[uids, query, size, take]: Parameters<AskRows>): ReturnType<AskRows> {
    const conversation = this.#conversation;
    return conversation.ask({ ...this.#wait, ...size }, async () => {
      this.#mustBeOpen();
      for await (const row of conversation.client.fetch(uids, query, { uid: true })) {
        // It was told already.
        if (conversation.gone !== undefined) return;
        const taken = take(row);
        if (taken !== undefined) {
          conversation.rests();
          await taken;
        }
        conversation.hears();
      }
    });
  }
}

const small: Size = { responses: 1, octets: 0 };
const byUid = { uid: true, silent: true } as const;

/** As if the server had said so. */
const notOpen: ImapTrouble = Object.assign(new Error(), {
  responseStatus: 'NO' as const,
  responseText: 'another folder was opened meanwhile',
});
