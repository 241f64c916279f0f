/*
 * A browser, as far as the web ports see one: keeps the cookie, says where a form is from, follows
 * nothing by itself. What a hostile one sends is said octet by octet (net-peer.ts).
 */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type IncomingMessage, request as plainRequest, type RequestOptions } from 'node:http';
import { request as secureRequest } from 'node:https';
import type { TestBox } from './box.ts';
import { NetPeer } from './net-peer.ts';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

export class Browser {
  readonly #box: TestBox;
  readonly ca: string;
  cookie: string | undefined;

  private constructor(box: TestBox, ca: string) {
    this.#box = box;
    this.ca = ca;
  }

  static async open(box: TestBox): Promise<Browser> {
    return new Browser(box, await readFile(box.caFile, 'utf8'));
  }

  get host(): string {
    return `localhost:${this.#box.ports.webs}`;
  }

  get origin(): string {
    return `https://${this.host}`;
  }

  /** The same machine, without the cookie. */
  stranger(): Browser {
    return new Browser(this.#box, this.ca);
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.ask({ path, headers });
  }

  /** Over plain http. */
  async plain(path: string, options: RequestOptions = {}): Promise<Answer> {
    const port = this.#box.ports.web;
    return answerOf(plainRequest({ host: '127.0.0.1', port, path, agent: false, ...options }), '');
  }

  post(path: string, form: Record<string, string>, headers: Record<string, string> = {}) {
    const body = new URLSearchParams(form).toString();
    return this.ask(
      {
        ...{ path, method: 'POST' },
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          'content-length': String(body.length),
          origin: this.origin,
          ...headers,
        },
      },
      body,
    );
  }

  async ask(options: RequestOptions, body: string | Buffer = ''): Promise<Answer> {
    const answer = await answerOf(this.begin(options), body);
    const set = answer.headers['set-cookie']?.[0]?.split(';')[0];
    if (set !== undefined) this.cookie = set.endsWith('=') ? undefined : set;
    return answer;
  }

  /** A request that is not ended yet. */
  begin({ headers, ...options }: RequestOptions) {
    const cookie = this.cookie === undefined ? {} : { cookie: this.cookie };
    return secureRequest({
      ...{ host: '127.0.0.1', servername: 'localhost', port: this.#box.ports.webs, ca: this.ca },
      ...{ agent: false, headers: { host: this.host, ...cookie, ...headers }, ...options },
    });
  }

  /** A connection on which everything can be said. */
  dial(): Promise<NetPeer> {
    const { webs } = this.#box.ports;
    return NetPeer.dialTls(webs, { ca: this.ca, servername: 'localhost' });
  }

  /** Says exactly this on a connection of its own, and hears all that comes. */
  async say(text: string): Promise<string> {
    const peer = await this.dial();
    peer.say(text);
    return peer.hearEnd();
  }
}

export async function answerOf(
  asked: ReturnType<typeof plainRequest>,
  body: string | Buffer,
): Promise<Answer> {
  asked.end(body);
  // The box may answer, and close, before everything is sent.
  asked.on('error', () => {});
  const ended = once(asked, 'close').then(() => undefined);
  const answer: IncomingMessage | undefined = await Promise.race([
    once(asked, 'response').then(([response]) => response),
    ended,
  ]);
  if (answer === undefined) throw new Error('the box closed without an answer');
  const pieces: Buffer[] = [];
  for await (const piece of answer) pieces.push(piece);
  const text = Buffer.concat(pieces).toString();
  return { status: answer.statusCode ?? 0, headers: answer.headers, text };
}
