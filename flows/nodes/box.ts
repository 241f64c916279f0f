/*
 * The client of the control socket for these nodes: HTTP over a Unix socket, JSON both ways,
 * server-sent events with reconnection, and messages as streams (firmware/control/README.md,
 * version 1). It throws nothing and logs nothing: what it is handed may hold a password.
 */
import { type IncomingMessage, request } from 'node:http';
import type { ErrorReport } from '#control/types';

export interface Refused {
  /** Stable; 'not-running' when no box answers. */
  readonly code: string;
  /** A sentence for a person. */
  readonly say: string;
}

export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly refused: Refused };

/** Values, flags (true), lists and `secret` of a verb, by their names. */
export type Fields = Readonly<Record<string, string | boolean | readonly string[]>>;

export interface Question {
  /** The verb's words. */
  readonly words: readonly string[];
  /** It only looks: GET. */
  readonly reads: boolean;
  readonly fields?: Fields;
}

/** Octets of an answer; no list is longer. */
const longestAnswer = 16 * 1024 * 1024;

export class BoxClient {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  ask<T = unknown>(question: Question): Promise<Answer<T>> {
    return answered<T>(this.#open(question));
  }

  /** A message as it came, as a stream that ends in an error when the box goes away meanwhile. */
  message(id: string): Promise<Answer<IncomingMessage>> {
    return this.#open({ words: ['mail', 'message'], reads: true, fields: { id } });
  }

  /** Hands in a whole message (RFC 5322). */
  submit<T>(fields: Fields, message: Buffer | string): Promise<Answer<T>> {
    const question = { words: ['mail', 'send'], reads: false, fields };
    return answered<T>(this.#send(question, 'POST', true, 'message/rfc822', message));
  }

  /** Tells each event until `stop`; begins again by itself, sooner at first and then later. */
  follow(question: Question, told: Told): Following {
    return new Following(() => this.#open(question, true), told);
  }

  #open(question: Question, follow = false): Promise<Answer<IncomingMessage>> {
    const fields = follow ? { ...question.fields, follow: true } : question.fields;
    const asked = { ...question, ...(fields === undefined ? {} : { fields }) };
    if (question.reads) return this.#send(asked, 'GET', true);
    return this.#send(asked, 'POST', false, 'application/json', JSON.stringify(fields ?? {}));
  }

  async #send(
    { words, fields = {} }: Question,
    method: string,
    inQuery: boolean,
    type?: string,
    body?: Buffer | string,
  ): Promise<Answer<IncomingMessage>> {
    const path = `/v1/${words.join('/')}${inQuery ? queryOf(fields) : ''}`;
    const headers = type === undefined ? {} : { 'content-type': type };
    const answer = await new Promise<IncomingMessage | NodeJS.ErrnoException>((resolve) => {
      const asking = request({ socketPath: this.#path, path, method, headers, agent: false });
      asking.once('response', resolve);
      asking.once('error', resolve);
      asking.end(body);
    });
    if (answer instanceof Error) return notThere(answer);
    answer.on('error', () => {});
    if (answer.statusCode === 200) return { ok: true, value: answer };
    try {
      const { error } = JSON.parse(await textOf(answer)) as ErrorReport;
      return refused(error.code, error.say);
    } catch {
      return refused('no-answer', 'The box gave an answer that cannot be understood.');
    }
  }
}

export interface Told {
  event(event: unknown): void;
  /** Whether the box is there; `say` when it is not. */
  there(is: boolean, say: string): void;
}

/** How long (ms) to wait before listening again: doubled up to the longest. */
const pauses = { first: 250, longest: 15_000 };

export class Following {
  readonly #open: () => Promise<Answer<IncomingMessage>>;
  readonly #told: Told;
  #stream: IncomingMessage | undefined;
  #timer: NodeJS.Timeout | undefined;
  #pause = pauses.first;
  #stopped = false;

  constructor(open: () => Promise<Answer<IncomingMessage>>, told: Told) {
    this.#open = open;
    this.#told = told;
    void this.#listen();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#stream?.destroy();
  }

  async #listen(): Promise<void> {
    const opened = await this.#open();
    if (this.#stopped) {
      if (opened.ok) opened.value.destroy();
      return;
    }
    if (opened.ok) {
      this.#stream = opened.value;
      this.#told.there(true, '');
      await this.#read(opened.value);
      if (!this.#stopped) this.#told.there(false, 'The box does not answer.');
    } else {
      this.#told.there(false, opened.refused.say);
    }
    if (this.#stopped) return;
    this.#timer = setTimeout(() => void this.#listen(), this.#pause);
    this.#pause = Math.min(this.#pause * 2, pauses.longest);
  }

  async #read(stream: IncomingMessage): Promise<void> {
    stream.setEncoding('utf8');
    let rest = '';
    try {
      for await (const piece of stream as AsyncIterable<string>) {
        const events = (rest + piece).split('\n\n');
        rest = events.pop() ?? '';
        for (const event of events) this.#hear(event);
        if (rest.length > longestAnswer) stream.destroy();
      }
    } catch {
      // The box went away: the same as the end of the events.
    }
  }

  #hear(event: string): void {
    if (!event.startsWith('data: ') || this.#stopped) return;
    // It works again: the next time it breaks, look again soon.
    this.#pause = pauses.first;
    this.#told.event(JSON.parse(event.slice('data: '.length)));
  }
}

async function answered<T>(opening: Promise<Answer<IncomingMessage>>): Promise<Answer<T>> {
  const opened = await opening;
  if (!opened.ok) return opened;
  try {
    return { ok: true, value: JSON.parse(await textOf(opened.value)) as T };
  } catch {
    return refused('no-answer', 'The box ended before it had answered.');
  }
}

function queryOf(fields: Fields): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === 'object') for (const one of value) query.append(name, one);
    else query.append(name, String(value));
  }
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}

async function textOf(stream: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let octets = 0;
  for await (const piece of stream as AsyncIterable<Buffer>) {
    octets += piece.length;
    if (octets > longestAnswer) throw new Error('the answer is too long');
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString();
}

function notThere(error: NodeJS.ErrnoException): Answer<never> {
  const isOff = ['ENOENT', 'ECONNREFUSED', 'ENOTDIR'].includes(error.code ?? '');
  if (isOff) return refused('not-running', 'The box is not running, or is just starting.');
  if (error.code === 'EACCES') return refused('not-yours', 'The box does not let Node-RED ask it.');
  return refused('no-answer', 'The box ended before it had answered.');
}

function refused(code: string, say: string): Answer<never> {
  return { ok: false, refused: { code, say } };
}
