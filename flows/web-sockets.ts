/*
 * Web sockets that nobody takes. A node of Node-RED passes a path over that is not its own, for it may
 * be another's; what nobody takes lies there for five seconds, and is hung up on without a word. Here
 * it gets the answer that the same request would get without its wish for a web socket (RFC 9110 §7.8:
 * a server may ignore that), most often that there is no such page.
 */
import { type IncomingMessage, type Server, ServerResponse } from 'node:http';

/** Milliseconds for a node that asks somebody else first whether it wants a connection. */
const patience = 1_000;

/** To be called before any node can listen. */
export function answerUntaken(
  server: Server,
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): void {
  server.on('upgrade', (request) => {
    const { socket } = request;
    // While it is nobody's, an error of it would end us.
    socket.on('error', () => socket.destroy());
    const hearers = socket.listenerCount('error');
    setTimeout(() => {
      // Whoever takes a connection over hears its errors, too.
      const isTaken = socket.bytesWritten > 0 || socket.listenerCount('error') > hearers;
      if (isTaken || socket.destroyed) return;
      const response = new ServerResponse(request);
      response.shouldKeepAlive = false;
      response.assignSocket(socket);
      response.once('finish', () => socket.destroySoon());
      answer(request, response);
    }, patience);
  });
}
