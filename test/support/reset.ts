/* Ending a connection by a reset (RFC 9293 §3.10.4, ABORT), as a program does that dies. */
import type { Socket } from 'node:net';

/** One that has ended already by itself is only let go: Node keeps a handle for ever that is reset
 * after its shutdown, and cannot end then. */
export function reset(socket: Socket): void {
  if (socket.writableEnded || socket.destroyed) socket.destroy();
  else socket.resetAndDestroy();
}
