/*
 * The port upstream.ts over POP3: a server that has signed us in (../pop3-upstream.ts), with its one
 * maildrop. Messages that were marked are removed by `close`, by its QUIT, and only when the server
 * says +OK to that (RFC 1939 §6); `abort`, and every connection that breaks, removes nothing.
 */
import { failed, ok, type Result } from '#base/result';
import { inWords } from '#protocol/pop3/client/answer';
import { quit } from '#protocol/pop3/client/commands/connection';
import { dele } from '#protocol/pop3/client/commands/marking';
import type {
  Listed,
  OpenFolder,
  Receiver,
  Upstream,
  UpstreamFacts,
  UpstreamTrouble,
} from '../upstream.ts';
import type { Pop3Dialogue } from './dialogue.ts';
import { heads } from './heads.ts';
import { type Pop3Waits, pageMessages } from './limits.ts';
import { brokenBy, listed, type Naming } from './listing.ts';
import { Requests } from './requests.ts';
import { Pop3Retrieval } from './retrieval.ts';

type Got<T = void> = Promise<Result<T, UpstreamTrouble>>;

export interface Pop3Terms {
  /** As STAT said after the sign-in; RFC 1939 §4: nothing is added during a session. */
  readonly messages: number;
  readonly pipelining: boolean;
  readonly naming: Naming;
  /** `unsure`: CAPA does not say it, and it was not tried. */
  readonly top: 'works' | 'unsure' | 'none';
  readonly waits: Pop3Waits;
}

export class Pop3Upstream implements Upstream {
  readonly facts: UpstreamFacts;
  readonly #dialogue: Pop3Dialogue;
  readonly #maildrop: Pop3Maildrop;
  readonly #waits: Pop3Waits;

  constructor(dialogue: Pop3Dialogue, facts: UpstreamFacts, terms: Pop3Terms) {
    this.facts = facts;
    this.#dialogue = dialogue;
    this.#waits = terms.waits;
    this.#maildrop = new Pop3Maildrop(dialogue, terms);
  }

  async open(folder: string): Got<OpenFolder> {
    if (this.#dialogue.gone !== undefined) return failed(brokenBy(this.#dialogue.gone));
    if (folder === '') return ok(this.#maildrop);
    return failed({ kind: 'refused', detail: 'POP3 has no folders' });
  }

  async folderNames(): Got<readonly string[]> {
    return ok([]);
  }

  /** POP3 tells nothing by itself; a session is not kept open to wait. */
  async changed(until: AbortSignal): Got<'changed' | 'quiet'> {
    const quiet = new Promise<'quiet'>((resolve) => {
      if (until.aborted) resolve('quiet');
      until.addEventListener('abort', () => resolve('quiet'), { once: true });
    });
    const first = await Promise.race([quiet, this.#dialogue.ended()]);
    return first === 'quiet' ? ok(first) : failed(brokenBy(first));
  }

  async close(): Got {
    const { update, quit: short } = this.#waits;
    const said = await this.#dialogue.ask(quit, this.#maildrop.marked ? update : short);
    this.#dialogue.close();
    if (!said.ok) return failed(brokenBy(said.error));
    // RFC 1939 §6: "-ERR some deleted messages not removed"
    return said.value.positive
      ? ok(undefined)
      : failed({ kind: 'refused', detail: inWords(said.value) });
  }

  abort(): void {
    this.#dialogue.cut({ code: 'ABORTED', detail: 'it was given up' });
  }
}

class Pop3Maildrop implements OpenFolder {
  readonly identity = '';
  readonly messages: number;
  readonly #dialogue: Pop3Dialogue;
  readonly #terms: Pop3Terms;
  #top: Pop3Terms['top'];
  #marked = false;

  constructor(dialogue: Pop3Dialogue, terms: Pop3Terms) {
    this.#dialogue = dialogue;
    this.#terms = terms;
    this.#top = terms.top;
    this.messages = terms.messages;
  }

  /** Some message is to be removed at QUIT. */
  get marked(): boolean {
    return this.#marked;
  }

  /** `from` means something to IMAP only. */
  async *list(): AsyncIterable<Result<readonly Listed[], UpstreamTrouble>> {
    const all = await listed(this.#dialogue, this.#terms);
    if (!all.ok) {
      yield all;
      return;
    }
    let page: Listed[] = [];
    for (const message of all.value) {
      page.push(message);
      if (page.length < pageMessages) continue;
      yield ok(page);
      page = [];
    }
    if (page.length > 0) yield ok(page);
  }

  async has(uid: string): Got<boolean> {
    const all = await listed(this.#dialogue, this.#terms);
    if (!all.ok) return all;
    for (const message of all.value) if (message.uid === uid) return ok(true);
    return ok(false);
  }

  async header({ number }: Listed): Got<Buffer | undefined> {
    if (this.#top === 'none') return ok(undefined);
    const { pipelining, waits } = this.#terms;
    let found: Result<Buffer | undefined, UpstreamTrouble> = ok(undefined);
    const terms = { numbers: [number], pipelining, wait: waits.answer };
    const ended = await heads(this.#dialogue, terms, (_, head) => {
      // A server that never said that it knows TOP says that it does not.
      if (!head.ok && this.#top === 'unsure') this.#top = 'none';
      else if (!head.ok) found = failed({ kind: 'refused', detail: inWords(head.error) });
      else {
        this.#top = 'works';
        found = head;
      }
    });
    return ended.ok ? found : failed(brokenBy(ended.error));
  }

  async fetch(messages: readonly Listed[], receive: (message: Listed) => Receiver): Got {
    const { gone } = this.#dialogue;
    if (gone !== undefined) return failed(brokenBy(gone));
    if (messages.length === 0) return ok(undefined);
    const { pipelining, waits } = this.#terms;
    const retrieval = new Pop3Retrieval(this.#dialogue, messages, pipelining, receive);
    retrieval.begin();
    const ended = await this.#dialogue.until(waits.answer, (event) => retrieval.take(event));
    if (!ended.ok) return failed(brokenBy(ended.error));
    const { putOff } = retrieval;
    return putOff === undefined ? ok(undefined) : failed({ kind: 'later', detail: putOff });
  }

  /** Asks for all, and tells of the first refusal. */
  async remove(messages: readonly Listed[]): Got {
    const { gone } = this.#dialogue;
    if (gone !== undefined) return failed(brokenBy(gone));
    if (messages.length === 0) return ok(undefined);
    const { pipelining, waits } = this.#terms;
    const command = ({ number }: Listed) => dele(number);
    const requests = new Requests({ things: messages, pipelining, command, octets: () => 0 });
    let refused: string | undefined;
    this.#marked = true;
    this.#dialogue.send(requests.due());
    const ended = await this.#dialogue.until(waits.answer, (event) => {
      if (event.kind !== 'answer') return 'more';
      if (!event.answer.positive) refused ??= inWords(event.answer);
      requests.answered();
      if (requests.done) return 'done';
      this.#dialogue.send(requests.due());
      return 'more';
    });
    if (!ended.ok) return failed(brokenBy(ended.error));
    return refused === undefined ? ok(undefined) : failed({ kind: 'refused', detail: refused });
  }
}
