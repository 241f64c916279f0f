/*
 * The two ends of a light page over node:http: the body of a request, whole and short, and an answer
 * with the fields that every answer carries.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { safetyFields } from './headers.ts';
import type { LightAnswer } from './light/route.ts';
import { hasBody } from './request.ts';

/** What a light page takes by POST. */
const longestForm = 16 * 1024;

export function send(
  request: IncomingMessage,
  response: ServerResponse,
  answer: LightAnswer,
): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const body = Buffer.from(answer.body ?? '');
  response.writeHead(answer.status, {
    ...safetyFields(false),
    ...answer.headers,
    'content-length': String(body.length),
    // What was not read of a request is not waited for.
    ...(request.complete || !hasBody(request) ? {} : { connection: 'close' }),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

/** The whole body; undefined: it is too long, or its browser has gone. (Leaving an iterator would
 * end the connection before anything could be said.) */
export function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  if (!hasBody(request)) return Promise.resolve(Buffer.alloc(0));
  if (Number(request.headers['content-length'] ?? 0) > longestForm) {
    return Promise.resolve(undefined);
  }
  return new Promise((resolve) => {
    const pieces: Buffer[] = [];
    let octets = 0;
    request.on('data', (piece: Buffer) => {
      octets += piece.length;
      if (octets <= longestForm) pieces.push(piece);
      else {
        request.pause();
        resolve(undefined);
      }
    });
    request.once('end', () => resolve(Buffer.concat(pieces)));
    request.once('error', () => resolve(undefined));
    request.once('close', () => resolve(undefined));
  });
}
