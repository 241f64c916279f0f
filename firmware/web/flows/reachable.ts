/* Does a program listen on this Unix socket? Asked by connecting: a socket's file outlives it. */
import { connect } from 'node:net';

export function takesConnections(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
