/*
 * The web ports: plain http, which explains and leads on, and https, which shows the light pages
 * itself and passes everything else that the owner asks for on to Node-RED. It performs what judge.ts
 * decides. HTTP is loaded when somebody first knocks: an idle box pays nothing for its pages.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from '#base/clock';
import type { Log } from '#base/log';
import { ok, type Result } from '#base/result';
import { type Endpoint, Listener, type ListenTrouble } from '#net/listener';
import { plainAddress } from '#net/peer';
import { machineAddresses } from '#net/tls/names';
import { readBody, send } from './answering.ts';
import { keysIn } from './cookie.ts';
import type { FlowsPower } from './flows/flows-power.ts';
import { safetyFields } from './headers.ts';
import { type Host, type OwnNames, withPort } from './host.ts';
import { type Decision, type GateFacts, judge, type RequestFacts } from './judge.ts';
import { type FlowsPageWords, flowsPage, offPage } from './light/flows-pages.ts';
import { go, lead, trouble } from './light/page.ts';
import type { LightRoute } from './light/route.ts';
import { passageTrouble, refusalPage } from './light/trouble-pages.ts';
import { type PassagePorts, type Passing, passOn, passUpgrade } from './passage.ts';
import { factsOf, hasBody } from './request.ts';
import type { Sessions } from './sessions.ts';
import type { Target } from './target.ts';
import type { Visit, Visits } from './visits.ts';
import { answerWithoutTls } from './without-tls.ts';

export interface GatePorts {
  readonly visits: Visits;
  readonly sessions: Sessions;
  readonly routes: readonly LightRoute[];
  readonly flows: FlowsPower;
  readonly passage: PassagePorts;
  /** DNS names of the box. */
  readonly names: () => readonly string[];
  readonly facts: () => Pick<GateFacts, 'owned' | 'run' | 'editor'>;
  readonly words: FlowsPageWords;
  readonly clock: Clock;
  readonly log: Log;
}

/** One of the two ports. */
export interface GatePlan {
  readonly setting: 'web.port' | 'webs.port';
  readonly port: number;
  readonly hosts: readonly string[];
  readonly secure: boolean;
}

/** A head that is longer is no browser's. */
const longestHead = 16 * 1024;
/** How long (ms) a form or a script waits for Node-RED to start, so that nothing typed is lost. */
const startPatience = 90_000;
/** What a live page has not read yet (octets) before it is let go. */
const mostUnread = 256 * 1024;
/** How often (ms) a live page hears that it is still connected. */
const heartbeat = 25_000;

export class Gate {
  readonly #ports: GatePorts;
  #listeners: Listener[] = [];
  #server: Server | undefined;
  /** Web sockets of the editor. */
  readonly #editing = new Set<Socket>();

  constructor(ports: GatePorts) {
    this.#ports = ports;
  }

  async listen(plan: GatePlan): Promise<Result<readonly Endpoint[], ListenTrouble>> {
    const name = plan.secure ? 'webs' : 'web';
    const listener = new Listener(
      { ...plan, protocol: { name } },
      (socket) => this.#welcome(socket, plan),
      this.#ports.log,
    );
    const started = await listener.start();
    if (!started.ok) return started;
    this.#listeners.push(listener);
    return ok(started.value);
  }

