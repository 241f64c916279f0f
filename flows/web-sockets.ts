/*
 * Web sockets that nobody takes. A node of Node-RED passes a path over that is not its own, for it may
 * be another's; what nobody takes would lie there until somebody loses patience. Here it gets the answer
 * that the same request would get without its wish for a web socket (RFC 9110 §7.8: a server may
 * ignore that), most often that there is no such page.
 */
import { type IncomingMessage, type Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export function answerUntaken(
  server: Server,
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): void {
  server.on('upgrade', (request) => {
    // The listeners that came later, such as those of a deploy, have had their turn by then.
    queueMicrotask(() => {
      const { socket } = request;
      if (isTaken(socket)) return;
      socket.on('error', () => socket.destroy());
      const response = new ServerResponse(request);
      response.shouldKeepAlive = false;
      response.assignSocket(socket);
      response.once('finish', () => socket.destroySoon());
      answer(request, response);
    });
  });
}

/** Whoever takes a connection over hears its errors from the first moment, or one would end us. */
function isTaken(socket: Socket): boolean {
  return socket.destroyed || socket.bytesWritten > 0 || socket.listenerCount('error') > 0;
}
