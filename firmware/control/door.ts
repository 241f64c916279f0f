/*
 * The door: HTTP with JSON and server-sent events on a Unix socket in the data directory. Only the
 * box's own user can open the socket (0600), so there is no password here. It is not for the
 * network: the web pages have a door of their own. A second door may stand elsewhere, for a process
 * of another user that is not to ask everything (rules).
 */
import { chmod, unlink } from 'node:fs/promises';
import type {
  Server as HttpServer,
  IncomingMessage,
  RequestListener,
  ServerResponse,
} from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import { Allowance } from '#base/allowance';
import { type Clock, pause } from '#base/clock';
import type { Log } from '#base/log';
import { failed, ok, type Result, refusal, trouble } from '#base/result';
import {
  answerFailure,
  answerResult,
  bodyOf,
  readBody,
  reportOf,
  sendEvents,
  sendOctets,
} from './answers.ts';
import type { Box } from './box.ts';
import { fromRequest, type Routed, verbAt } from './routes.ts';
import type { BoxVerb, Call, Verb } from './verb.ts';

/** Few verbs take anything longer; it keeps a mistaken client from filling the memory. */
const longestBody = 64 * 1024;
/** What the bodies of all requests together may have in memory, in octets. */
const mostBodies = 4 * 1024 * 1024;
/** How long (ms) a box that stops waits for answers; `verify` alone may take minutes. */
const lastAnswers = 500;
/** Connections at one time, and of them those that only listen. */
const mostConnections = 64;
const mostFollowers = 32;

/** What may be asked at a door. */
export interface DoorRules {
  /** Of the socket. */
  readonly mode: number;
  mayAsk(verb: Verb, call: Call): Promise<Result<unknown>>;
}

const ownersDoor: DoorRules = { mode: 0o600, mayAsk: async () => ok(undefined) };

export class Door {
  readonly #path: string;
  readonly #verbs: readonly Verb[];
  readonly #box: Box;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #rules: DoorRules;
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  readonly #followers = new Set<ServerResponse>();
  readonly #answering = new Set<Promise<void>>();
  readonly #bodyRoom = new Allowance(mostBodies);
  #http: HttpServer | undefined;

  constructor(
    path: string,
    verbs: readonly Verb[],
    box: Box,
    clock: Clock,
    log: Log,
    rules: DoorRules = ownersDoor,
  ) {
    this.#path = path;
    this.#verbs = verbs;
    this.#box = box;
    this.#clock = clock;
    this.#log = log;
    this.#rules = rules;
    this.#server = createServer((socket) => this.#welcome(socket));
    this.#server.maxConnections = mostConnections;
  }

  /** Opens the socket. Who calls holds the data directory's lock,
   * so a socket there is a dead box's. */
  async start(): Promise<void> {
    await unlink(this.#path).catch(() => {});
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#path, resolve);
    });
    await chmod(this.#path, this.#rules.mode);
  }