  /** After a change of the settings: who was let into the editor is out when that is shut. */
  look(): void {
    if (!this.#ports.facts().editor) for (const socket of this.#editing) socket.destroy();
  }

  stop(): void {
    for (const listener of this.#listeners) listener.stop();
    this.#listeners = [];
    this.#ports.visits.stop();
  }

  #welcome(socket: Socket, { secure, port }: GatePlan): void {
    const { visits } = this.#ports;
    const serve = (ready: Socket) =>
      visits.guard(socket, () => void this.#http.emit('connection', ready));
    const withoutTls = (begin: Buffer) => {
      const own = this.#ownNames(socket);
      const [name = 'localhost'] = own.names;
      return answerWithoutTls(begin, own, withPort({ name, text: name }, port, 443));
    };
    visits.guard(socket, () => visits.welcome(socket, { serve, ...(secure && { withoutTls }) }));
  }

  /** See control/door.ts for why it is loaded like this. Its own timeouts are off, for they work
   * on listeners of its own alone: visits.ts has all of them. */
  get #http(): Server {
    if (this.#server !== undefined) return this.#server;
    const server = process.getBuiltinModule('node:http').createServer({
      ...{ maxHeaderSize: longestHead, requireHostHeader: false, insecureHTTPParser: false },
      ...{ requestTimeout: 0, headersTimeout: 0, keepAliveTimeout: 0 },
      shouldUpgradeCallback: ({ headers }) => headers.upgrade?.toLowerCase() === 'websocket',
    });
    server.on('request', (request, response) => this.#receive(request, response));
    server.on('upgrade', (request, _socket, head) => {
      this.#ports.visits.guard(request.socket, () => this.#upgrade(request, head));
    });
    server.on('clientError', (error, socket) => this.#malformed(error, socket as Socket));
    this.#server = server;
    return server;
  }

  /** RFC 9110 §15.5.1, RFC 6585 §5: what cannot be read is answered in one line, and closed. */
  #malformed(error: NodeJS.ErrnoException, socket: Socket): void {
    if (!socket.writable || error.code === 'ECONNRESET') {
      socket.destroy();
      return;
    }
    // What came before is being answered, and a second answer would be taken for that one.
    if (this.#ports.visits.of(socket)?.busy !== false) {
      socket.destroySoon();
      return;
    }
    const status = error.code === 'HPE_HEADER_OVERFLOW' ? '431 Too Long' : '400 Bad Request';
    const answer = `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`;
    socket.end(answer, () => socket.destroy());
  }

  #receive(request: IncomingMessage, response: ServerResponse): void {
    const visit = this.#ports.visits.of(request.socket);
    if (visit === undefined || visit.next !== undefined) {
      request.socket.destroy();
      return;
    }
    if (visit.busy) {
      // The answer before may have reached the browser a moment before we hear that it has. Browsers
      // send no more than this one (pipelining, RFC 9112 §9.3.2), so that one waits, and no second.
      visit.next = () => this.#receive(request, response);
      return;
    }
    const { clock, log } = this.#ports;
    visit.busy = true;
    visit.enter('answer', clock.elapsed());
    // Who is told something after leaving: an event that nobody heard would end the box.
    response.on('error', () => response.destroy());
    response.once('close', () => {
      const { next } = visit;
      visit.busy = false;
      visit.next = undefined;
      visit.enter('head', clock.elapsed());
      next?.();
    });
    this.#serve(request, response, visit).catch((bug: unknown) => {
      const stack = bug instanceof Error ? bug.stack : String(bug);
      log.error('A page failed by a fault in the program. Please report it.', { stack });
      const say = 'The box made a mistake; its log has more. Nothing of the mail is touched by it.';
      send(request, response, trouble(500, 'Something went wrong', say));
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse, visit: Visit): Promise<void> {
    const session = this.#sessionOf(request);
    const facts = this.#factsOf(request, session, false);
    const decision = this.#judge(request, facts);
    switch (decision.do) {
      case 'refuse':
        send(request, response, refusalPage(decision));
        return;
      case 'go':
        send(request, response, go(decision.to));
        return;
      case 'lead':
        send(request, response, lead(decision.to));
        return;
      case 'say-off':
        send(request, response, offPage(this.#ports.words));
        return;
      case 'answer':
        await this.#answer(decision.route, request, response, { facts, visit, session });
        return;
      case 'pass':
        await this.#pass(request, response, {
          ...{ visit, session, editor: decision.editor, facts },
          ...wellFormed(facts),
        });
        return;
    }
  }

  async #answer(
    route: LightRoute,
    request: IncomingMessage,
    response: ServerResponse,
    about: { facts: RequestFacts; visit: Visit; session: string | undefined },
  ): Promise<void> {
    const { facts, visit, session } = about;
    const { clock } = this.#ports;
    if (hasBody(request)) visit.enter('body', clock.elapsed());
    const body = await readBody(request);
    if (body === undefined) {
      send(request, response, trouble(413, 'Too long', 'What was sent is longer than a form is.'));
      return;
    }
    visit.enter('answer', clock.elapsed());
    const answer = await route.answer({
      ...{ secure: facts.secure, method: facts.method, host: facts.host, session, body },
      path: facts.target?.path ?? '/',
      query: facts.target?.query ?? new URLSearchParams(),
      address: visit.address,
    });
    const { follow } = answer;
    if (follow === undefined || facts.method === 'HEAD') send(request, response, answer);
    else this.#follow(follow, response, session);
  }

  /** Server-sent events, until the browser leaves or its session ends. */
  #follow(
    follow: (tell: (event: unknown) => void) => Disposable,
    response: ServerResponse,
    session: string | undefined,
  ): void {
    const { sessions, clock } = this.#ports;
    response.writeHead(200, {
      ...safetyFields(false),
      ...{ 'content-type': 'text/event-stream', 'cache-control': 'no-store' },
    });
    response.flushHeaders();
    const say = (text: string) => {
      // Who does not keep up costs memory that mail needs.
      if (response.writableLength > mostUnread) response.destroy();
      else if (!response.writableEnded && !response.destroyed) response.write(text);
    };
    const beat = () => {
      // As an event, so that the page can tell a silence from a connection that is gone.
      say('event: beat\ndata: 1\n\n');
      beating = clock.after(heartbeat, beat);
    };
    let beating = clock.after(heartbeat, beat);
    const following = follow((event) => say(`data: ${JSON.stringify(event)}\n\n`));
    const ending = sessions.whenEnded(session ?? '', () => response.end());
    // Somebody looks, such as at a tablet on the wall.
    const held = sessions.hold(session ?? '');
    response.once('close', () => {
      held[Symbol.dispose]();
      beating[Symbol.dispose]();
      following[Symbol.dispose]();
      ending[Symbol.dispose]();
    });
  }

