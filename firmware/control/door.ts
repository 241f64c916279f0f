/*
 * The door: HTTP with JSON and server-sent events on a Unix socket in the data directory. Only the
 * box's own user can open the socket (0600), so there is no password here. It is not for the
 * network: the web pages have a door of their own.
 */
import { chmod, unlink } from 'node:fs/promises';
import type {
  Server as HttpServer,
  IncomingMessage,
  RequestListener,
  ServerResponse,
} from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import { type Clock, pause } from '#base/clock';
import type { Log } from '#base/log';
import { type Failure, type Result, refusal } from '#base/result';
import type { Box } from './box.ts';
import { fromRequest, statusOf } from './routes.ts';
import type { ErrorReport } from './types.ts';
import type { Call, Verb } from './verb.ts';

/** Nothing a verb takes is longer; it keeps a mistaken client from filling the memory. */
const longestBody = 64 * 1024;
/** How long (ms) a box that stops waits for answers; `verify` alone may take minutes. */
const lastAnswers = 500;

export class Door {
  readonly #path: string;
  readonly #mode: number;
  readonly #verbs: readonly Verb[];
  readonly #box: Box;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  readonly #followers = new Set<ServerResponse>();
  readonly #answering = new Set<Promise<void>>();
  #http: HttpServer | undefined;

  /** `mode`: who may open the socket; its folder may let in a group, besides. */
  constructor(
    path: string,
    verbs: readonly Verb[],
    box: Box,
    clock: Clock,
    log: Log,
    mode: 0o600 | 0o660 = 0o600,
  ) {
    this.#mode = mode;
    this.#path = path;
    this.#verbs = verbs;
    this.#box = box;
    this.#clock = clock;
    this.#log = log;
    this.#server = createServer((socket) => this.#welcome(socket));
  }

  /** Opens the socket. Who calls holds the data directory's lock,
   * so a socket there is a dead box's. */
  async start(): Promise<void> {
    await unlink(this.#path).catch(() => {});
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#path, resolve);
    });
    await chmod(this.#path, this.#mode);
  }

  /** Lets answers that are under way out, for a moment, and closes. */
  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const response of this.#followers) response.end();
    await Promise.race([Promise.all(this.#answering), pause(this.#clock, lastAnswers)]);
    for (const socket of this.#open) socket.destroySoon();
    await closed;
  }

  /**
   * HTTP is loaded when somebody first knocks. `import 'node:http'` would cost 12 MB, for a
   * module's namespace touches every export, and one of them is a WebSocket client; asked for like
   * this it costs 2 MB (measured on 26.10).
   */
  #welcome(socket: Socket): void {
    this.#http ??= process
      .getBuiltinModule('node:http')
      .createServer({ requestTimeout: 10_000, keepAliveTimeout: 5_000 }, this.#answer);
    this.#open.add(socket);
    socket.once('close', () => this.#open.delete(socket));
    this.#http.emit('connection', socket);
  }

  readonly #answer: RequestListener = (request, response) => {
    const answering = this.#serve(request, response).catch((bug: unknown) => {
      this.#log.error('A verb failed by a fault in the program', { stack: stackOf(bug) });
      answerFailure(response, 500, {
        code: 'bug',
        say: 'The box made a mistake; its log has more.',
      });
    });
    this.#answering.add(answering);
    void answering.finally(() => this.#answering.delete(answering));
  };

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request);
    if (body === undefined) {
      answerFailure(response, 413, refusal('usage', 'The body is too long.'));
      return;
    }
    const method = request.method === 'GET' ? 'GET' : 'POST';
    const routed = fromRequest({ method, path: request.url ?? '/', body }, this.#verbs);
    if (!routed.ok) {
      answerFailure(response, statusOf(routed.error), routed.error);
      return;
    }
    const { verb, call } = routed.value;
    this.#log.debug('Asked on the control socket', { verb: verb.words.join(' ') });
    if (verb.runs === 'box' && verb.follow !== undefined && call.flags.has('follow')) {
      const following = verb.follow(call, this.#box, sendEvents(response));
      this.#followers.add(response);
      response.once('close', () => {
        following[Symbol.dispose]();
        this.#followers.delete(response);
      });
      return;
    }
    if (verb.runs === 'box' && verb.runTelling !== undefined && call.flags.has('progress')) {
      const tell = sendEvents(response);
      const told = await verb.runTelling(call, this.#box, (progress) => tell({ progress }));
      tell(told.ok ? { answer: told.value ?? null } : { error: reportOf(told.error).error });
      response.end();
      return;
    }
    const answer = await runInBox(verb, call, this.#box);
    if (answer.ok) answerJson(response, 200, answer.value);
    else answerFailure(response, statusOf(answer.error), answer.error);
  }
}

/** Runs a verb in the box: here for HTTP, and the way for any other door. */
export async function runInBox(verb: Verb, call: Call, box: Box): Promise<Result<unknown>> {
  switch (verb.runs) {
    case 'box':
      return verb.run(call, box);
    case 'either':
      return verb.run(call, box.maintenance);
    case 'command-line':
      throw new Error(`${verb.words.join(' ')} does not run in the box`);
  }
}

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const pieces: Buffer[] = [];
  let octets = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    octets += piece.length;
    if (octets > longestBody) return undefined;
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString();
}

/** Server-sent events (WHATWG HTML, "Server-sent events"): one `data:` line of JSON for each. */
function sendEvents(response: ServerResponse): (event: unknown) => void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  response.flushHeaders();
  return (event) => {
    // A reader that does not keep up is let go; it would cost memory that mail needs.
    if (response.writableLength > 256 * 1024) response.destroy();
    else response.write(`data: ${JSON.stringify(event)}\n\n`);
  };
}

function answerFailure(
  response: ServerResponse,
  status: number,
  failure: Pick<Failure, 'code' | 'say'>,
): void {
  answerJson(response, status, reportOf(failure));
}

function reportOf(failure: Pick<Failure, 'code' | 'say'>): ErrorReport {
  return { error: { code: failure.code, say: failure.say } };
}

function answerJson(response: ServerResponse, status: number, answer: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify(answer)}\n`);
}

function stackOf(bug: unknown): string {
  return bug instanceof Error ? (bug.stack ?? bug.message) : String(bug);
}