  /** Lets answers that are under way out, for a moment, and closes; also on who does not read. */
  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const response of this.#followers) response.end();
    await Promise.race([Promise.all(this.#answering), pause(this.#clock, lastAnswers)]);
    for (const socket of this.#open) socket.destroySoon();
    await Promise.race([closed, pause(this.#clock, lastAnswers)]);
    for (const socket of this.#open) socket.destroy();
    await closed;
  }

  /**
   * HTTP is loaded when somebody first knocks. `import 'node:http'` would cost 12 MB, for a
   * module's namespace touches every export, and one of them is a WebSocket client; asked for like
   * this it costs 2 MB (measured on 26.10).
   */
  #welcome(socket: Socket): void {
    // A message may be long, and the disk slow; what came before it may not take long.
    const limits = { requestTimeout: 600_000, headersTimeout: 10_000, keepAliveTimeout: 5_000 };
    this.#http ??= process.getBuiltinModule('node:http').createServer(limits, this.#answer);
    this.#open.add(socket);
    socket.once('close', () => this.#open.delete(socket));
    this.#http.emit('connection', socket);
  }

  readonly #answer: RequestListener = (request, response) => {
    const answering = this.#serve(request, response).catch((bug: unknown) => {
      this.#log.error('A verb failed by a fault in the program', { stack: stackOf(bug) });
      const say = 'The box made a mistake; its log has more.';
      answerFailure(response, refusal('bug', say), 500);
    });
    this.#answering.add(answering);
    void answering.finally(() => this.#answering.delete(answering));
  };

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '/';
    const type = request.headers['content-type'];
    const named = verbAt(path, this.#verbs);
    const takes = named?.runs === 'box' ? named.takes : undefined;
    const isOctets =
      takes !== undefined && type?.split(';')[0]?.trim().toLowerCase() === takes.type;
    const longest = (named?.runs === 'box' ? named.longestBody : undefined) ?? longestBody;
    const body = isOctets ? 'octets' : await readBody(request, longest, this.#bodyRoom);
    if (body === 'cut off') return;
    if (body === 'too long') {
      answerFailure(response, refusal('usage', 'The body is too long.'), 413);
      return;
    }
    if (body === 'no room') {
      const say = 'Others are asking too much just now; ask again.';
      answerFailure(response, trouble('busy', say, say));
      return;
    }
    const method = request.method === 'GET' ? 'GET' : 'POST';
    const given = body === 'octets' ? body : body.text;
    const routed = fromRequest({ method, path, body: given }, this.#verbs);
    const allowed = routed.ok
      ? await this.#rules.mayAsk(routed.value.verb, routed.value.call)
      : routed;
    if (!routed.ok || !allowed.ok) {
      answerResult(response, allowed);
      return;
    }
    const { verb, call } = routed.value;
    this.#log.debug('Asked on the control socket', { verb: verb.words.join(' ') });
    if (body === 'octets' && takes !== undefined) {
      answerResult(response, await takes.run(call, this.#box, bodyOf(request)));
    } else await this.#run(routed.value, response);
  }

  async #run({ verb, call }: Routed, response: ServerResponse): Promise<void> {
    if (verb.runs === 'octets') {
      const opened = await verb.open(call, this.#box);
      if (!opened.ok) answerFailure(response, opened.error);
      else {
        const failure = await sendOctets(response, opened.value, this.#clock);
        if (failure !== undefined) this.#log.warn(failure.say, { verb: verb.words.join(' ') });
      }
    } else if (verb.runs === 'box' && verb.follow !== undefined && call.flags.has('follow')) {
      this.#follow(verb, call, response);
    } else if (verb.runs === 'box' && verb.runTelling !== undefined && call.flags.has('progress')) {
      const tell = sendEvents(response);
      const told = await verb.runTelling(call, this.#box, (progress) => tell({ progress }));
      tell(told.ok ? { answer: told.value ?? null } : { error: reportOf(told.error).error });
      response.end();
    } else answerResult(response, await runInBox(verb, call, this.#box));
  }

  #follow(verb: BoxVerb, call: Call, response: ServerResponse): void {
    if (this.#followers.size >= mostFollowers) {
      const say = `${mostFollowers} programs are listening to the box already.`;
      answerFailure(response, trouble('busy', say, say));
      return;
    }
    this.#followers.add(response);
    const following = verb.follow?.(call, this.#box, sendEvents(response));
    response.once('close', () => {
      following?.[Symbol.dispose]();
      this.#followers.delete(response);
    });
  }
}

/** Runs a verb in the box: here for HTTP, and the way for any other door. */
export async function runInBox(verb: Verb, call: Call, box: Box): Promise<Result<unknown>> {
  switch (verb.runs) {
    case 'box':
      return verb.run(call, box);
    case 'either':
      return verb.run(call, box.maintenance);
    case 'octets':
      return failed(refusal('usage', 'Its answer is octets: ask with the command line, or HTTP.'));
    case 'command-line':
      throw new Error(`${verb.words.join(' ')} does not run in the box`);
  }
}

function stackOf(bug: unknown): string {
  return bug instanceof Error ? (bug.stack ?? bug.message) : String(bug);
}