  async #pass(
    request: IncomingMessage,
    response: ServerResponse,
    passing: Passing & { visit: Visit; session: string | undefined; facts: RequestFacts },
  ): Promise<void> {
    const { flows, words, clock, passage, sessions } = this.#ports;
    using _entered = flows.enter();
    const isPage = request.method === 'GET' && (passing.facts.mode ?? 'navigate') === 'navigate';
    const place = isPage ? `${passing.target.path}${passing.target.search}` : '/';
    using _ending = sessions.whenEnded(passing.session ?? '', () => response.destroy());
    request.once('end', () => passing.visit.enter('answer', clock.elapsed()));
    const http = process.getBuiltinModule('node:http');
    // Twice, when it is gone though it was ready: nobody's form is lost by that.
    for (const _try of ['first', 'again']) {
      const isThere = flows.condition.kind === 'ready';
      if (!isThere && (isPage || !(await flows.ready(startPatience)))) break;
      if (response.destroyed) return;
      if (hasBody(request)) passing.visit.enter('body', clock.elapsed());
      const end = await passOn(http, passage, passing, request, response);
      if (end === 'done' || response.headersSent) return;
      if (end !== 'refused') {
        send(request, response, passageTrouble[end]);
        return;
      }
      flows.lost();
      passing.visit.enter('answer', clock.elapsed());
    }
    send(request, response, flowsPage(flows.outlook, place, words));
  }

  #upgrade(request: IncomingMessage, head: Buffer): void {
    const { visits, clock, flows, sessions, passage } = this.#ports;
    const { socket } = request;
    const visit = visits.of(socket);
    const refuse = (status: number) => {
      const lines = [`HTTP/1.1 ${status} Refused`, 'connection: close', 'content-length: 0'];
      if (socket.writable) socket.end(`${lines.join('\r\n')}\r\n\r\n`, () => socket.destroy());
      else socket.destroy();
    };
    socket.on('error', () => socket.destroy());
    if (visit === undefined || visit.busy) {
      socket.destroy();
      return;
    }
    const session = this.#sessionOf(request);
    const facts = this.#factsOf(request, session, true);
    const decision = this.#judge(request, facts);
    if (decision.do !== 'pass' || session === undefined) {
      refuse(decision.do === 'refuse' ? decision.status : 404);
      return;
    }
    const entered = flows.enter();
    socket.once('close', () => entered[Symbol.dispose]());
    if (flows.condition.kind !== 'ready') {
      refuse(503);
      return;
    }
    visit.busy = true;
    visit.enter('socket', clock.elapsed());
    const ending = sessions.whenEnded(session, () => socket.destroy());
    const held = sessions.hold(session);
    if (decision.editor) this.#editing.add(socket);
    socket.once('close', () => {
      this.#editing.delete(socket);
      ending[Symbol.dispose]();
      held[Symbol.dispose]();
    });
    const passing = { editor: decision.editor, ...wellFormed(facts) };
    passUpgrade(process.getBuiltinModule('node:http'), passage, passing, request, head, refuse);
  }

  #factsOf(request: IncomingMessage, session: string | undefined, upgrade: boolean): RequestFacts {
    const secure = 'encrypted' in request.socket && request.socket.encrypted === true;
    return factsOf(request, { secure, signedIn: session !== undefined, upgrade });
  }

  #judge(request: IncomingMessage, facts: RequestFacts): Decision {
    const { routes, facts: gateFacts, log } = this.#ports;
    const own = this.#ownNames(request.socket);
    const decision = judge(facts, { ...gateFacts(), own, routes });
    if (decision.do === 'refuse') {
      const { status, say } = decision;
      log.debug('A request was refused', { status, say, path: facts.target?.path });
    }
    return decision;
  }

  #ownNames({ localAddress = '' }: Socket): OwnNames {
    const addresses = [...machineAddresses(), plainAddress(localAddress)];
    return { names: this.#ports.names(), addresses };
  }

  /** Only what came encrypted is believed. */
  #sessionOf(request: IncomingMessage): string | undefined {
    if (!('encrypted' in request.socket)) return undefined;
    const { sessions } = this.#ports;
    return keysIn(request.headers.cookie).find((key) => sessions.see(key));
  }
}

/** What the judge has looked at before it lets anything pass. */
function wellFormed({ target, host }: RequestFacts): { target: Target; host: string } {
  if (target === undefined || host === undefined) throw new Error('this request was to be refused');
  return { target, host: hostText(host) };
}

function hostText({ text }: Host): string {
  return text;
}
