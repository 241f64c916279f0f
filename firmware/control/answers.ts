/*
 * What goes over the door in HTTP, either way: bodies, answers, failures, events, octets.
 * Everything here is bounded by what it says itself, whatever the other side sends or leaves
 * unread.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Allowance } from '#base/allowance';
import type { Clock } from '#base/clock';
import { type Failure, failed, ok, type Result, trouble } from '#base/result';
import type { Octets } from './box.ts';
import { statusOf } from './routes.ts';
import type { ErrorReport } from './types.ts';

/** Unread events (octets) that a follower may leave with us; a mail event has some 500. */
const mostUnread = 256 * 1024;
/** How long (ms) octets wait for a reader that takes none. */
const longestWait = 60_000;

/** A body as text, or what was wrong with it. */
export type Body =
  | { readonly text: string }
  | 'too long'
  /** Others have all the room just now. */
  | 'no room'
  /** Nobody waits for an answer any more. */
  | 'cut off';

/** The room is given back by then: a text that was parsed is soon forgotten. */
export async function readBody(
  request: IncomingMessage,
  longest: number,
  room: Allowance,
): Promise<Body> {
  const pieces: Buffer[] = [];
  let octets = 0;
  try {
    for await (const piece of request as AsyncIterable<Buffer>) {
      if (octets + piece.length > longest) return 'too long';
      if (!room.take(piece.length)) return 'no room';
      octets += piece.length;
      pieces.push(piece);
    }
    return { text: Buffer.concat(pieces).toString() };
  } catch {
    return 'cut off';
  } finally {
    room.giveBack(octets);
  }
}

/** The body as it comes. What is cut off ends in a trouble, so that it is never taken for whole. */
export async function* bodyOf(request: IncomingMessage): AsyncGenerator<Result<Uint8Array>> {
  try {
    for await (const piece of request as AsyncIterable<Buffer>) yield ok(piece);
  } catch (error) {
    yield failed(trouble('cut-off', 'The body was cut off; nothing was done.', String(error)));
  }
}

/** Server-sent events (WHATWG HTML, "Server-sent events"): one `data:` line of JSON for each. */
export function sendEvents(response: ServerResponse): (event: unknown) => void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  response.flushHeaders();
  return (event) => {
    if (response.destroyed) return;
    // A reader that does not keep up is let go; it would cost memory that mail needs.
    if (response.writableLength > mostUnread) response.destroy();
    else response.write(`data: ${JSON.stringify(event)}\n\n`);
  };
}

/** Nothing is read faster than it is taken. After a trouble the connection ends before its
 * Content-Length is full, so that nobody takes a part for the whole. */
export async function sendOctets(
  response: ServerResponse,
  { type, octets, pieces }: Octets,
  clock: Clock,
): Promise<Failure | undefined> {
  for await (const piece of pieces) {
    if (!piece.ok) {
      // Nothing was said yet: then it can be said in words.
      if (!response.headersSent) answerFailure(response, piece.error);
      else response.destroy();
      return piece.error;
    }
    if (!response.headersSent) beginOctets(response, type, octets);
    if (response.destroyed) return undefined;
    if (!response.write(piece.value) && !(await drained(response, clock))) {
      response.destroy();
      return undefined;
    }
  }
  if (!response.headersSent) beginOctets(response, type, octets);
  response.end();
  return undefined;
}

function beginOctets(response: ServerResponse, type: string, octets: number): void {
  response.writeHead(200, { 'content-type': type, 'content-length': octets });
}

/** False: the reader is gone, or has taken nothing for too long. */
function drained(response: ServerResponse, clock: Clock): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const goOn = () => resolve(true);
  const giveUp = () => resolve(false);
  response.once('drain', goOn);
  response.once('close', giveUp);
  const alarm = clock.after(longestWait, giveUp);
  return promise.finally(() => {
    alarm[Symbol.dispose]();
    response.off('drain', goOn);
    response.off('close', giveUp);
  });
}

export function answerResult(response: ServerResponse, answer: Result<unknown>): void {
  if (answer.ok) answerJson(response, 200, answer.value);
  else answerFailure(response, answer.error);
}

export function answerFailure(
  response: ServerResponse,
  failure: Failure,
  status = statusOf(failure),
): void {
  answerJson(response, status, reportOf(failure));
}

export function reportOf(failure: Pick<Failure, 'code' | 'say'>): ErrorReport {
  return { error: { code: failure.code, say: failure.say } };
}

function answerJson(response: ServerResponse, status: number, answer: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  // What is left of a body that was not wanted is not read.
  const ends = response.req.complete ? {} : { connection: 'close' };
  response.writeHead(status, { 'content-type': 'application/json', ...ends });
  response.end(`${JSON.stringify(answer ?? null)}\n`);
}
