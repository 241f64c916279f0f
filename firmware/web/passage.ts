/*
 * Passes a request on to Node-RED's socket, and its answer back: piece by piece, each side as fast
 * as the other reads, with the header fields that headers.ts lets through. A connection for each
 * request, for a Unix socket costs nothing and none can be left in a wrong state. Also web sockets
 * (RFC 6455), once they are judged.
 */
import type { ClientRequest, IncomingMessage, request as Request, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Clock } from '#base/clock';
import { passedBack, passedOn } from './headers.ts';
import type { Target } from './target.ts';

export interface PassagePorts {
  /** Where Node-RED listens. */
  readonly socketPath: string;
  readonly clock: Clock;
}

/** What is passed on. */
export interface Passing {
  readonly target: Target;
  readonly host: string;
  readonly editor: boolean;
}

export type PassageEnd = 'done' | 'refused' | 'broken' | 'late' | 'too-long';

/** The biggest body that is passed on: Node-RED itself takes 5 MB. */
export const longestBody = 6 * 1024 ** 2;
/** How long (ms) Node-RED may think before its answer begins. */
const answerPatience = 120_000;

/**
 * Resolves when it is over. Only after 'done' has the browser been answered; else the caller still
 * can, unless the answer had begun (then its connection is gone). After 'refused' nothing of the
 * body was read, so it can be passed on again.
 */
export function passOn(
  http: { readonly request: typeof Request },
  { socketPath, clock }: PassagePorts,
  passing: Passing,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<PassageEnd> {
  return new Promise((resolve) => {
    const { method } = incoming;
    const headers = headersFor(incoming, passing);
    const path = `${passing.target.path}${passing.target.search}`;
    const request = http.request({
      ...{ socketPath, path, headers, agent: false },
      ...(method === undefined ? {} : { method }),
    });
    let ended: PassageEnd | undefined;
    const end = (how: PassageEnd) => {
      if (ended !== undefined) return;
      ended = how;
      late[Symbol.dispose]();
      if (how !== 'done') request.destroy();
      if (how !== 'done' && outgoing.headersSent) outgoing.destroy();
      resolve(how);
    };
    const late = clock.after(answerPatience, () => end('late'));
    request.on('error', (error: NodeJS.ErrnoException) => end(endOf(error)));
    request.once('response', (answer) => {
      late[Symbol.dispose]();
      answer.on('error', () => end('broken'));
      answer.once('aborted', () => end('broken'));
      if (ended !== undefined) return;
      try {
        outgoing.writeHead(answer.statusCode ?? 502, passedBack(answer.headers, passing.editor));
      } catch {
        // A status or a field that cannot be said, of which a flow may make any.
        end('broken');
        return;
      }
      answer.pipe(outgoing);
    });
    outgoing.once('close', () => {
      end(outgoing.writableFinished ? 'done' : 'broken');
      request.destroy();
    });
    // Not before somebody is there to take it.
    request.once('socket', (socket) => {
      socket.once('connect', () => sendBody(incoming, request, end));
    });
  });
}

/** A web socket, from the handshake on; the browser's half is closed with the other one. */
export function passUpgrade(
  http: { readonly request: typeof Request },
  { socketPath, clock }: PassagePorts,
  passing: Passing,
  incoming: IncomingMessage,
  head: Buffer,
  refuse: (status: number) => void,
): void {
  const { socket } = incoming;
  const headers = { ...headersFor(incoming, passing), connection: 'Upgrade', upgrade: 'websocket' };
  const path = `${passing.target.path}${passing.target.search}`;
  const request = http.request({ socketPath, path, headers, agent: false });
  let upgraded = false;
  const late = clock.after(answerPatience, () => request.destroy());
  socket.once('close', () => {
    late[Symbol.dispose]();
    request.destroy();
  });
  request.on('error', () => {
    if (upgraded) socket.destroy();
    else refuse(502);
  });
  request.once('response', (answer) => {
    answer.resume();
    // Whoever wants a web socket is not led elsewhere.
    const { statusCode = 502 } = answer;
    refuse(statusCode < 400 ? 404 : statusCode);
    request.destroy();
  });
  request.once('upgrade', (answer, other, rest) => {
    upgraded = true;
    late[Symbol.dispose]();
    join(socket, other);
    socket.write(switching(answer));
    if (rest.length > 0) socket.write(rest);
    if (head.length > 0) other.write(head);
    socket.pipe(other);
    other.pipe(socket);
  });
  request.end();
}

function headersFor(incoming: IncomingMessage, { host }: Passing) {
  const headers = passedOn(incoming.headers, host);
  // Said anew for this hop: without it a body of unknown length would have no end.
  if (incoming.headers['transfer-encoding'] !== undefined) headers['transfer-encoding'] = 'chunked';
  return headers;
}

function sendBody(
  incoming: IncomingMessage,
  request: ClientRequest,
  end: (how: PassageEnd) => void,
): void {
  let octets = Number(incoming.headers['content-length'] ?? 0);
  if (octets > longestBody) {
    end('too-long');
    return;
  }
  octets = 0;
  incoming.on('data', (piece: Buffer) => {
    octets += piece.length;
    if (octets > longestBody) end('too-long');
  });
  incoming.on('error', () => request.destroy());
  incoming.pipe(request);
}

/** RFC 6455 §4.2.2, with the fields of the answer that browsers look at. */
function switching({ headers }: IncomingMessage): string {
  const fields = ['sec-websocket-accept', 'sec-websocket-protocol', 'sec-websocket-extensions'];
  const kept = fields.flatMap((name) => {
    const value = headers[name];
    return typeof value === 'string' ? [`${name}: ${value}`] : [];
  });
  const lines = ['HTTP/1.1 101 Switching Protocols', 'upgrade: websocket', 'connection: Upgrade'];
  return `${[...lines, ...kept].join('\r\n')}\r\n\r\n`;
}

/** When one ends, so does the other. */
function join(one: Socket, other: Duplex): void {
  one.on('error', () => other.destroy());
  one.once('close', () => other.destroy());
  other.on('error', () => one.destroy());
  other.once('close', () => one.destroy());
}

function endOf({ code }: NodeJS.ErrnoException): PassageEnd {
  return code === 'ECONNREFUSED' || code === 'ENOENT' ? 'refused' : 'broken';
}
